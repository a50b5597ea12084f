"""The schemas of OCPP 1.6 as tables, validators and plain words."""

import random
import sys
from datetime import UTC, datetime
from importlib import resources
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocpp_verify.errors import WrongInput
from ocpp_verify.ocpp.framing import ERROR_CODES
from ocpp_verify.ocpp.v16 import shapes, strategies
from ocpp_verify.ocpp.v16.fill import Filler, timestamp
from ocpp_verify.ocpp.v16.messages import MESSAGES, PROFILES, Direction, messages_of
from ocpp_verify.ocpp.v16.schemas import Schemas, is_date_time

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DIRECTIONS: tuple[Direction, ...] = ("request", "response")
BOTH = pytest.mark.parametrize("direction", DIRECTIONS)
ALL = pytest.mark.parametrize("action", MESSAGES)
CALM = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def schemas() -> Schemas:
    return Schemas()


def test_the_table_names_the_messages_of_the_schema_files() -> None:
    files = {
        file.name.removesuffix(".json")
        for file in resources.files("ocpp.v16.schemas").iterdir()
        if file.name.endswith(".json")
    }
    assert {action + tail for action in MESSAGES for tail in ("", "Response")} == files
    assert len(MESSAGES) == 39
    assert sum(len(messages_of(profile)) for profile in PROFILES) == 39
    assert len(messages_of("Security")) == 11


def test_published_files_use_no_keyword_that_we_do_not_know(schemas: Schemas) -> None:
    known = {
        "$schema", "$id", "id", "title", "javaType", "definitions", "$ref", "additionalItems",
        "type", "properties", "required", "additionalProperties", "enum", "maxLength", "format",
        "items", "minItems", "multipleOf", "description", "comment",
    }  # fmt: skip

    def keywords(schema: dict[str, Any]) -> set[str]:
        found = set(schema)
        inner = [*schema.get("properties", {}).values(), *schema.get("definitions", {}).values()]
        inner += [schema["items"]] if "items" in schema else []
        return found.union(*(keywords(each) for each in inner))

    for action in MESSAGES:
        for direction in DIRECTIONS:
            assert keywords(shapes.published_schema(action, direction)) <= known


def test_an_unknown_action_is_wrong_input(schemas: Schemas) -> None:
    with pytest.raises(WrongInput, match="`bootNotification`"):
        schemas.fields("bootNotification", "request")


def test_a_stop_transaction_needs_no_reason(schemas: Schemas) -> None:
    published = shapes.published_schema("StopTransaction", "request")
    published["required"] = [*published["required"], "reason"]
    made = shapes.normalised("StopTransaction", "request", published)
    assert "reason" not in made["required"]
    stop = {"meterStop": 1, "timestamp": "2026-01-01T00:00:00Z", "transactionId": 1}
    assert schemas.explain("StopTransaction", "request", stop) == ()


@pytest.mark.parametrize("unit", ["Celsius", "Celcius", "Hertz"])
def test_every_unit_is_accepted_in_both_meter_messages(schemas: Schemas, unit: str) -> None:
    sample = [{"timestamp": "2026-01-01T00:00:00Z", "sampledValue": [{"value": "1", "unit": unit}]}]
    meter = {"connectorId": 1, "meterValue": sample}
    stop = {
        "meterStop": 1,
        "timestamp": "2026-01-01T00:00:00Z",
        "transactionId": 1,
        "transactionData": sample,
    }
    assert schemas.explain("MeterValues", "request", meter) == ()
    assert schemas.explain("StopTransaction", "request", stop) == ()


def test_security_messages_with_references_are_validated(schemas: Schemas) -> None:
    found = schemas.explain("DeleteCertificate", "request", {"certificateHashData": {}})
    assert [each.where for each in found] == [
        "certificateHashData.hashAlgorithm",
        "certificateHashData.issuerKeyHash",
        "certificateHashData.issuerNameHash",
        "certificateHashData.serialNumber",
    ]


def test_what_is_wrong_is_said_in_plain_words(schemas: Schemas) -> None:
    payload = {
        "connectorId": "1",
        "meterValue": [{"timestamp": "today", "sampledValue": [{"value": 1, "phase": 7, "x": 0}]}],
    }
    told = [str(each) for each in schemas.explain("MeterValues", "request", payload)]
    assert told == [
        'connectorId: "1" is no integer',
        "meterValue[0].sampledValue[0].phase: 7 is no string",
        "meterValue[0].sampledValue[0].value: 1 is no string",
        "meterValue[0].sampledValue[0].x: the standard has no such field here",
        'meterValue[0].timestamp: "today" is no ISO 8601 date-time',
    ]


def test_a_limit_counts_in_decimal_tenths(schemas: Schemas) -> None:
    def told(limit: float) -> list[str]:
        schedule = {
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}],
        }
        response = {"status": "Accepted", "chargingSchedule": schedule}
        found = schemas.explain("GetCompositeSchedule", "response", response)
        return [each.constraint for each in found]

    assert [told(limit) for limit in (21.4, 0.3, 16, 1e300)] == [[], [], [], []]
    assert [told(limit) for limit in (21.45, float("inf"))] == [["multipleOf"], ["multipleOf"]]


@pytest.mark.parametrize(
    "payload",
    [None, [], "x", 7, {1: 2}, {"type": "\ud800"}, {"\ud800": 1}, {"type": 10**400}, {"type": b""}],
)
def test_any_value_can_be_judged(schemas: Schemas, payload: object) -> None:
    assert not schemas.validator("Reset", "request").is_valid(payload)
    assert schemas.explain("Reset", "request", payload)


def test_payloads_are_judged_without_the_fast_package_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jsonschema_rs", None)  # makes its import fail
    validator = Schemas().validator("Reset", "request")
    assert validator.is_valid({"type": "Soft"})
    assert not validator.is_valid({"type": "Warm"})


def test_a_value_nested_beyond_reason_is_judged(schemas: Schemas) -> None:
    deep: dict[str, Any] = {}
    for _ in range(50_000):
        deep = {"type": deep}
    assert schemas.explain("Reset", "request", deep)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-02-28T12:00:00Z", True),
        ("2026-02-28T12:00:00.123456+01:00", True),
        ("2026-02-28T12:00:00", True),
        ("20260228T120000Z", True),
        ("2026-02-29T12:00:00Z", False),
        ("2024-02-29T24:00:00Z", True),
        ("2026-02-28", False),
        ("2026-02-28 12:00:00", False),
        ("1772280000", False),
        ("2026-13-01T00:00:00Z", False),
        ("2026-01-01T00:00:00Z\n", False),
        ("", False),
    ],
)
def test_iso_8601_in_its_usual_forms_is_a_date_time(text: str, expected: bool) -> None:
    assert is_date_time(text) is expected


def test_the_outcome_of_a_request_is_found(schemas: Schemas) -> None:
    outcomes = {action: schemas.outcome_field(action) for action in MESSAGES}
    nested = [
        action for action, found in outcomes.items() if found and found.path[0] == "idTagInfo"
    ]
    assert nested == ["Authorize", "StartTransaction", "StopTransaction"]
    assert {action for action, found in outcomes.items() if found is None} == {
        "Heartbeat", "MeterValues", "StatusNotification", "DiagnosticsStatusNotification",
        "FirmwareStatusNotification", "GetDiagnostics", "UpdateFirmware", "GetConfiguration",
        "GetLocalListVersion", "LogStatusNotification", "SecurityEventNotification",
        "SignedFirmwareStatusNotification",
    }  # fmt: skip
    reset = outcomes["Reset"]
    assert reset is not None
    assert reset.values == ("Accepted", "Rejected")


@ALL
@BOTH
def test_every_filled_payload_is_valid(schemas: Schemas, action: str, direction: Direction) -> None:
    for seed in range(5):
        filler = Filler(schemas, random.Random(seed), meter=lambda: 1234)
        payload = filler.fill(action, direction, now=NOON)
        assert schemas.explain(action, direction, payload) == ()
        again = Filler(schemas, random.Random(seed), meter=lambda: 1234)
        assert again.fill(action, direction, now=NOON) == payload
        for field in schemas.fields(action, direction):
            assert (field.name in payload) == field.is_required


def test_what_is_given_is_kept_and_completed(schemas: Schemas) -> None:
    filler = Filler(schemas, random.Random(1))
    given = {
        "idTag": 7,
        "more": True,
        "chargingProfile": {"chargingSchedule": {"chargingSchedulePeriod": [{"limit": 6}]}},
        "chargingProfile.stackLevel": 3,
    }
    made = filler.fill("RemoteStartTransaction", "request", given, now=NOON)
    assert made["idTag"] == 7
    assert made["more"] is True
    profile = made["chargingProfile"]
    assert profile["stackLevel"] == 3
    period = profile["chargingSchedule"]["chargingSchedulePeriod"]
    assert period == [{"startPeriod": 0, "limit": 6}]
    told = {each.where for each in schemas.explain("RemoteStartTransaction", "request", made)}
    assert told == {"idTag", "more"}


def test_times_are_written_in_utc() -> None:
    assert timestamp(datetime.fromisoformat("2026-01-01T01:00:00+01:00")) == (
        "2026-01-01T00:00:00.000Z"
    )
    with pytest.raises(ValueError, match="offset"):
        timestamp(datetime(2026, 1, 1))


@ALL
@BOTH
@CALM
@given(data=st.data())
def test_drawn_payloads_are_valid(
    schemas: Schemas, action: str, direction: Direction, data: st.DataObject
) -> None:
    payload = data.draw(strategies.payloads(schemas, action, direction))
    validator = schemas.validator(action, direction)
    assert validator.explain(payload) == ()
    assert validator.is_valid(payload)


@ALL
@BOTH
@CALM
@given(data=st.data())
def test_drawn_invalid_payloads_break_one_constraint(
    schemas: Schemas, action: str, direction: Direction, data: st.DataObject
) -> None:
    invalid = data.draw(strategies.invalid_payloads(schemas, action, direction))
    found = schemas.explain(action, direction, invalid.payload)
    assert [(each.path, each.constraint) for each in found] == [(invalid.path, invalid.constraint)]
    assert set(invalid.codes) <= set(ERROR_CODES)
    assert bool(invalid.codes) == (direction == "request")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@CALM
@given(data=st.data())
def test_the_fast_check_and_the_reference_agree(schemas: Schemas, data: st.DataObject) -> None:
    action = data.draw(st.sampled_from(sorted(MESSAGES)))
    payload = data.draw(strategies.payloads(schemas, action, "request"))
    if payload:
        payload[data.draw(st.sampled_from(sorted(payload)))] = data.draw(JSON)
    validator = schemas.validator(action, "request")
    assert validator.is_valid(payload) == (validator.explain(payload) == ())
