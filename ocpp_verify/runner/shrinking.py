"""The reducer: shorter scripts of tester choices that still fail, against the living thing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ocpp_verify.live.script import Script


async def shrink(
    script: Script,
    fails: Callable[[Script], Awaitable[bool]],
    has_time: Callable[[], bool],
    shortcut: Script | None = None,
) -> Script | None:
    """The shortest script found that `fails`; None if none does, the given one included.

    A shortcut is tried before anything else. If it does not fail, first the last choices alone are tried, more and more of them, as a run ends when it fails; then
    spans are left out, long ones first. The order of the choices stays.
    """
    if shortcut is not None and await fails(shortcut):
        return await _without_spans(shortcut, fails, has_time)
    for kept in _lengths(len(script)):
        best = script[len(script) - kept :]
        if await fails(best):
            break
        if kept < len(script) and not has_time():
            return None
    else:
        return None
    return await _without_spans(best, fails, has_time)


async def _without_spans(
    best: Script, fails: Callable[[Script], Awaitable[bool]], has_time: Callable[[], bool]
) -> Script:
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
    """1, 2, 4, 8 and so on, then all; at last none, for what fails by itself."""
    found = []
    size = 1
    while size < count:
        found.append(size)
        size *= 2
    return [*found, count]
