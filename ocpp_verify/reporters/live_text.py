"""The report of a live test that people read: findings, what was not shown, the verdict."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.reporters.colour import Paint
from ocpp_verify.runner.verdicts import Found, LiveFinished

WIDTH = 100
_MOST = 8
_KINDS = {"pass": "good", "fail": "bad", "inconclusive": "open"}


def render(result: LiveFinished, *, colour: bool = False, verbose: bool = False) -> str:
    """The whole report. `verbose` lists what was not shown one by one."""
    paint = Paint(colour)
    blocks = [
        *("\n".join(block(each, result, paint)) for each in result.found),
        "\n".join(f"{paint('open', 'warning')}: {each}" for each in result.warnings),
        "\n".join(_observations(result)),
        "\n".join(_coverage(result, verbose)),
        _summary(result, paint),
    ]
    return "\n\n".join(each for each in blocks if each) + "\n"


def block(found: Found, result: LiveFinished, paint: Paint) -> Iterator[str]:
    """One finding."""
    finding = found.finding
    word = paint("open", "advice") if finding.kind == "advice" else paint("bad", "fail")
    rules = f" ({', '.join(finding.rules)})" if finding.rules else ""
    yield f"{word}: {_cut(finding.message, 400)}{rules}"
    yield (
        f"  {result.started.sut} at {result.started.address}, run {found.run}, "
        f"{finding.at:.1f} s after it began, {finding.kind}"
        + (f", seen {found.times} times" if found.times > 1 else "")
    )
    if finding.kind != "advice":
        allowed = [*finding.expected[:_MOST]]
        more = len(finding.expected) - len(allowed)
        shown = ", ".join(allowed) or "nothing"
        yield f"  allowed here: {shown}" + (f" and {more} more" if more > 0 else "")
    if finding.clauses:
        yield f"  clauses: {', '.join(finding.clauses[:_MOST])}"
    if finding.observed and finding.kind in ("ended", "flood", "protocol", "schema"):
        yield f"  observed: {_cut(finding.observed, 300)}"
    if found.last and finding.kind != "advice":
        yield "  last messages:"
        for entry in found.last:
            yield f"    {entry.at:8.3f} {entry.mark} {_cut(entry.text, WIDTH - 16)}"
    if finding.kind == "advice":
        return
    yield from _script(found)
    if found.trace is not None:
        yield f"  trace: {found.trace}"
    yield f"  again: {result.started.again}"


def _script(found: Found) -> Iterator[str]:
    rate = ""
    if found.rate is not None:
        rate = f", failed {found.rate[0]} of {found.rate[1]}"
    if found.rate is not None and len(found.script) < found.choices:
        yield f"  shrunk from {found.choices} to {len(found.script)} choices{rate}:"
    else:
        yield f"  {len(found.script)} choices of the tester{rate}:"
    steps = [str(each) for each in found.script]
    if len(steps) > 2 * _MOST:
        steps = [*steps[:_MOST], f"… {len(steps) - 2 * _MOST} more …", *steps[-_MOST:]]
    if steps:
        yield "    " + "; ".join(steps)
    if found.note:
        yield f"  {found.note}"


def _observations(result: LiveFinished) -> Iterator[str]:
    if result.observations:
        yield "also seen:"
        for what, times in sorted(result.observations.items()):
            yield f"  {times:4} x {_cut(what, WIDTH - 9)}"


def _coverage(result: LiveFinished, verbose: bool) -> Iterator[str]:
    for table in result.tables:
        count = len(table.seen) + len(table.missing)
        yield f"transitions of {table.name}: {len(table.seen)} of {count} seen"
        if table.seen:
            yield f"  {' '.join(table.seen)}"
    open_ones = [each for each in result.showings if not each.is_shown and not each.why]
    closed = result.untestable
    if open_ones:
        yield f"not tried for want of time: {len(open_ones)}" + (
            "" if verbose else " (-v lists them)"
        )
        if verbose:
            yield from (f"  {each.name} ({each.at})" for each in open_ones)
    reasons: dict[str, list[str]] = {}
    for each in closed:
        reasons.setdefault(each.why, []).append(each.name)
    for why, names in reasons.items():
        yield f"untestable here, {len(names)}: {_cut(why, 300)}"
        if verbose:
            yield from (f"  {name}" for name in names)


def _summary(result: LiveFinished, paint: Paint) -> str:
    started = result.started
    shown = sum(each.is_shown for each in result.showings)
    sizes = ", ".join(f"{name}={size}" for name, size in started.sizes)
    why = f": {result.why}" if result.why else ""
    interrupted = " until it was interrupted" if result.interrupted else ""
    return (
        f"{paint(_KINDS[result.verdict], result.verdict)}{interrupted} "
        f"({shown} of {len(result.showings)} purposes shown){why}\n"
        f"  {started.model} ({sizes}), "
        f"{result.runs} run{'' if result.runs == 1 else 's'}, {result.seconds:.1f} s, "
        f"seed {started.seed}"
    )


def _cut(text: str, length: int) -> str:
    """One line, printable, at most so long."""
    line = "".join(each if each.isprintable() else "?" for each in text)
    return line if len(line) <= length else f"{line[: length - 1]}…"
