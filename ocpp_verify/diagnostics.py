"""Diagnostics: what is wrong in a text, where, and one concrete next move."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from ocpp_verify.source import Place, Source

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding about a text. `label` stands beside the caret; `other` is a second place."""

    severity: Severity
    code: str
    message: str
    at: Place
    label: str = ""
    other: Place | None = None
    other_label: str = ""
    help: str = ""


def error(
    code: str,
    message: str,
    at: Place,
    *,
    label: str = "",
    other: Place | None = None,
    other_label: str = "",
    help: str = "",
) -> Diagnostic:
    """A diagnostic of severity `error`."""
    return Diagnostic("error", code, message, at, label, other, other_label, help)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A help line naming the known word nearest to `word`, or an empty string."""
    names = sorted(set(known))
    lowered = {name.lower(): name for name in reversed(names)}
    near = difflib.get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    return f"did you mean `{lowered[near[0]]}`?" if near else ""


def _excerpt(place: Place, label: str, mark: str, text: str, margin: int) -> list[str]:
    carets = mark * max(1, place.end - place.column)
    pad = " " * (place.column - 1)
    shown = text.expandtabs(1)
    return [
        f"{place.line:>{margin}} | {shown}",
        f"{'':>{margin}} | {pad}{carets}{' ' + label if label else ''}",
    ]


def render(diagnostic: Diagnostic, sources: Mapping[str, Source]) -> str:
    """The diagnostic as a person reads it.

    Places without a known source show no excerpt; what comes from the command line has no place.
    """
    lines = [f"{diagnostic.severity}[{diagnostic.code}]: {diagnostic.message}"]
    places = [diagnostic.at] + ([diagnostic.other] if diagnostic.other else [])
    margin = max(len(str(place.line)) for place in places)
    rows = [("-->", diagnostic.at, diagnostic.label, "^")]
    if diagnostic.other is not None:
        rows.append((":::", diagnostic.other, diagnostic.other_label, "-"))
    for arrow, place, label, mark in rows:
        if not place.file:
            continue
        lines.append(f"{'':>{margin - 1}} {arrow} {place}" if margin > 1 else f" {arrow} {place}")
        source = sources.get(place.file)
        if source is not None:
            if arrow == "-->":
                lines.append(f"{'':>{margin}} |")
            lines += _excerpt(place, label, mark, source.line(place.line), margin)
    if diagnostic.help:
        lines.append(f"{'':>{margin}} = help: {diagnostic.help}")
    return "\n".join(lines)
