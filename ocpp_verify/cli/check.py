"""`ocpp-verify check`: prove or refute the properties of models."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from ocpp_verify.cli import options

if TYPE_CHECKING:
    from ocpp_verify.events import CheckFinished
    from ocpp_verify.runner.project import Choices, Project

ENGINES = ("auto", "explicit", "bdd", "z3", "all")
DEFAULT_BUDGET = 600.0


@click.command("check")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE|FOLDER]...")
@options.model_choices()
@click.option("--property", "only", multiple=True, metavar="NAME",
              help="Decide only this property; may be repeated.")  # fmt: skip
@click.option("--engine", type=click.Choice(ENGINES), default="auto", show_default=True,
              help="What decides; `all` asks every engine and compares.")  # fmt: skip
@click.option("--budget", type=click.FloatRange(min=0), default=DEFAULT_BUDGET, show_default=True,
              metavar="SECONDS", help="Time for the whole check; 0 for no limit.")  # fmt: skip
@click.option("--depth", type=click.IntRange(min=0), metavar="N",
              help="Look no further than N steps from the initial states.")  # fmt: skip
@click.option("--states", type=click.IntRange(min=1), metavar="N",
              help="Store at most about N states.")  # fmt: skip
@click.option("--workers", type=click.IntRange(min=1), metavar="N",
              help="Processes that work at a time; as many as there are processors.")  # fmt: skip
@click.option("--no-sanity", is_flag=True, help="Leave the sanity analyses out.")
@click.option("--strict", is_flag=True, help="Warnings make the exit code 1.")
@options.reports()
@click.option("--markdown", "markdown_file", type=click.Path(dir_okay=False), metavar="FILE|-",
              help="Write a Markdown table; `-` to standard output, in place of the text.")  # fmt: skip
@click.option("--trace-dir", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
              help="Write NAME.trace.json for everything refuted.")  # fmt: skip
@click.option("--witnesses", is_flag=True,
              help="Show, and write, the traces of what is reached, too.")  # fmt: skip
@click.option("-v", "--verbose", is_flag=True, help="List every transition of a table.")
def command(
    paths: tuple[Path, ...],
    sizes: dict[str, int],
    readings: dict[str, str],
    config: dict[str, str],
    only: tuple[str, ...],
    engine: str,
    budget: float,
    depth: int | None,
    states: int | None,
    workers: int | None,
    no_sanity: bool,
    strict: bool,
    json_file: str | None,
    junit_file: str | None,
    markdown_file: str | None,
    trace_dir: Path | None,
    witnesses: bool,
    verbose: bool,
) -> NoReturn:
    """Prove or refute what the specs say about the models.

    FILE is a model or a spec, FOLDER holds models that are composed into one. Without any, the
    models that come with ocpp-verify are checked. The specs of a model are found beside it, or in
    `specs/` where it lies in `models/`.

    Exit codes: 0 all as expected, 1 something is refuted, 2 wrong input, 3 something is undecided
    and nothing is refuted, 130 interrupted.
    """
    from ocpp_verify.cli.progress import Ticker
    from ocpp_verify.reporters import text
    from ocpp_verify.reporters.colour import wanted
    from ocpp_verify.reporters.files import write_text, write_traces
    from ocpp_verify.runner.check import Settings, check, exit_code
    from ocpp_verify.runner.project import Choices
    from ocpp_verify.runner.tactics import Limits
    from ocpp_verify.runner.workers import processors

    project = _opened(paths, Choices(sizes, readings, config), only)
    ticker = Ticker(sys.stderr)
    settings = Settings(
        engine=engine,
        seconds=budget or None,
        limits=Limits(depth, states),
        workers=processors() if workers is None else workers,
        only=only,
        sanity=not no_sanity,
        witnesses=witnesses,
    )
    try:
        result = check(project, settings, ticker)
    finally:
        ticker.clear()
    files = write_traces(result, trace_dir, witnesses) if trace_dir is not None else {}
    _write_reports(result, json_file, junit_file, markdown_file)
    if "-" not in (json_file, markdown_file):
        import os

        colour = wanted(sys.stdout.isatty(), os.environ)
        shown = text.render(
            result, colour=colour, verbose=verbose, witnesses=witnesses, traces=files
        )
        write_text("-", shown)
    else:
        for fault in result.faults:
            click.echo(f"internal error[{fault.code}]: {fault.name}: {fault.message}", err=True)
    raise SystemExit(exit_code(result, strict))


def _opened(paths: tuple[Path, ...], given: Choices, only: tuple[str, ...]) -> Project:
    """The project; ends the program where it has errors."""
    from ocpp_verify.diagnostics import did_you_mean
    from ocpp_verify.errors import WrongInput

    project = options.opened(paths, given, "nothing was checked")
    names = {each.name for each in project.properties} | {
        f"{each.name}.{row.code}"
        for each in project.properties
        for row in getattr(each, "table", ())
    }
    for name in only:
        if name not in names:
            raise WrongInput(
                f"the specs have no property `{name}`",
                help=did_you_mean(name, names) or "run without `--property` to see their names",
            )
    return project


def _write_reports(
    result: CheckFinished,
    json_file: str | None,
    junit_file: str | None,
    markdown_file: str | None,
) -> None:
    from ocpp_verify.reporters import json, junit, markdown
    from ocpp_verify.reporters.files import write_text

    if json_file is not None:
        write_text(json_file, json.render(result))
    if junit_file is not None:
        write_text(junit_file, junit.render(result))
    if markdown_file is not None:
        write_text(markdown_file, markdown.render(result))
