"""`ocpp-verify fmt`: write models and specs in the house form."""

from __future__ import annotations

from pathlib import Path

import click

from ocpp_verify.errors import WrongInput


@click.command("fmt")
@click.option("--check", is_flag=True, help="Change nothing; exit 1 if something would change.")
@click.option("--diff", is_flag=True, help="Change nothing; show what would change.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def command(check: bool, diff: bool, files: tuple[Path, ...]) -> None:
    """Write models and specs in the house form; of a folder, all that are in it.

    Comments and line breaks stay; indentation, spaces and columns become uniform. A file that does
    not parse is left alone.
    """
    import difflib
    from itertools import chain

    from ocpp_verify.diagnostics import render
    from ocpp_verify.lang.format import format_text
    from ocpp_verify.lang.load import parse_file

    changed = wrong = False
    for file in chain.from_iterable(_files_of(each) for each in files):
        source, diagnostics = parse_file(file)
        if diagnostics:
            wrong = True
            for each in diagnostics:
                click.echo(render(each, {source.name: source}), err=True)
            continue
        before = file.read_bytes()
        after = format_text(source.text, source.name)
        if before == after.encode("utf-8"):
            continue
        changed = True
        if diff:
            lines = difflib.unified_diff(
                source.text.splitlines(), after.splitlines(), str(file), str(file), lineterm=""
            )
            for line in lines:
                click.echo(line)
        elif check:
            click.echo(f"would change {file}")
        else:
            file.write_bytes(after.encode("utf-8"))
            click.echo(f"changed {file}")
    if wrong:
        raise SystemExit(2)
    if check and changed:
        raise SystemExit(1)


def _files_of(given: Path) -> list[Path]:
    """The models and specs of a folder, its subfolders included; a file is itself."""
    if not given.is_dir():
        return [given]
    found = sorted(each for each in given.rglob("*") if each.suffix in (".model", ".spec"))
    if not found:
        raise WrongInput(f"`{given}` has no models and specs", help="name *.model or *.spec files")
    return found
