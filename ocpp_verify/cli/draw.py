"""`ocpp-verify draw`: state diagrams, sequence diagrams and tables that match the model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ocpp_verify.cli import options

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ocpp_verify.cli.drawing import Studio
    from ocpp_verify.diagrams.pictures import Picture

FORMATS = ("svg", "png", "dot", "graphml", "mermaid", "markdown", "text")
SUFFIXES = {"mermaid": ".mmd", "markdown": ".md", "text": ".txt"}
TEXTUAL = frozenset(("dot", "graphml", "mermaid", "markdown", "text"))
FOLDER = "out"
UNDONE = "nothing was drawn"
TRACE = ".trace.json"


@dataclass(frozen=True, slots=True)
class _Target:
    """Where pictures go: `file` for a single one, else into `folder`; `-` is standard output."""

    file: str | None
    folder: Path


@click.command("draw")
@click.argument("words", nargs=-1, metavar="[MODEL]... [WHAT]...")
@click.option("--format", "-f", "format", type=click.Choice(FORMATS),
              help="Default: svg, and markdown for tables.")  # fmt: skip
@click.option("-o", "--output", metavar="FILE|DIR|-",
              help=f"Where to; default: the folder `{FOLDER}`, or standard output for one picture as text.")  # fmt: skip
@click.option("--only", metavar="ACTION,...", help="Of a state diagram, only these actions' steps.")
@click.option("--show-unreached", is_flag=True,
              help="Draw what a `transitions` table permits and no step does.")  # fmt: skip
@click.option("--walks", is_flag=True,
              help="Of a state diagram, a table of walks that make every change: a plan for tests.")  # fmt: skip
@click.option("--no-hidden", is_flag=True, help="Of a sequence, leave out what nobody sees.")
@click.option("--changes", type=click.Choice(("all", "definitions", "none")), default="all",
              show_default=True, help="Of a sequence, which new values to show.")  # fmt: skip
@options.model_choices()
@click.option("--budget", type=click.FloatRange(min=0), default=300.0, show_default=True,
              metavar="SECONDS", help="Time for one picture; 0 for no limit.")  # fmt: skip
@click.option("--list", "list_", is_flag=True, help="Show what can be drawn, and draw nothing.")
def command(
    words: tuple[str, ...],
    format: str | None,
    output: str | None,
    only: str | None,
    show_unreached: bool,
    walks: bool,
    no_hidden: bool,
    changes: str,
    sizes: dict[str, int],
    readings: dict[str, str],
    config: dict[str, str],
    budget: float,
    list_: bool,
) -> None:
    r"""Draw what a model says.

    MODEL is a model, a spec or a folder, as for `check`; without one, the models that come with
    ocpp-verify. WHAT is one of

    \b
      status(1), held[1], registration    the values of an expression and the steps between them
      "use[1], plugged[1]"                the same of several expressions at once
      ConnectorStatus                     a `transitions`: its changes with their codes
      ReservedThenUsed                    a scenario, as a run that shows it
      ReserveNow                          an action: when, who, what it changes
      actions                             the same of all actions
      out/NAME.trace.json                 a trace that `check --trace-dir` has written

    Other properties are drawn as the trace that refutes or shows them. Without WHAT: connector
    status, registration, a reservation, all scenarios and the table of actions.
    """
    from ocpp_verify.cli.drawing import Studio, Style
    from ocpp_verify.runner.project import Choices

    given = Choices(sizes, readings, config)
    models, wanted = _sorted(words)
    style = Style(
        tuple(each.strip() for each in (only or "").split(",") if each.strip()),
        show_unreached,
        hidden=not no_hidden,
        changes=changes,  # type: ignore[arg-type]
        budget=budget or None,
    )
    files = [each for each in wanted if each.endswith(TRACE)]
    studio: Studio | None = None
    if not wanted or len(files) < len(wanted) or list_:
        studio = Studio(options.opened(models, given, UNDONE, warnings=False), style)
        if list_:
            _show_list(studio)
            return
    everything = not wanted
    names = list(wanted) if wanted or studio is None else studio.usual()
    target = _target(output, len(names), format)
    chosen = format or _by_suffix(target.file)
    for name in names:
        if name.endswith(TRACE):
            title, picture = _from_file(Path(name), style)
        else:
            assert studio is not None
            title, picture = name, studio.picture(name, as_table=format == "markdown", walks=walks)
        _write(title, picture, chosen, target, lenient=everything)


def _sorted(words: tuple[str, ...]) -> tuple[list[Path], list[str]]:
    """Models, which are files and folders, and what to draw of them."""
    models, wanted = [], []
    for word in words:
        path = Path(word)
        if word.endswith((".model", ".spec")) or (path.is_dir() and not word.isidentifier()):
            models.append(path)
        else:
            wanted.append(word)
    return models, wanted


def _show_list(studio: Studio) -> None:
    for heading, names in studio.listed():
        if names:
            click.echo(f"{heading}:")
            for line in _columns(names):
                click.echo(f"  {line}")


def _columns(names: list[str]) -> Iterator[str]:
    wide = max(len(each) for each in names) + 2
    per_line = max(1, 96 // wide)
    for at in range(0, len(names), per_line):
        yield "".join(each.ljust(wide) for each in names[at : at + per_line]).rstrip()


def _from_file(file: Path, style: object) -> tuple[str, Picture]:
    """The picture of a trace file, in the model that the file names."""
    from ocpp_verify.cli.drawing import Studio, Style, read_trace
    from ocpp_verify.runner.project import Choices

    assert isinstance(style, Style)
    document = read_trace(file)
    choices = Choices(document["sizes"], document["readings"], document["config"])
    models: Mapping[str, list[str]] = document["model"]
    files = [Path(each) for each in models["files"]]
    project = options.opened(files, choices, UNDONE, warnings=False)
    return document["property"], Studio(project, style).trace_picture(document)


def _target(output: str | None, count: int, format: str | None) -> _Target:
    from ocpp_verify.errors import WrongInput

    if output is None:
        to_screen = count == 1 and format in TEXTUAL
        return _Target("-" if to_screen else None, Path(FOLDER))
    is_folder = output.endswith(("/", "\\")) or Path(output).is_dir()
    if is_folder or (count > 1 and not Path(output).suffix and output != "-"):
        return _Target(None, Path(output))
    if count > 1:
        raise WrongInput(
            f"{count} pictures do not fit into `{output}`", help="name a folder with `-o out/`"
        )
    return _Target(output, Path())


def _write(
    title: str, picture: Picture, format: str | None, target: _Target, *, lenient: bool
) -> None:
    """Draw and write one picture; `lenient` chooses another format where this one cannot be."""
    from ocpp_verify.diagrams.render import formats_for, render

    possible = formats_for(type(picture))
    chosen = format or ""
    if not chosen or (lenient and chosen not in possible):
        chosen = "svg" if "svg" in possible else possible[0]
    drawn = render(picture, chosen)
    if target.file == "-":
        click.echo(drawn, nl=False)
        return
    suffix = SUFFIXES.get(chosen, f".{chosen}")
    file = Path(target.file) if target.file else target.folder / f"{file_name(title)}{suffix}"
    _save(file, drawn)
    click.echo(f"{file}")


def _by_suffix(file: str | None) -> str | None:
    """The format that the name of the file asks for. Raises WrongInput where there is none such."""
    from ocpp_verify.errors import WrongInput

    suffix = Path(file or "").suffix.lower()
    known = {SUFFIXES.get(each, f".{each}"): each for each in FORMATS}
    if suffix and suffix not in known:
        raise WrongInput(
            f"`{suffix}` is no format that can be drawn",
            help=f"name a file that ends in {', '.join(known)}, or give `--format`",
        )
    return known.get(suffix)


def _save(file: Path, drawn: bytes) -> None:
    from ocpp_verify.errors import WrongInput

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(drawn)
    except OSError as problem:
        raise WrongInput(
            f"{file} cannot be written: {(problem.strerror or str(problem)).lower()}",
            help="name a file in a folder that you may write to",
        ) from None


def file_name(title: str) -> str:
    """`status(1)` becomes `status_1`."""
    return re.sub(r"[^A-Za-z0-9.-]+", "_", title).strip("_") or "picture"
