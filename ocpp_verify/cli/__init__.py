"""The command line: `ocpp-verify`, one file per subcommand.

A subcommand `name` is `ocpp_verify/cli/name.py` with a `command` (a `click.Command`), and one line
in `SUMMARIES`. Its file is imported when it is called, not before, and imports what is heavy inside
its function: `ocpp-verify --version` loads click and nothing else.

Exit codes: 0 all as expected, 1 refuted or failed, 2 misuse or wrong input, 3 undecided or
inconclusive, 4 the peer could not be reached, 130 interrupted.
"""

import difflib
import importlib
from collections.abc import Mapping
from typing import Any, NoReturn

import click

from ocpp_verify import __version__
from ocpp_verify.errors import OcppVerifyError

# One line per subcommand, in the order `--help` shows them.
SUMMARIES: dict[str, str] = {
    "check": "prove or refute what the specs say about the models",
    "draw": "state diagrams, sequence diagrams and tables that match the model",
    "explain": "what a code such as OV102 means",
    "fmt": "write models and specs in the house form",
    "simulate": "play a charger or a CSMS by the model",
    "test": "test a live charger or CSMS",
    "demo": "check, break, draw and test the shipped models",
    "generate": "write the tests that follow from models and specs",
    "dashboard": "check the shipped models and write the page about them",
    "bench": "measure the engines, a live step and the start",
}

# Subcommands that maintain this repository: they can be called, `--help` does not list them.
HIDDEN: frozenset[str] = frozenset({"bench", "dashboard"})

ALL: tuple[str, ...] = tuple(SUMMARIES)

INTERRUPTED = 130


class LazyGroup(click.Group):
    """A group that lists its subcommands from a table and imports one only to run it."""

    def __init__(
        self,
        *args: Any,
        package: str = __name__,
        summaries: Mapping[str, str] = SUMMARIES,
        hidden: frozenset[str] = HIDDEN,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.package = package
        self.summaries = summaries
        self.hidden_names = hidden

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in self.summaries if name not in self.hidden_names]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.summaries:
            return None
        module = importlib.import_module(f"{self.package}.{cmd_name.replace('-', '_')}")
        command = module.command
        assert isinstance(command, click.Command), f"{module.__name__}.command is no click.Command"
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, self.summaries[name]) for name in self.list_commands(ctx)]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in self.summaries and not name.startswith("-") and not ctx.resilient_parsing:
            self._fail_unknown(ctx, name)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except OcppVerifyError as problem:
            click.echo(f"error: {problem}", err=True)
            ctx.exit(problem.exit_code)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(INTERRUPTED)

    def _fail_unknown(self, ctx: click.Context, name: str) -> NoReturn:
        near = difflib.get_close_matches(name, self.list_commands(ctx), n=3)
        known = " or ".join(f"`{each}`" for each in near)
        hint = f"did you mean {known}?" if near else f"`{ctx.command_path} --help` lists them"
        ctx.fail(f"unknown command `{name}`; {hint}")


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="ocpp-verify", message="%(prog)s %(version)s")
def main() -> None:
    """Verify OCPP 1.6 implementations with models.

    Exit codes: 0 all as expected, 1 refuted or failed, 2 misuse or wrong input,
    3 undecided or inconclusive, 4 the peer could not be reached.
    """
