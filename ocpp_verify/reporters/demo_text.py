"""The demonstration as lines of text: verdicts in short, what was changed, tests of peers."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from ocpp_verify.events import CheckFinished, PropertyDecided
from ocpp_verify.live.conversation import Entry, Finding
from ocpp_verify.reporters.colour import Paint
from ocpp_verify.reporters.text import trace_lines
from ocpp_verify.reporters.words import covered, steps
from ocpp_verify.reporters.words import verdict as status
from ocpp_verify.runner.demo import Change, Played

WIDTH = 100
_MOST = 4
_LAST = 8
_EMPTY = ",{}]"


def table(result: CheckFinished, paint: Paint) -> Iterator[str]:
    """A line for each property; `check` tells what each verdict rests on."""
    names = max(len(each.name) for each in result.decided)
    kinds = max(len(each.kind) for each in result.decided)
    for each in result.decided:
        told = covered(each) or status(each)
        kind = "good" if each.is_as_expected else "bad" if each.status == "refuted" else "open"
        rules = ", ".join(each.rules)
        yield f"  {each.name:<{names}}  {each.kind:<{kinds}}  {paint(kind, told)}  {rules}"


def counterexample(decided: PropertyDecided, paint: Paint) -> Iterator[str]:
    """A headline, and the trace if there is one."""
    rules = f" ({', '.join(decided.rules)})" if decided.rules else ""
    told = covered(decided) or status(decided)
    if decided.evidence is None:
        yield f"{paint('open', told)}: {decided.name}{rules}"
        return
    kind = "shortest counterexample" if decided.evidence.shortest else "counterexample"
    count = len(steps(decided.evidence))
    yield f"{paint('bad', told)}: {decided.name}{rules}, {kind}, {count} steps"
    yield from trace_lines(decided.evidence, paint)


def verdict(played: Played) -> str:
    """`pass`, `fail` or `inconclusive`."""
    if played.has_failed:
        return "fail"
    return "pass" if played.is_pass else "inconclusive"


def changed(change: Change) -> Iterator[str]:
    """Lines that were left out or replaced, as in a difference of two files."""
    yield f"{change.file}:{change.line}"
    for line in change.lines:
        yield f"- {line.strip()}"
    for line in change.others:
        yield f"+ {line.strip()}"


def findings(played: Played) -> Iterator[str]:
    """What the peer did that it must not, each with what was allowed, and the last messages."""
    failing = [each for each in played.result.findings if each.kind != "advice"]
    for each in failing:
        yield from _finding(each)
    if failing:
        yield "  last messages:"
        entries = [each for each in played.result.log if _says_something(each, failing[-1].at)]
        for entry in entries[-_LAST:]:
            yield f"    {entry.at:8.3f} {entry.mark} {_cut(entry.text, WIDTH - 16)}"


def _says_something(entry: Entry, until: float) -> bool:
    """Whether it is a frame with content, or something that happened to the peer."""
    if entry.at > until or (entry.mark != "*" and entry.text.endswith(_EMPTY)):
        return False
    return entry.mark != "*" or not entry.text.startswith(("unexpected", "missing", "disconnected"))


def summary(played: Played) -> str:
    """What the run came to, in one line."""
    result = played.result
    shown = sum(each.name in result.shown for each in result.purposes)
    return (
        f"{shown} of {len(result.purposes)} purposes shown in {result.seconds:.1f} s "
        f"of the peer's time, seed {played.seed}"
    )


def purposes(played: Played) -> Iterator[tuple[str, str, str]]:
    """What the run was to show, the rules, and whether it did."""
    for each in played.result.purposes:
        shown = "shown" if each.name in played.result.shown else "not shown"
        yield each.name, ", ".join(each.rules), shown


def _finding(finding: Finding) -> Iterator[str]:
    rules = f" ({', '.join(finding.rules)})" if finding.rules else ""
    yield from _wrapped(f"fail: {_cut(finding.message, 300)}{rules}", "    ")
    allowed = list(finding.expected[:_MOST])
    more = len(finding.expected) - len(allowed)
    shown = ", ".join(allowed) or "nothing"
    rest = f" and {more} more" if more > 0 else ""
    yield from _wrapped(f"  allowed here: {_cut(shown, 300)}{rest}", "    ")
    if finding.clauses:
        yield f"  clauses: {', '.join(finding.clauses[:_MOST])}"


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _cut(text: str, length: int) -> str:
    """One line, printable, at most so long."""
    line = "".join(each if each.isprintable() else "?" for each in text)
    return line if len(line) <= length else f"{line[: length - 1]}…"
