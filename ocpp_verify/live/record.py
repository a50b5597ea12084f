"""What a conversation leaves behind: its log, its findings, and what else is worth a line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

FindingKind: TypeAlias = Literal[
    "unexpected", "missing", "schema", "protocol", "ended", "flood", "advice"
]
Mark: TypeAlias = Literal["->", "<-", "*"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the system under test did or left undone. Kind `advice` fails nothing."""

    kind: FindingKind
    message: str
    rules: tuple[str, ...]
    at: float
    observed: str = ""
    expected: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log. `->` we sent, `<-` we received, `*` happened outside the wire."""

    at: float
    mark: Mark
    text: str
    step: str = ""


@dataclass(slots=True)
class Record:
    """Everything in the order in which it came. A finding that says the same as one before counts as
    an observation.
    """

    log: list[Entry] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    observations: dict[str, int] = field(default_factory=dict)

    def note(self, at: float, mark: Mark, text: str, step: str = "") -> None:
        """A line of the log; `step` is the model's step that we meant by it."""
        self.log.append(Entry(at, mark, text, step))

    def observe(self, what: str) -> None:
        """Count something that is worth a line in the report and no finding."""
        self.observations[what] = self.observations.get(what, 0) + 1

    def add(self, finding: Finding) -> None:
        """Something was found."""
        if any(
            (each.kind, each.message) == (finding.kind, finding.message) for each in self.findings
        ):
            self.observe(f"again: {finding.message}")
            return
        self.findings.append(finding)
        self.note(finding.at, "*", f"{finding.kind}: {finding.message}")
