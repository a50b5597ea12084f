"""Measurements as text, as a Markdown page and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ocpp_verify.runner.bench.figures import Report, Row, Table

SCHEMA_VERSION = 1
_TITLES = {
    "states": "states",
    "seconds": "seconds",
    "search_seconds": "of these, search",
    "bytes_per_state": "bytes per state",
    "complete": "complete",
    "cells": "cells",
    "commands": "commands",
    "round_trips_per_second": "round trips per second",
    "milliseconds": "ms each",
}


def text(report: Report) -> str:
    """For a terminal."""
    return "\n".join(_lines(report, heading="", about=False))


def page(report: Report) -> str:
    """A Markdown page with everything."""
    machine = report.machine
    head = [
        "# Measurements",
        "",
        f"Written by `./dev bench --page docs/measurements.md` on {machine['cores']} cores "
        f"({machine['system']} {machine['architecture']}, Python {machine['python']}). Contenders of a "
        f"table take turns in one run; figures are medians of {report.repeat} runs where nothing "
        "else is said.",
        "",
    ]
    return "\n".join([*head, *_lines(report, heading="## ", about=True), ""])


def document(report: Report) -> str:
    """The JSON document."""
    return (
        json.dumps(
            {
                "schema_version": SCHEMA_VERSION,
                "machine": dict(report.machine),
                "repeat": report.repeat,
                "ratios": {name: round(value, 4) for name, value in report.ratios.items()},
                "wrong": report.wrong,
                "tables": [_table(each) for each in report.tables],
            },
            indent=2,
        )
        + "\n"
    )


def _table(table: Table) -> Mapping[str, Any]:
    rows = [
        {
            "subject": row.subject,
            "contender": row.contender,
            "runs": row.runs,
            "figures": dict(row.figures),
            "missing": row.missing or None,
        }
        for row in table.rows
    ]
    return {"name": table.name, "title": table.title, "about": table.about, "rows": rows}


def _lines(report: Report, heading: str, about: bool) -> Iterator[str]:
    for at, table in enumerate(report.tables):
        if at:
            yield ""
        yield f"{heading}{table.title}"
        yield ""
        if about:
            yield table.about
            yield ""
        yield from _rows(table)
        for name, value in table.ratios.items():
            yield f"\n{name} = {value:.3g}"
        for each in table.wrong:
            yield f"\nWRONG: {each}"


def _rows(table: Table) -> Iterator[str]:
    names = [name for name in _TITLES if any(name in row.figures for row in table.rows)]
    has_subject = any(row.subject != table.rows[0].subject for row in table.rows)
    head = [*(["what"] if has_subject else []), "by", *(_TITLES[name] for name in names)]
    body = [
        [*([row.subject] if has_subject else []), row.contender, *_cells(row, names)]
        for row in table.rows
    ]
    widths = [max(len(line[at]) for line in (head, *body)) for at in range(len(head))]
    left = 2 if has_subject else 1

    def line(cells: list[str]) -> str:
        return (
            "| "
            + " | ".join(
                cell.ljust(width) if at < left else cell.rjust(width)
                for at, (cell, width) in enumerate(zip(cells, widths, strict=True))
            )
            + " |"
        )

    yield line(head)
    rule = [
        "-" * width if at < left else "-" * (width - 1) + ":" for at, width in enumerate(widths)
    ]
    yield "| " + " | ".join(rule) + " |"
    yield from (line(each) for each in body)


def _cells(row: Row, names: list[str]) -> Iterator[str]:
    for at, name in enumerate(names):
        value = row.figures.get(name)
        if value is None:
            yield row.missing if at == 0 and row.missing else ""
        elif name == "complete":
            yield "yes" if value else "no"
        elif name in ("states", "cells", "commands", "round_trips_per_second"):
            yield f"{value:,.0f}" if value < 1e9 else f"{value:.3g}"
        else:
            yield f"{value:.3g}"
