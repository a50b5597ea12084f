"""`ocpp-verify dashboard`: check the shipped models and write the page about them again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

import click

PAGE = Path("docs/models.md")
PICTURES = "pictures"


@click.command("dashboard", hidden=True)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), default=PAGE,
              show_default=True, help="The page; its pictures go into a folder beside it.")  # fmt: skip
@click.option("--budget", type=click.FloatRange(min=0), default=600.0, show_default=True,
              metavar="SECONDS", help="Time for the check; 0 for no limit.")  # fmt: skip
@click.option("--no-check", is_flag=True, help="Only draw the pictures again.")
def command(output: Path, budget: float, no_check: bool) -> NoReturn:
    """Check the models that come with ocpp-verify, and write a page with verdicts and pictures.

    Exit codes are those of `check`.
    """
    import os

    from ocpp_verify.cli.drawing import ACTIONS, Studio, Style
    from ocpp_verify.cli.progress import Ticker
    from ocpp_verify.reporters import dashboard
    from ocpp_verify.reporters.files import write_text
    from ocpp_verify.runner.check import Settings, check, exit_code
    from ocpp_verify.runner.project import open_project

    project = open_project(())
    code = 0
    studio = Studio(project, Style(changes="definitions", budget=600.0))
    names = [each for each in studio.usual() if each != ACTIONS]
    files = [f"{PICTURES}/{_draw(studio, name, output.parent / PICTURES)}" for name in names]
    if not no_check:
        ticker = Ticker(sys.stderr)
        try:
            result = check(project, Settings(seconds=budget or None), ticker)
        finally:
            ticker.clear()
        shown = [dashboard.Shown(*each) for each in zip(names, files, strict=True)]
        page = dashboard.render(result, shown, os.cpu_count() or 1, "./dev models")
        write_text(str(output), page)
        click.echo(output)
        code = exit_code(result)
    raise SystemExit(code)


def _draw(studio: object, name: str, folder: Path) -> str:
    """Draw it into the folder; the name of the file."""
    from ocpp_verify.cli.draw import file_name
    from ocpp_verify.cli.drawing import Studio
    from ocpp_verify.diagrams.render import render
    from ocpp_verify.reporters.files import write_text

    assert isinstance(studio, Studio)
    file = folder / f"{file_name(name)}.svg"
    write_text(str(file), render(studio.picture(name), "svg").decode())
    click.echo(file)
    return file.name
