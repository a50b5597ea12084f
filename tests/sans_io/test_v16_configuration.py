"""Values of configuration keys are text on the wire and typed here."""

import pytest

from ocpp_verify.ocpp.v16.configuration import (
    KeyType,
    Unreadable,
    Value,
    is_same_key,
    is_same_value,
    read_value,
    write_value,
)


@pytest.mark.parametrize(
    ("key_type", "text", "value"),
    [
        ("boolean", "tRuE", True),
        ("boolean", " false ", False),
        ("integer", "060", 60),
        ("integer", "-1", -1),
        ("CSL", "", ()),
        ("CSL", "SoC , Voltage", ("SoC", "Voltage")),
        ("string", " as is ", " as is "),
    ],
)
def test_a_text_is_read_by_its_type(key_type: KeyType, text: str, value: Value) -> None:
    assert read_value(key_type, text) == value


@pytest.mark.parametrize(
    ("key_type", "text"),
    [
        ("boolean", "1"),
        ("boolean", ""),
        ("integer", "1_000"),
        ("integer", "1.0"),
        ("integer", "٣"),  # a digit of another script
        ("integer", "9" * 5000),
    ],
)
def test_other_texts_are_unreadable(key_type: KeyType, text: str) -> None:
    assert isinstance(read_value(key_type, text), Unreadable)


def test_a_value_survives_the_wire() -> None:
    for key_type, value in (("boolean", False), ("integer", 7), ("CSL", ("a", "b"))):
        assert read_value(key_type, write_value(value)) == value


def test_spelling_does_not_make_another_value() -> None:
    assert is_same_value("CSL", "SoC,Voltage", "soc, voltage")
    assert not is_same_value("CSL", "SoC,Voltage", "Voltage,SoC")
    assert is_same_value("boolean", "perhaps", "Perhaps")
    assert is_same_key("HeartbeatInterval", "heartbeatinterval")
