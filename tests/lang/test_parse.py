from __future__ import annotations

from ocpp_verify.lang.parse import parse
from ocpp_verify.lang.parse.tokens import keywords


def codes(text: str) -> list[tuple[str, int]]:
    return [(each.code, each.at.line) for each in parse("x.model", text).diagnostics]


def test_several_syntax_errors_are_reported_in_one_run() -> None:
    text = """profile X
event A() at charger
  when a = b
sort C = 1..2
evnt B() at charger
call C() from charger
  when a && b
charger state ok : bool = true
"""
    assert codes(text) == [("OV003", 3), ("OV007", 5), ("OV005", 7)]


def test_items_that_parse_survive_those_that_do_not() -> None:
    parsed = parse("x.model", "profile X\nsort = 3\ncharger state ok : bool = true\n")
    assert parsed.unit is not None
    assert [item.name.text for item in parsed.unit.items] == ["ok"]  # type: ignore[union-attr]


def test_a_word_that_could_begin_an_item_may_begin_a_line_of_parameters() -> None:
    text = """profile X
sort = 3
call A(x: bool,
       should y: bool) from charger
  reply
"""
    assert codes(text) == [("OV001", 2)]


def test_an_unclosed_bracket_does_not_swallow_the_next_item() -> None:
    text = "profile X\nevent A(x: bool at charger\nsort = 3\n"
    assert codes(text) == [("OV001", 2), ("OV001", 3)]
    text = "profile X\nevent A() at charger\n  when (x\nsort = 3\n"
    assert codes(text) == [("OV002", 3), ("OV001", 4)]


def test_what_is_missing_at_the_end_is_marked_behind_the_last_word() -> None:
    (found,) = parse("x.model", "profile X\nevent A()\n").diagnostics
    assert (found.at.line, found.at.column) == (2, 10)
    assert found.help == "expected `at`"


def test_messages_never_name_a_terminal() -> None:
    for word in (*keywords().values(), "(", ")", "{", "=", ":=", "1", "->", ";", "&&", '"a"'):
        for before in ("profile X\n", "profile X\nevent A() at charger when ", "profile X\nsort "):
            for each in parse("x.model", before + word).diagnostics:
                assert "_" not in each.message + each.help, each
                assert not any(name in each.message + each.help for name in keywords())


def test_all_keywords_are_reserved_everywhere() -> None:
    for word in keywords().values():
        (found,) = parse("x.model", f"profile X\nsort {word} = 1..2\n").diagnostics
        assert found.code == "OV009"


def test_a_byte_order_mark_and_carriage_returns_do_no_harm() -> None:
    from ocpp_verify.lang.load import load_text

    text = "\ufeffprofile X\r\ncharger state ok : bool = true\r\n"
    assert load_text({"x.model": text}).diagnostics == ()


def test_empty_files_are_said_to_be_empty() -> None:
    for text in ("", "\n\n", "# only a comment"):
        (found,) = parse("x.model", text).diagnostics
        assert (found.code, found.message) == ("OV012", "the file is empty")
