"""Whether the charger is too slow for the times that it is judged by."""

from __future__ import annotations

from collections.abc import Iterable

from ocpp_verify.live.record import Entry
from ocpp_verify.runner.coverage import frame_of


def slow_restart(log: Iterable[Entry], allowed: float) -> float | None:
    """Seconds from the answer to a Reset until the connection ended, or until the log did, if there
    were more than `allowed`.
    """
    asked: set[str] = set()
    since: float | None = None
    slowest = 0.0
    for entry in log:
        if entry.mark == "*":
            if entry.text.startswith("disconnected"):
                since = None
            continue
        frame = frame_of(entry.text)
        if frame is None:
            continue
        if entry.mark == "->" and frame[0] == 2 and frame[2] == "Reset":
            asked.add(frame[1])
        elif entry.mark == "<-" and frame[0] == 3 and frame[1] in asked:
            asked.remove(frame[1])
            is_accepted = isinstance(frame[2], dict) and frame[2].get("status") == "Accepted"
            since = entry.at if is_accepted else since
        if since is not None:
            slowest = max(slowest, entry.at - since)
    return slowest if slowest > allowed else None


def haste_warning(seconds: float, allowed: float) -> str:
    """What to do about it."""
    return (
        f"the charger was still there {seconds:.0f} s after it had accepted a Reset, and `--timing quick` "
        f"allows {allowed:g} s: what was found after a Reset may be due to that; use `--timing normal`"
    )
