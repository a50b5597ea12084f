"""The command line starts fast, lists what it has, and says what is wrong with a call."""

import subprocess
import sys
import types

import click
import pytest
from click.testing import CliRunner

from ocpp_verify import __version__, cli

HEAVY = (
    "hypothesis",
    "jinja2",
    "jsonschema",
    "lark",
    "networkx",
    "numpy",
    "ocpp",
    "rich",
    "scipy",
    "wasmtime",
    "websockets",
    "z3",
)


def modules_loaded_by(statement: str) -> set[str]:
    """Names of the modules a fresh interpreter holds after `statement`, which may exit."""
    program = (
        "import sys\n"
        f"try:\n    {statement}\n"
        "except SystemExit as stop:\n    assert not stop.code, stop.code\n"
        "print('loaded:', *sorted(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(done.stdout.rpartition("loaded:")[2].split())


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_version_and_help_import_nothing_heavy(option: str) -> None:
    loaded = modules_loaded_by(f"from ocpp_verify.cli import main; main([{option!r}])")
    assert "click" in loaded
    assert loaded.isdisjoint(HEAVY)
    assert not any(name.startswith("ocpp_verify.cli.") for name in loaded)


def test_the_pytest_plugin_imports_nothing_heavy() -> None:
    # pytest itself may be loaded; what only our rooms need may not.
    loaded = modules_loaded_by("import ocpp_verify.pytest_plugin")
    assert loaded.isdisjoint(set(HEAVY) - {"hypothesis", "rich"})


def test_version_is_printed_by_the_module_too() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ocpp_verify", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"ocpp-verify {__version__}\n"


@pytest.mark.parametrize("name", cli.ALL)
def test_every_listed_subcommand_is_there(name: str) -> None:
    command = cli.main.get_command(click.Context(cli.main), name)
    assert isinstance(command, click.Command)
    assert command.name == name
    assert command.help
    assert command.hidden == (name in cli.HIDDEN)


@pytest.fixture
def toy_group(monkeypatch: pytest.MonkeyPatch) -> cli.LazyGroup:
    """A group with `check`, which runs, `replay`, which is interrupted, and a hidden `chore`."""

    @click.command()
    def check() -> None:
        click.echo("checked")

    @click.command()
    def replay() -> None:
        raise KeyboardInterrupt

    for name, command in {"check": check, "replay": replay, "chore": check}.items():
        module = types.ModuleType(f"toy_commands.{name}")
        module.command = command  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return cli.LazyGroup(
        "toy",
        package="toy_commands",
        summaries={
            "check": "Check it.",
            "replay": "Play it again.",
            "missing": "Not written.",
            "chore": "Not for users.",
        },
        hidden=frozenset({"chore"}),
    )


def test_a_subcommand_is_imported_only_when_it_is_called(toy_group: cli.LazyGroup) -> None:
    # `missing` has no file: help would fail if it looked.
    listed = CliRunner().invoke(toy_group, ["--help"])
    assert listed.exit_code == 0
    assert "missing  Not written." in listed.output
    assert "chore" not in listed.output
    assert CliRunner().invoke(toy_group, ["check"]).output == "checked\n"
    assert CliRunner().invoke(toy_group, ["chore"]).output == "checked\n"


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("chek", "unknown command `chek`; did you mean `check`?"),
        ("zzz", "unknown command `zzz`; `toy --help` lists them"),
    ],
)
def test_an_unknown_subcommand_is_misuse(toy_group: cli.LazyGroup, word: str, hint: str) -> None:
    result = CliRunner().invoke(toy_group, [word])
    assert result.exit_code == 2
    assert hint in result.output


@pytest.mark.parametrize("option", ["--wrong", "-w"])
def test_an_unknown_option_is_misuse(toy_group: cli.LazyGroup, option: str) -> None:
    assert CliRunner().invoke(toy_group, [option]).exit_code == 2


def test_an_interrupted_subcommand_exits_130(toy_group: cli.LazyGroup) -> None:
    assert CliRunner().invoke(toy_group, ["replay"]).exit_code == 130
