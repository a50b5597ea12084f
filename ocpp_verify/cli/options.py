"""Options that several subcommands have in common, how they are read, and what they open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from ocpp_verify.runner.project import Choices, Project

WRONG_INPUT = 2
F = TypeVar("F", bound=Callable[..., Any])


def pairs(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """What is written `NAME=VALUE`, each."""
    found = {}
    for each in values:
        name, equals, value = (part.strip() for part in each.partition("="))
        if not (name and equals and value):
            raise click.BadParameter(f"`{each}` is not written `NAME=VALUE`", ctx, param)
        found[name] = value
    return found


def sizes(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, int]:
    """The same with whole numbers."""
    found = pairs(ctx, param, values)
    for value in found.values():
        if not value.isdecimal():
            raise click.BadParameter(f"`{value}` is no whole number", ctx, param)
    return {name: int(value) for name, value in found.items()}


def address(ctx: click.Context, param: click.Parameter, text: str) -> tuple[str, int]:
    """HOST:PORT, or PORT alone."""
    host, colon, port = text.rpartition(":")
    if not port.isdecimal() or (colon and not host):
        raise click.BadParameter(f"`{text}` is not written HOST:PORT", ctx, param)
    if int(port) > 65535:
        raise click.BadParameter(f"there is no port {port}: 65535 is the last", ctx, param)
    return host.strip("[]") or "127.0.0.1", int(port)


def model_choices(
    config: str = "The value of a configuration key or trait; `any` for every one.",
) -> Callable[[F], F]:
    """`--size`, `--reading` and `--config`: which of the models that a text describes is meant."""
    return _all(
        click.option("--size", "sizes", multiple=True, callback=sizes, metavar="SORT=N",
                     help="How many values a sort has, as in Connector=2."),
        click.option("--reading", "readings", multiple=True, callback=pairs, metavar="NAME=CHOICE",
                     help="How a clause is read that can be read in several ways."),
        click.option("--config", "config", multiple=True, callback=pairs, metavar="NAME=VALUE",
                     help=config),
    )  # fmt: skip


def profiles(what: str) -> Callable[[F], F]:
    """`--profiles`: which of the shipped models are meant."""
    return click.option("--profiles", default="core,reservation", show_default=True,
                        metavar="NAME,…", help=what)  # fmt: skip


def tags() -> Callable[[F], F]:
    """`--tags`: the identifiers that a live system knows."""
    return click.option("--tags", "tags", type=click.Path(dir_okay=False, path_type=Path),
                        metavar="FILE",
                        help="YAML, JSON or TOML: each idTag with Accepted, Blocked, Expired or Invalid.")  # fmt: skip


def reports() -> Callable[[F], F]:
    """`--json` and `--junit`."""
    return _all(
        click.option("--json", "json_file", type=click.Path(dir_okay=False), metavar="FILE|-",
                     help="Write the report as JSON; `-` to standard output, in place of the text."),
        click.option("--junit", "junit_file", type=click.Path(dir_okay=False), metavar="FILE",
                     help="Write the report as JUnit XML."),
    )  # fmt: skip


def opened(
    paths: Sequence[Path], choices: Choices, undone: str, *, warnings: bool = True
) -> Project:
    """The project; where it has errors they are shown, and what is `undone`, and the program ends."""
    from ocpp_verify.diagnostics import render
    from ocpp_verify.runner.project import open_project

    project = open_project(paths, choices)
    for each in project.diagnostics:
        if warnings or each.severity == "error":
            click.echo(render(each, project.sources) + "\n", err=True)
    if project.model is None or project.has_errors:
        count = sum(each.severity == "error" for each in project.diagnostics)
        click.echo(f"{count} error{'' if count == 1 else 's'}; {undone}", err=True)
        raise SystemExit(WRONG_INPUT)
    return project


def _all(*options: Callable[[F], F]) -> Callable[[F], F]:
    """The options in this order, as one."""

    def put(function: F) -> F:
        for each in reversed(options):
            function = each(function)
        return function

    return put
