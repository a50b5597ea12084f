from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ocpp_verify.cli import main

LOOSE = "profile  A\nsort C=1 .. 2\n"
NEAT = "profile A\nsort C = 1..2\n"


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.model"
    path.write_text(LOOSE)
    return path


def test_fmt_rewrites_a_file_once(file: Path) -> None:
    assert run("fmt", str(file)).exit_code == 0
    assert file.read_text() == NEAT
    assert run("fmt", str(file)).output == ""


def test_fmt_takes_the_models_of_a_folder(file: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text(LOOSE)
    assert run("fmt", str(tmp_path)).output == f"changed {file}\n"
    assert (tmp_path / "notes.txt").read_text() == LOOSE
    (tmp_path / "empty").mkdir()
    assert run("fmt", str(tmp_path / "empty")).exit_code == 2


def test_fmt_check_and_diff_change_nothing(file: Path) -> None:
    assert run("fmt", "--check", str(file)).exit_code == 1
    shown = run("fmt", "--diff", str(file))
    assert shown.exit_code == 0
    assert "+sort C = 1..2" in shown.output
    assert run("fmt", "--check", "--diff", str(file)).exit_code == 1
    assert file.read_text() == LOOSE


def test_fmt_leaves_a_file_alone_that_does_not_parse(file: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "b.model"
    wrong.write_text("profile B\nsort = 3\n")
    shown = run("fmt", str(wrong), str(file), str(tmp_path / "none.model"))
    assert shown.exit_code == 2
    assert "OV001" in shown.output
    assert "OV014" in shown.output
    assert wrong.read_text() == "profile B\nsort = 3\n"
    assert file.read_text() == NEAT


def test_fmt_normalises_line_ends(file: Path) -> None:
    file.write_bytes(NEAT.replace("\n", "\r\n").encode())
    assert run("fmt", "--check", str(file)).exit_code == 1
    run("fmt", str(file))
    assert file.read_bytes() == NEAT.encode()


def test_explain_prints_a_page() -> None:
    shown = run("explain", "ov102")
    assert shown.exit_code == 0
    assert shown.output.startswith("# OV102: unknown name\n")


@pytest.mark.parametrize("code", ["OV1O2", "../OV102", "", "OV999"])
def test_explain_of_an_unknown_code_says_which_there_are(code: str) -> None:
    shown = run("explain", code)
    assert shown.exit_code == 2
    assert "did you mean" in shown.output or "codes go from" in shown.output
