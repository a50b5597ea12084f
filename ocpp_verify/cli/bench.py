"""`ocpp-verify bench`: measure engines, models, live steps and start-up side by side."""

from __future__ import annotations

import sys
from typing import NoReturn

import click

WHAT = ("engines", "live", "start", "models")


@click.command("bench", hidden=True)
@click.argument("what", nargs=-1, type=click.Choice(WHAT), metavar="[engines|live|start|models]...")
@click.option("--repeat", type=click.IntRange(min=1), default=5, show_default=True,
              help="Runs of each contender; the median counts.")  # fmt: skip
@click.option("--large", is_flag=True, help="Add a slice of some 10^7 states to `engines`.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False), metavar="FILE|-",
              help="Write the figures as JSON; `-` to standard output, in place of the text.")  # fmt: skip
@click.option("--page", type=click.Path(dir_okay=False), metavar="FILE",
              help="Write the page for the documentation.")  # fmt: skip
def command(
    what: tuple[str, ...], repeat: int, large: bool, json_file: str | None, page: str | None
) -> NoReturn:
    """Measure, contenders side by side in one run. Without a name: everything.

    Exit codes: 0 measured, 1 the engines disagree on what they count, 130 interrupted.
    """
    from ocpp_verify.reporters import bench as reporter
    from ocpp_verify.reporters.files import STANDARD_OUTPUT, write_text
    from ocpp_verify.runner.bench import engines, live, models, start
    from ocpp_verify.runner.bench.figures import Report, Table, machine
    from ocpp_verify.runner.bench.slices import LARGE, SLICES

    def tell(text: str) -> None:
        if sys.stderr.isatty():
            click.echo(text, err=True)

    tables: list[Table] = []
    is_cut = False
    try:
        for each in what or WHAT:
            match each:
                case "engines":
                    tables.append(
                        engines.measure(repeat, {**SLICES, **(LARGE if large else {})}, tell)
                    )
                case "live":
                    tables.append(live.measure(repeat, tell))
                case "start":
                    tables.append(start.measure(repeat, tell))
                case _:
                    tables.append(models.measure(tell))
    except KeyboardInterrupt:
        is_cut = True
    report = Report(tables, machine(), repeat)
    if json_file != STANDARD_OUTPUT:
        click.echo(reporter.text(report))
    if json_file is not None:
        write_text(json_file, reporter.document(report))
    if page is not None and not is_cut:
        write_text(page, reporter.page(report))
    raise SystemExit(130 if is_cut else 1 if report.wrong else 0)
