"""A live test as one JSON document; `docs/json.md` describes it."""

from __future__ import annotations

import json
from typing import Any

from ocpp_verify import __version__
from ocpp_verify.live.script import as_data
from ocpp_verify.reporters.json import SCHEMA_VERSION
from ocpp_verify.runner.verdicts import Found, LiveFinished, Showing


def render(result: LiveFinished) -> str:
    """The document, with a line end."""
    text = json.dumps(document(result), indent=2, ensure_ascii=False)
    # A peer may send half a surrogate pair, which no file can hold.
    return text.encode("utf-8", "backslashreplace").decode("utf-8") + "\n"


def document(result: LiveFinished) -> dict[str, Any]:
    """The report as plain data. Keys are only ever added while the schema version stays."""
    started = result.started
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "ocpp-verify", "version": __version__},
        "model": {
            "name": started.model,
            "profiles": list(started.profiles),
            "files": list(started.files),
        },
        "sut": started.sut,
        "address": started.address,
        "station": started.station or None,
        "lab": started.lab,
        "seed": started.seed,
        "budget": started.budget,
        "sizes": dict(started.sizes),
        "readings": dict(started.readings),
        "tags": dict(started.tags),
        "config": dict(result.config),
        "durations": dict(result.durations),
        "again": started.again,
        "verdict": result.verdict,
        "why": result.why or None,
        "interrupted": result.interrupted,
        "seconds": round(result.seconds, 3),
        "runs": result.runs,
        "findings": [_finding(each) for each in result.found],
        "coverage": {
            "purposes": [_showing(each) for each in result.showings],
            "transitions": [
                {"name": each.name, "seen": list(each.seen), "missing": list(each.missing)}
                for each in result.tables
            ],
            "messages": {"sent": dict(result.sent), "received": dict(result.received)},
            "outcomes": {name: dict(each) for name, each in result.outcomes.items()},
        },
        "untestable": [{"name": each.name, "why": each.why} for each in result.untestable],
        "observations": dict(result.observations),
        "warnings": list(result.warnings),
    }


def _finding(each: Found) -> dict[str, Any]:
    finding = each.finding
    return {
        "number": each.number,
        "kind": finding.kind,
        "message": finding.message,
        "rules": list(finding.rules),
        "observed": finding.observed,
        "expected": list(finding.expected),
        "clauses": list(finding.clauses),
        "at": round(finding.at, 4),
        "run": each.run,
        "seed": each.seed,
        "times": each.times,
        "rate": None if each.rate is None else {"failed": each.rate[0], "of": each.rate[1]},
        "choices": each.choices,
        "shortest": [as_data(deed) for deed in each.script],
        "last_messages": [
            {"at": round(entry.at, 4), "mark": entry.mark, "text": entry.text}
            for entry in each.last
        ],
        "trace": each.trace,
        "note": each.note or None,
    }


def _showing(each: Showing) -> dict[str, Any]:
    return {
        "name": each.name,
        "kind": each.kind,
        "at": {"file": each.at.file, "line": each.at.line, "column": each.at.column},
        "rules": list(each.rules),
        "shown": each.is_shown,
        "why": each.why or None,
    }
