"""The report that people read: what was refuted and how, then a table of everything."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from ocpp_verify.events import (
    CheckFinished,
    Evidence,
    LintFound,
    LintLeftOpen,
    PropertyDecided,
)
from ocpp_verify.reporters.colour import Paint
from ocpp_verify.reporters.words import (
    actor,
    changed,
    common_grounds,
    confirmed,
    covered,
    engines,
    start,
    steps,
    verdict,
)
from ocpp_verify.source import Place

WIDTH = 100
_ACTOR = 11


def render(
    result: CheckFinished,
    *,
    colour: bool = False,
    verbose: bool = False,
    witnesses: bool = False,
    traces: Mapping[str, str] | None = None,
) -> str:
    """The whole report, at most 100 columns where names allow.

    `verbose` lists every transition of a table, `witnesses` shows the traces of what was reached.
    `traces` names the files that traces were written to, by property.
    """
    paint = Paint(colour)
    blocks = [
        *_refuted(result, paint, witnesses, traces or {}),
        *_lint(result, paint),
        _table(result, paint, verbose),
        _grounds(result),
        confirmed(result.decided),
        *_open(result),
        *_faults(result, paint),
        _summary(result, paint),
    ]
    return "\n\n".join(each for each in blocks if each) + "\n"


# traces ---------------------------------------------------------------------------------------


def _refuted(
    result: CheckFinished, paint: Paint, witnesses: bool, files: Mapping[str, str]
) -> Iterator[str]:
    for each in result.decided:
        if each.status == "refuted" or (witnesses and each.evidence is not None):
            yield "\n".join(_headline(each, paint, files))


def _headline(each: PropertyDecided, paint: Paint, files: Mapping[str, str]) -> Iterator[str]:
    rules = f" ({', '.join(each.rules)})" if each.rules else ""
    word = paint("bad" if each.status == "refuted" else "good", verdict(each))
    if each.evidence is None:
        yield f"{word}: {each.name}{rules}, no reachable state or step is like this ({each.how})"
    else:
        count = len(steps(each.evidence))
        kind = "witness" if each.wants_reachable else "counterexample"
        kind = f"shortest {kind}" if each.evidence.shortest else kind
        yield f"{word}: {each.name}{rules}, {kind}, {_counted(count, 'step')}"
    yield f"  {_where(each.at)}"
    if each.evidence is not None:
        yield from trace_lines(each.evidence, paint)
    if each.name in files:
        yield f"  trace: {files[each.name]}"


def trace_lines(evidence: Evidence, paint: Paint, indent: str = "  ") -> Iterator[str]:
    """A trace, one step a line: number, who, step, changes, clause."""
    begin = start(evidence)
    shown = "  ".join(f"{name}={value}" for name, value in begin.values)
    if begin.others:
        shown += f"  ({begin.others} more as declared)"
    yield from _wrapped(f"{indent} 0  ", "initial", shown.strip(), "", paint)
    for line in steps(evidence):
        head = f"{indent}{line.number:>2}  {actor(line.label):<{_ACTOR}} "
        clause = " ".join((_where(line.at), *line.rules)) if line.at.file else ""
        yield from _wrapped(head, str(line.label), changed(line.changes), clause, paint)


def _wrapped(head: str, step: str, changes: str, clause: str, paint: Paint) -> Iterator[str]:
    """One line if everything fits, else the changes below; the clause stands at the right."""
    flat = f"{head}{step}  {changes}".rstrip()
    if len(flat) + len(clause) + 2 > WIDTH and changes:
        flat = f"{head}{step}"
    else:
        changes = ""
    gap = WIDTH - len(flat) - len(clause)
    if not clause:
        yield flat
    elif gap >= 2:
        yield f"{flat}{' ' * gap}{paint('dim', clause)}"
    else:
        yield flat
        yield f"{' ' * max(len(head), WIDTH - len(clause))}{paint('dim', clause)}"
    if changes:
        yield from _indented(changes, len(head) + 2)


def _indented(text: str, indent: int) -> Iterator[str]:
    pad = " " * indent
    yield from textwrap.wrap(
        text,
        WIDTH,
        initial_indent=pad,
        subsequent_indent=pad,
        break_long_words=False,
        break_on_hyphens=False,
    )


def findings(result: CheckFinished) -> str:
    """The findings of the sanity analyses alone."""
    return "".join(f"{each}\n" for each in _lint(result, Paint()))


# lint -----------------------------------------------------------------------------------------


def _lint(result: CheckFinished, paint: Paint) -> Iterator[str]:
    for each in result.lint:
        yield "\n".join(_finding(each, paint))


def _finding(each: LintFound, paint: Paint) -> Iterator[str]:
    rules = f" ({', '.join(each.rules)})" if each.rules else ""
    yield f"{paint('open', 'warning')}[{each.code}]: {each.message}{rules}"
    yield f"  --> {each.at}"
    if each.evidence is not None:
        yield from trace_lines(each.evidence, paint)
    if each.help:
        yield f"   = help: {each.help}"


# the table ------------------------------------------------------------------------------------


def _table(result: CheckFinished, paint: Paint, verbose: bool) -> str:
    rows = [("property", "kind", "status", "engine", "steps", "seconds")]
    kinds = ["strong"]
    for each in _rows(result.decided, verbose):
        if isinstance(each, PropertyDecided):
            rows.append(
                (
                    each.name,
                    each.kind,
                    verdict(each),
                    engines((each,)),
                    "" if each.evidence is None or each.depth is None else str(each.depth),
                    f"{each.seconds:.2f}",
                )
            )
            kinds.append(_colour_of(each))
        else:
            table, group = each
            longest = max((one.depth or 0 for one in group), default=0)
            rows.append(
                (
                    f"{table}.*",
                    "transition",
                    f"{len(group)} reached",
                    engines(group),
                    f"<= {longest}",
                    f"{max(one.seconds for one in group):.2f}",
                )
            )
            kinds.append("good")
    if len(rows) == 1:
        return "there is no property to check"
    widths = [max(len(row[at]) for row in rows) for at in range(6)]
    lines = []
    for row, kind in zip(rows, kinds, strict=True):
        cells = [text.ljust(width) for text, width in zip(row[:4], widths, strict=False)]
        cells += [text.rjust(width) for text, width in zip(row[4:], widths[4:], strict=True)]
        if kind == "strong":
            lines.append(paint("strong", "  ".join(cells).rstrip()))
        else:
            cells[2] = paint(kind, cells[2])
            lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


_Group = tuple[str, list[PropertyDecided]]


def _rows(decided: Sequence[PropertyDecided], verbose: bool) -> list[PropertyDecided | _Group]:
    """One row for each property; reached transitions of a table share one unless `verbose`."""
    rows: list[PropertyDecided | _Group] = []
    groups: dict[str, list[PropertyDecided]] = {}
    for each in decided:
        if verbose or each.kind != "transition" or not each.is_as_expected:
            rows.append(each)
            continue
        table = each.name.rpartition(".")[0]
        if table not in groups:
            groups[table] = []
            rows.append((table, groups[table]))
        groups[table].append(each)
    return rows


def _colour_of(each: PropertyDecided) -> str:
    if each.is_as_expected:
        return "good"
    return "bad" if each.status == "refuted" else "open"


# what else there is to say ---------------------------------------------------------------------


def _grounds(result: CheckFinished) -> str:
    started = result.started
    sizes = ", ".join(f"{name}={size}" for name, size in started.sizes)
    lines = [f"holds for: {sizes}" if sizes else ""]
    common = common_grounds(result.decided)
    if common:
        lines.append(f"rests on: {'; '.join(common)}")
    own: dict[str, list[str]] = {}
    for each in result.decided:
        for ground in each.rests_on:
            if ground not in common:
                own.setdefault(ground, []).append(each.name)
    lines += [f"  {ground}: {', '.join(names)}" for ground, names in own.items()]
    return "\n".join(
        part
        for line in lines
        if line
        for part in textwrap.wrap(line, WIDTH, subsequent_indent="    ", break_on_hyphens=False)
    )


def _open(result: CheckFinished) -> Iterator[str]:
    lines = [f"{each.name}: {covered(each)}" for each in result.decided if covered(each)]
    lines += [line for each in result.lint_left_open for line in _unfinished(each)]
    if lines:
        yield "\n".join(lines)


def _unfinished(analysis: LintLeftOpen) -> Iterator[str]:
    """What an analysis could not find out; what it has reported is right all the same."""
    told = f"{len(analysis.open)} of {_counted(analysis.questions, 'question')}"
    yield f"not finished: {analysis.code} {analysis.title}, which may miss something in {told}:"
    yield from _indented(", ".join(analysis.open), 2)


def _faults(result: CheckFinished, paint: Paint) -> Iterator[str]:
    for each in result.faults:
        yield (
            f"{paint('bad', 'internal error')}[{each.code}]: {each.name}: {each.message}\n"
            "  = help: this is a mistake in ocpp-verify; please report it with the model and spec"
        )


def _summary(result: CheckFinished, paint: Paint) -> str:
    started = result.started
    counts: dict[str, int] = {}
    for each in result.decided:
        word = "as expected" if each.is_as_expected else each.status.replace("_", " ")
        counts[word] = counts.get(word, 0) + 1
    told = ", ".join(f"{count} {word}" for word, count in counts.items()) or "nothing decided"
    if result.lint:
        told += f", {_counted(len(result.lint), 'warning')}"
    good = not result.faults and set(counts) <= {"as expected"}
    bad = bool(result.faults) or "refuted" in counts
    line = f"{started.model}: {told} ({result.seconds:.1f} s)"
    stopped = "interrupted: what was decided before is above\n" if result.interrupted else ""
    return stopped + paint("good" if good else "bad" if bad else "open", line)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _where(at: Place) -> str:
    return f"{at.file}:{at.line}" if at.file else ""
