"""Times as OCPP 1.6 writes them: ISO 8601, UTC."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

_ZERO = datetime.now(UTC) - timedelta(seconds=time.monotonic())


def monotonic() -> float:
    """Seconds on the clock of the running loop, which a test may let run fast."""
    return asyncio.get_running_loop().time()


def now() -> datetime:
    """The present moment in UTC; it goes with the clock of the running loop."""
    try:
        return _ZERO + timedelta(seconds=monotonic())
    except RuntimeError:
        return datetime.now(UTC)


def to_wire(moment: datetime) -> str:
    """`moment` in UTC with milliseconds and a `Z`."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def from_wire(text: str) -> datetime:
    """The moment that `text` names; a time without a zone counts as UTC.

    Raises `ValueError` for anything that is not an ISO 8601 date-time.
    """
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
