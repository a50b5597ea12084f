"""The page `docs/models.md`: what was decided of the shipped models, how, and on what it rests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ocpp_verify.events import CheckFinished, PropertyDecided
from ocpp_verify.reporters.words import common_grounds, confirmed, covered, engines, verdict


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture of the page, with its file relative to it."""

    title: str
    file: str


def render(result: CheckFinished, pictures: Sequence[Shown], cores: int, command: str) -> str:
    """The page. It has times, so that it differs from run to run."""
    started = result.started
    sizes = ", ".join(f"{name}={size}" for name, size in started.sizes)
    common = common_grounds(result.decided)
    profiles = " and ".join(started.profiles)
    count = sum(each.is_as_expected for each in result.decided)
    lines = [
        "# The shipped models",
        "",
        f"Written by `{command}`; do not edit.",
        "",
        f"{profiles}, with {sizes}: {count} of {len(result.decided)} properties as expected, "
        f"{len(result.lint)} warnings, {result.seconds:.0f} s in all on {cores} cores. "
        "`proved` means for any number of steps at these sizes; `reached` that a trace shows it.",
        "",
        f"All of it rests on: {'; '.join(common)}." if common else "",
        "",
        f"{told[0].upper()}{told[1:]}." if (told := confirmed(result.decided)) else "",
        "",
        "The seconds are those of the exploration that decided the property, which may have decided "
        "others too. Rules are those of the catalogue, `specs/ocpp16/rules.yaml`.",
        "",
        *_table([each for each in result.decided if each.kind != "transition"], common),
        *_transitions([each for each in result.decided if each.kind == "transition"], common),
    ]
    if result.lint:
        lines += [
            "",
            "## Warnings",
            "",
            *(f"- {each.code}: {each.message}" for each in result.lint),
        ]
    lines += ["", "## Pictures"]
    for each in pictures:
        lines += ["", f"### {each.title}", "", f"![{each.title}]({each.file})"]
    return "\n".join(lines) + "\n"


def _table(decided: Sequence[PropertyDecided], common: Sequence[str]) -> list[str]:
    return [
        "## Properties",
        "",
        "| property | kind | rules | verdict | engine | steps | also rests on | seconds |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        *(_row(each, common) for each in decided),
    ]


def _transitions(decided: Sequence[PropertyDecided], common: Sequence[str]) -> list[str]:
    if not decided:
        return []
    return [
        "",
        "## Transitions",
        "",
        "Each must be possible; that no others happen is the property they belong to.",
        "",
        "| transition | kind | rules | verdict | engine | steps | also rests on | seconds |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        *(_row(each, common) for each in decided),
    ]


def _row(each: PropertyDecided, common: Sequence[str]) -> str:
    told = covered(each) or verdict(each)
    steps = "" if each.evidence is None or each.depth is None else str(each.depth)
    rests = "; ".join(ground for ground in each.rests_on if ground not in common)
    cells = (
        f"`{each.name}`",
        each.kind,
        ", ".join(each.rules),
        told,
        engines((each,)),
        steps,
        rests,
        f"{each.seconds:.1f}",
    )
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
