"""`ocpp-verify test`: test a live charger or CSMS."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from ocpp_verify.cli import options

if TYPE_CHECKING:
    from ocpp_verify.runner.livetest import LiveTest, Options
    from ocpp_verify.runner.project import Project
    from ocpp_verify.runner.verdicts import LiveFinished

UNDONE = "nothing was tested"
F = TypeVar("F", bound=Callable[..., Any])


def _shared(function: F) -> F:
    """The options of both subcommands."""
    shared = (
        options.profiles("What is tested."),
        options.tags(),
        click.option("--seed", type=click.IntRange(min=0), metavar="N",
                     help="Repeats the choices of an earlier test."),
        click.option("--budget", type=click.FloatRange(min=1), default=120.0, show_default=True,
                     metavar="SECONDS", help="Time for the whole test."),
        options.reports(),
        click.option("--trace-dir", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
                     help="Write every run with all frames."),
        options.model_choices("What is known of a configuration key, trait or duration."),
        click.option("--timing", type=click.Choice(("quick", "normal")), default="normal",
                     show_default=True, help="`quick` for systems that answer within moments."),
        click.option("-v", "--verbose", is_flag=True, help="Say what is going on, and list everything."),
    )  # fmt: skip
    for each in reversed(shared):
        function = each(function)
    return function


@click.group("test")
def command() -> None:
    """Test a live charger or CSMS: the other side and the world around it are played.

    Exit codes: 0 pass, 1 fail, 2 wrong input, 3 inconclusive, 4 nobody is there, 130 interrupted.
    """


@command.command("charger")
@click.option("--listen", default="127.0.0.1:9000", show_default=True, metavar="HOST:PORT",
              callback=options.address, help="Where the charger connects to.")  # fmt: skip
@click.option("--station", metavar="ID", help="Its identity; any by default.")
@click.option("--bench", default="none", show_default=True, metavar="BENCH",
              help="http://HOST:PORT, command:FILE.toml, prompt, python:MODULE:FACTORY or none.")  # fmt: skip
@click.option("--set", "changes", multiple=True, callback=options.pairs, metavar="KEY=VALUE",
              help="A configuration key to change before the test.")  # fmt: skip
@_shared
def charger(
    listen: tuple[str, int],
    station: str | None,
    bench: str,
    changes: dict[str, str],
    **given: Any,
) -> NoReturn:
    """Test a charger that connects to us."""
    from ocpp_verify.runner.livetest import LiveTest

    chosen = _options(given, bench, station, changes)
    test = LiveTest(opened(given, UNDONE), chosen, listen=listen, tell=teller(given))
    path = station or "IDENTITY"
    click.echo(f"waiting for the charger at ws://{listen[0]}:{listen[1]}/{path}", err=True)
    _finish(test, given)


@command.command("csms")
@click.argument("url")
@click.option("--station", required=True, metavar="ID", help="Our identity.")
@click.option("--operator", "operator", default="none", show_default=True, metavar="OPERATOR",
              help="http://HOST:PORT, command:FILE.toml, prompt, python:MODULE:FACTORY or none.")  # fmt: skip
@_shared
def csms(url: str, station: str, operator: str, **given: Any) -> NoReturn:
    """Test the CSMS at URL, without the station's identity."""
    from ocpp_verify.runner.livetest import LiveTest

    chosen = _options(given, operator, station, {})
    test = LiveTest(opened(given, UNDONE), chosen, url=url, tell=teller(given))
    _finish(test, given)


def _options(
    given: dict[str, Any], lab: str, station: str | None, changes: dict[str, str]
) -> Options:
    from ocpp_verify.runner.livetest import Options

    return Options(
        lab=lab,
        station=station,
        tags=given["tags"],
        seed=given["seed"],
        budget=given["budget"],
        config=given["config"],
        changes=changes,
        timing=given["timing"],
        trace_dir=given["trace_dir"],
        again=_again(sys.argv),
    )


def _again(argv: list[str]) -> str:
    """The command line without its seed."""
    import shlex

    kept = []
    skip = False
    for each in argv[1:]:
        if skip or each.startswith("--seed="):
            skip = False
        elif each == "--seed":
            skip = True
        else:
            kept.append(each)
    return shlex.join(["ocpp-verify", *kept])


def opened(given: dict[str, Any], undone: str) -> Project:
    """The shipped models of the profiles asked for."""
    from ocpp_verify.runner.livetest import model_files
    from ocpp_verify.runner.project import Choices

    files = model_files(given["profiles"])
    choices = Choices(given["sizes"], given["readings"])
    return options.opened(files, choices, undone, warnings=given["verbose"])


def teller(given: dict[str, Any]) -> Callable[[str], None]:
    """Says what is going on, if that was asked for."""
    if given["verbose"]:
        return lambda text: click.echo(text, err=True)
    return lambda text: None


def _finish(test: LiveTest, given: dict[str, Any]) -> NoReturn:
    import asyncio

    from ocpp_verify.runner.verdicts import exit_code

    try:
        result = asyncio.run(test.run())
    except KeyboardInterrupt:
        test.campaign.interrupted = True
        result = test.result()
    _report(result, given)
    raise SystemExit(exit_code(result))


def _report(result: LiveFinished, given: dict[str, Any]) -> None:
    import os

    from ocpp_verify.reporters import live_json, live_junit, live_text
    from ocpp_verify.reporters.colour import wanted
    from ocpp_verify.reporters.files import write_text

    if given["json_file"] is not None:
        write_text(given["json_file"], live_json.render(result))
    if given["junit_file"] is not None:
        write_text(given["junit_file"], live_junit.render(result))
    if given["json_file"] != "-":
        colour = wanted(sys.stdout.isatty(), os.environ)
        write_text("-", live_text.render(result, colour=colour, verbose=given["verbose"]))
