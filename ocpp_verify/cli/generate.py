"""`ocpp-verify generate`: write the tests that follow from models and specs."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("generate")
@click.option("--all", "is_all", is_flag=True, help="All models that come with ocpp-verify.")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file would change.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("generated_tests"),
    show_default=True,
    help="Where the tests go, in one folder per protocol version.",
)
@click.option(
    "--sut",
    default="tests.peers.sut",
    show_default=True,
    metavar="MODULE",
    help="Python module of the systems that the tests start by themselves.",
)
@click.argument("models", nargs=-1, type=click.Path(path_type=Path))
def command(is_all: bool, check: bool, output: Path, sut: str, models: tuple[Path, ...]) -> None:
    """Write pytest modules: one Hypothesis machine per profile and role, one test per scenario.

    Without MODEL, and with --all, the tests of all models that come with ocpp-verify are written.
    The same models give the same bytes.
    """
    from ocpp_verify.runner.generating import generate

    if is_all and models:
        raise click.UsageError("name models, or say --all")
    changed = False
    for file, text in generate(models, sut).items():
        place = output / file
        before = place.read_bytes() if place.is_file() else None
        if before == text.encode("utf-8"):
            continue
        changed = True
        if check:
            click.echo(f"{'would change' if before is not None else 'missing'} {place}")
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode("utf-8"))
        click.echo(f"{'changed' if before is not None else 'wrote'} {place}")
    if check and changed:
        raise SystemExit(1)
