"""One JSON document; `docs/json.md` describes it."""

from __future__ import annotations

import json
from typing import Any

from ocpp_verify import __version__
from ocpp_verify.events import CheckFinished, CheckStarted, Evidence, LintFound, PropertyDecided
from ocpp_verify.ir.system import Label
from ocpp_verify.reporters.words import steps
from ocpp_verify.semantics.traces import initial_values
from ocpp_verify.source import Place

SCHEMA_VERSION = 1


def render(result: CheckFinished) -> str:
    """The document, with a line end."""
    return json.dumps(document(result), indent=2, ensure_ascii=False) + "\n"


def document(result: CheckFinished) -> dict[str, Any]:
    """The report as plain data. Keys are only ever added while the schema version stays."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "ocpp-verify", "version": __version__},
        **_model(result.started),
        "interrupted": result.interrupted,
        "seconds": round(result.seconds, 3),
        "properties": [_property(each, result.started) for each in result.decided],
        "lint": [_lint(each) for each in result.lint],
        "lint_left_open": [f"{each.code} {each.title}" for each in result.lint_left_open],
        "lint_open_questions": [
            {"code": each.code, "asked": each.questions, "open": list(each.open)}
            for each in result.lint_left_open
        ],
        "faults": [
            {"code": each.code, "name": each.name, "message": each.message}
            for each in result.faults
        ],
    }


def trace_document(started: CheckStarted, each: PropertyDecided) -> dict[str, Any]:
    """What a `.trace.json` file holds: one trace, and all that is needed to follow it again."""
    assert each.evidence is not None
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "ocpp-verify", "version": __version__},
        **_model(started),
        "property": each.name,
        "kind": each.kind,
        "status": each.status,
        "at": _place(each.at),
        "rules": list(each.rules),
        "trace": trace(each.evidence),
    }


def trace(evidence: Evidence) -> dict[str, Any]:
    """A trace: initial values by variable, and its steps."""
    return {
        "shortest": evidence.shortest,
        "initial": initial_values(evidence.lowering, evidence.trace.states[0]),
        "steps": [
            {
                **_label(line.label),
                "changes": [
                    {"name": each.name, "before": each.before, "after": each.after}
                    for each in line.changes
                ],
                "at": _place(line.at),
                "rules": list(line.rules),
            }
            for line in steps(evidence)
        ],
    }


def _model(started: CheckStarted) -> dict[str, Any]:
    return {
        "model": {
            "name": started.model,
            "profiles": list(started.profiles),
            "files": list(started.files),
            "specs": list(started.specs),
        },
        "sizes": dict(started.sizes),
        "readings": dict(started.readings),
        "config": dict(started.config),
    }


def _property(each: PropertyDecided, started: CheckStarted) -> dict[str, Any]:
    return {
        "name": each.name,
        "kind": each.kind,
        "status": each.status,
        "expected": each.expected,
        "wants": "reachable" if each.wants_reachable else "unreachable",
        "engine": each.engine or None,
        "confirmed_by": list(each.confirmed_by),
        "how": each.how or None,
        "sizes": dict(started.sizes),
        "depth": each.depth,
        "states": each.states,
        "seconds": round(each.seconds, 3),
        "trace": None if each.evidence is None else trace(each.evidence),
        "rules": list(each.rules),
        "at": _place(each.at),
        "rests_on": list(each.rests_on),
    }


def _lint(each: LintFound) -> dict[str, Any]:
    return {
        "code": each.code,
        "title": each.title,
        "message": each.message,
        "help": each.help or None,
        "at": _place(each.at),
        "rules": list(each.rules),
        "trace": None if each.evidence is None else trace(each.evidence),
    }


def _label(label: Label) -> dict[str, Any]:
    return {
        "label": str(label),
        "phase": label.phase,
        "action": label.action,
        "args": dict(label.args),
        "outcome": label.outcome,
        "answer": dict(label.answer),
        "actor": label.actor,
        "role": label.role,
    }


def _place(at: Place) -> dict[str, Any] | None:
    if not at.file:
        return None
    return {"file": at.file, "line": at.line, "column": at.column}
