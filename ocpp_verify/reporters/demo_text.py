"""The demonstration as lines of text: verdicts in short, what was changed, tests of peers."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from ocpp_verify.events import CheckFinished, PropertyDecided
from ocpp_verify.reporters.colour import Paint
from ocpp_verify.reporters.text import trace_lines
from ocpp_verify.reporters.words import covered, steps
from ocpp_verify.reporters.words import verdict as status
from ocpp_verify.runner.demo import Change
from ocpp_verify.runner.demo_tests import FAULT_BREAKS, Tested

WIDTH = 100
_MOST = 8


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


def changed(change: Change) -> Iterator[str]:
    """Lines that were left out or replaced, as in a difference of two files."""
    yield f"{change.file}:{change.line}"
    for line in change.lines:
        yield f"- {line.strip()}"
    for line in change.others:
        yield f"+ {line.strip()}"


def verdict(tested: Tested) -> str:
    """The verdict, with the numbers of tests that it rests on."""
    if tested.broken:
        return f"{tested.verdict}: {tested.broken}"
    failed = f"{len(tested.failures)} failed, " if tested.failures else ""
    skipped = f", {tested.skipped} not applicable here" if tested.skipped else ""
    return f"{tested.verdict}: {failed}{tested.passed} passed{skipped}"


def failures(tested: Tested) -> Iterator[str]:
    """The tests that failed, and in full what one said: of those about the rule, the shortest run."""
    for each in tested.failures[:_MOST]:
        rules = f"  {', '.join(each.rules)}" if each.rules else ""
        yield f"  failed: {_cut(each.test, WIDTH - 10 - len(rules))}{rules}"
    if len(tested.failures) > _MOST:
        yield f"  and {len(tested.failures) - _MOST} more"
    shrunk = sorted(
        tested.failures,
        key=lambda each: (
            not each.is_finding,
            FAULT_BREAKS not in each.rules,
            not each.is_shrunk,
            len(each.message),
        ),
    )
    for each in shrunk[:1]:
        yield ""
        if each.rules and len(tested.failures) > 1:
            yield f"  {_cut(each.test, WIDTH - 2)}:"
        for line in each.message.splitlines():
            yield from _folded(f"  {line}")


def excerpt(text: str, begins: str) -> Iterator[str]:
    """A paragraph of a text: from the line that begins so to the next empty line."""
    inside = False
    for line in text.splitlines():
        inside = inside or line.startswith(begins)
        if inside and not line.strip():
            return
        if inside:
            yield line


def _folded(line: str) -> list[str]:
    """The line in several where it is too wide, the further ones indented."""
    indent = " " * (len(line) - len(line.lstrip()) + 4)
    return textwrap.wrap(line, WIDTH, subsequent_indent=indent, break_on_hyphens=False) or [""]


def _cut(text: str, length: int) -> str:
    """One line, printable, at most so long."""
    line = "".join(each if each.isprintable() else "?" for each in text)
    return line if len(line) <= length else f"{line[: length - 1]}…"
