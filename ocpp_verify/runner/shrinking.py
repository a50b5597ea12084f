"""The reducer: shorter scripts of tester choices that still fail, against the living thing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ocpp_verify.live.script import Script


async def shrink(
    script: Script,
    fails: Callable[[Script], Awaitable[bool]],
    has_time: Callable[[], bool],
) -> Script:
    """The shortest script found that `fails`; the given one if none is shorter.

    First what came last is kept, as a run ends when it fails; then spans are left out, long ones
    first. The order of the choices stays.
    """
    best = script
    for kept in _lengths(len(script)):
        if kept >= len(best) or not has_time():
            break
        shorter = best[len(best) - kept :]
        if await fails(shorter):
            best = shorter
            break
    span = max(1, len(best) // 2)
    while best and has_time():
        at = 0
        was = best
        while at < len(best) and has_time():
            shorter = best[:at] + best[at + span :]
            if await fails(shorter):
                best = shorter
            else:
                at += span
        if span > 1:
            span = max(1, span // 2)
        elif best == was:
            break
    return best


def _lengths(count: int) -> list[int]:
    """0, 2, 4, 8 and so on, below `count`."""
    found = [0]
    size = 2
    while size < count:
        found.append(size)
        size *= 2
    return found
