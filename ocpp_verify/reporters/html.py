"""One HTML file that needs nothing else: style and pictures are in it, and no script."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal, TypeAlias

from ocpp_verify import __version__
from ocpp_verify.events import CheckFinished
from ocpp_verify.reporters.words import common_grounds, covered, engines, verdict

Tone: TypeAlias = Literal["good", "bad", "open", "plain"]

_TEMPLATE = "page.html.j2"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Plain text."""

    text: str
    kind: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True, slots=True)
class Listing:
    """Text in columns, as a terminal shows it."""

    text: str
    kind: Literal["listing"] = "listing"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table, in the colour of its tone."""

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of as many cells as there are columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    kind: Literal["table"] = "table"


@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG of our own renderers; its text is put into the page as it is."""

    title: str
    svg: str
    kind: Literal["picture"] = "picture"


Part: TypeAlias = Paragraph | Listing | Table | Picture


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with a word for how it came out, and what stands below it."""

    title: str
    parts: tuple[Part, ...]
    outcome: str = ""
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Page:
    """The whole file. `lead` says in a sentence what it is about."""

    title: str
    lead: str
    sections: tuple[Section, ...]


def render(page: Page) -> str:
    """The page, with everything but its pictures escaped.

    >>> "&lt;b&gt;" in render(Page("t", "<b>", ()))
    True
    """
    import jinja2

    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.filters["inline_svg"] = _inline
    text = files(__package__).joinpath(_TEMPLATE).read_text(encoding="utf-8")
    return environment.from_string(text).render(page=page, version=__version__) + "\n"


def verdicts(result: CheckFinished) -> Table:
    """What came out for each property."""
    rows = []
    for each in result.decided:
        tone: Tone = "good" if each.is_as_expected else "open"
        if each.status == "refuted":
            tone = "bad"
        steps = "" if each.evidence is None or each.depth is None else str(each.depth)
        told = covered(each) or verdict(each)
        rows.append(
            (
                Cell(each.name),
                Cell(each.kind),
                Cell(told, tone),
                Cell(engines((each,))),
                Cell(", ".join(each.rules)),
                Cell(steps),
            )
        )
    columns = ("property", "kind", "verdict", "engine", "rules", "steps of its trace")
    if not any(row[-1].text for row in rows):
        return Table(columns[:-1], tuple(row[:-1] for row in rows))
    return Table(columns, tuple(rows))


def grounds(result: CheckFinished) -> Paragraph:
    """The sizes that the verdicts hold for, and what else they rest on."""
    sizes = ", ".join(f"{name}={size}" for name, size in result.started.sizes)
    rests = "; ".join(common_grounds(result.decided))
    return Paragraph(f"Holds for {sizes}." + (f" Rests on: {rests}." if rests else ""))


def lines(text: Sequence[str] | Iterator[str]) -> Listing:
    """A listing of these lines."""
    return Listing("\n".join(text))


def _inline(svg: str) -> str:
    """The SVG without what may stand only at the beginning of a file."""
    from markupsafe import Markup

    return Markup(re.sub(r"^\s*(<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|\s)*", "", svg, flags=re.S))
