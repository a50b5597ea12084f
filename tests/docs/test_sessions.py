"""What a page says one types is typed, in a folder with the files that the page shows before it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from ocpp_verify.cli import main
from tests.docs.fences import PAGES, ROOT, fences

WITH_SESSIONS = [page for page in PAGES if "```console" in page.read_text(encoding="utf-8")]
MARKS = {"tutorial": (pytest.mark.slow, pytest.mark.timeout(300))}


def run(session: str) -> str:
    """The session again, with what is printed now."""
    told = []
    for line in session.splitlines():
        if not line.startswith("$ "):
            continue
        program, *words = shlex.split(line[2:])
        assert program == "ocpp-verify", f"{program} is not run here"
        result = CliRunner().invoke(main, words, catch_exceptions=False)
        told.append(f"{line}\n{result.output.replace(f'{ROOT}/', '').strip(chr(10))}\n")
    return "".join(told)


def steady(text: str) -> str:
    """Without what differs from run to run, from clone to clone, and with each edit of Core.

    Those are seconds, line breaks, numbers of lines and cells, initial values that are free, and which
    engine decides.
    """
    text = re.sub(r"\b\d+\.\d+\b", "N", text)
    text = re.sub(r"(models/ocpp16/\w+\.model):\d+", r"\1", text)
    text = " ".join(text.split())
    text = re.sub(r"\b0 initial [^()]*\(\d+ more as declared\)", "0 initial", text)
    text = re.sub(r"\b(proved|reached|refuted) (explicit|bdd|z3)\b", r"\1 somehow", text)
    return re.sub(r"\d+ of \d+ cells", "some cells", text)


@pytest.mark.parametrize(
    "file",
    [pytest.param(each, marks=MARKS.get(each.stem, ()), id=each.stem) for each in WITH_SESSIONS],
)
def test_the_sessions_of_a_page_print_what_it_says(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    page = file.read_text(encoding="utf-8")
    folder = tmp_path / file.stem
    folder.mkdir()
    monkeypatch.chdir(folder)
    shown = []
    for each in fences(page):
        if each.name:
            (folder / each.name).write_text(each.text, encoding="utf-8")
        elif each.kind == "console":
            shown.append((each, run(each.text)))
    if request.config.getoption("update_snapshots"):
        for each, text in reversed(shown):
            page = page[: each.span[0]] + text + page[each.span[1] :]
        file.write_text(page, encoding="utf-8")
        return
    for each, text in shown:
        assert steady(each.text) == steady(text)


def test_figures_differ_from_run_to_run_and_words_do_not() -> None:
    assert steady("proved  0.04\n") == steady("proved 11.20\n")
    assert steady("proved 0.04") != steady("refuted 0.04")
