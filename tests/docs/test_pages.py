"""The pages are tests: their models load, and what they say is printed is what is printed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from ocpp_verify.lang import checks
from ocpp_verify.lang.explain import codes, explain
from ocpp_verify.lang.load import file_of
from ocpp_verify.lang.parse import mistakes
from tests.docs.fences import PAGES, fences
from tests.lang.cases import Case, messages


@dataclass(slots=True)
class Example:
    """Blocks `model` and `spec` that follow each other directly, and the `output` behind them."""

    texts: dict[str, str]
    output: str = ""
    output_span: tuple[int, int] | None = None


def name_of(kind: str, text: str) -> str:
    """The file that a block would be: named after its profile."""
    header = re.search(r"^\s*(?:profile|spec)\s+(\w+)", text, re.MULTILINE)
    return file_of(header.group(1) if header else "Demo").removesuffix("model") + kind


def examples(page: str) -> list[Example]:
    found: list[Example] = []
    behind = -1
    for fence in fences(page):
        kind, text = ("" if fence.name else fence.kind), fence.text
        adjacent = behind >= 0 and not page[behind : fence.begin].strip()
        if kind in ("model", "spec"):
            if not adjacent or found[-1].output_span:
                found.append(Example({}))
            found[-1].texts[name_of(kind, text)] = text
        elif kind == "output" and adjacent:
            found[-1].output, found[-1].output_span = text, fence.span
        behind = fence.end if kind in ("model", "spec", "output") else -1
    return found


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.stem)
def test_the_models_of_a_page_do_what_it_says(file: Path, request: pytest.FixtureRequest) -> None:
    page = file.read_text(encoding="utf-8")
    with_words = file.stem.startswith("OV4")
    shown = [
        (each, messages(Case(each.texts).load(with_words=with_words))) for each in examples(page)
    ]
    if request.config.getoption("update_snapshots"):
        for each, text in reversed(shown):
            if each.output_span:
                start, end = each.output_span
                page = page[:start] + text + page[end:]
        file.write_text(page, encoding="utf-8")
        return
    for each, text in shown:
        assert text == each.output


def test_every_code_has_a_page_with_its_title() -> None:
    titles = {check.CODE: check.TITLE for check in checks.ALL} | dict(mistakes.ALL)
    assert set(titles) <= set(codes())
    for code, title in titles.items():
        assert (explain(code) or "").splitlines()[0] == f"# {code}: {title}"


def test_every_page_of_a_check_shows_wrong_and_right() -> None:
    for code in codes():
        page = explain(code) or ""
        if code in {check.CODE for check in checks.ALL}:
            assert "## Wrong" in page
            assert "## Right" in page
