from __future__ import annotations

import re
from pathlib import Path

import pytest

from ocpp_verify.lang import checks
from ocpp_verify.lang.format import format_text
from ocpp_verify.lang.load import Loaded
from ocpp_verify.lang.parse import mistakes
from tests.lang.cases import Case, messages, split

CORPUS = Path(__file__).parents[1] / "corpus"
ACCEPTED = sorted((CORPUS / "accepted").glob("*.model"))
REJECTED = sorted((CORPUS / "rejected").glob("*.model"))
ABOUT_FILES = {"OV014", "OV015"}  # no text shows these: tests/lang/test_load.py does


def meaning(loaded: Loaded) -> str:
    """The model and specs without their places."""
    return re.sub(r"Place\([^)]*\)", "", repr((loaded.model, loaded.specs)))


@pytest.mark.parametrize("file", ACCEPTED, ids=lambda file: file.stem)
def test_an_accepted_file_loads_without_a_message(file: Path) -> None:
    loaded = split(file.name, file.read_text(encoding="utf-8")).load(with_words=False)
    assert messages(loaded) == ""
    assert loaded.model is not None


@pytest.mark.parametrize("file", ACCEPTED, ids=lambda file: file.stem)
def test_formatting_keeps_the_meaning_and_is_stable(file: Path) -> None:
    case = split(file.name, file.read_text(encoding="utf-8"))
    formatted = {name: format_text(text, name) for name, text in case.texts.items()}
    assert {name: format_text(text, name) for name, text in formatted.items()} == formatted
    assert meaning(Case(formatted).load(with_words=False)) == meaning(case.load(with_words=False))


@pytest.mark.parametrize("file", ACCEPTED, ids=lambda file: file.stem)
def test_formatting_keeps_every_comment(file: Path) -> None:
    for name, text in split(file.name, file.read_text(encoding="utf-8")).texts.items():
        before = re.findall(r"#[^\n]*", text)
        after = re.findall(r"#[^\n]*", format_text(text, name))
        assert [each.rstrip() for each in before] == after


@pytest.mark.parametrize("file", REJECTED, ids=lambda file: file.stem)
def test_a_rejected_file_gives_exactly_its_messages(
    file: Path, request: pytest.FixtureRequest
) -> None:
    code = file.stem.split("_")[0]
    case = split(file.name, file.read_text(encoding="utf-8"))
    loaded = case.load(with_words=code.startswith("OV4"))
    shown = messages(loaded)
    expected = file.with_suffix(".expected")
    if request.config.getoption("update_snapshots"):
        expected.write_text(shown, encoding="utf-8")
    assert shown == expected.read_text(encoding="utf-8")
    assert code in {each.code for each in loaded.diagnostics}


def test_every_code_is_rejected_somewhere() -> None:
    codes = {check.CODE for check in checks.ALL} | {code for code, _ in mistakes.ALL}
    assert {file.stem.split("_")[0] for file in REJECTED} | ABOUT_FILES == codes


def test_codes_are_given_once() -> None:
    codes = [check.CODE for check in checks.ALL] + [code for code, _ in mistakes.ALL]
    assert len(set(codes)) == len(codes)
