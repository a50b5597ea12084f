"""Times as OCPP 1.6 writes them: ISO 8601, UTC."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime


def monotonic() -> float:
    """Seconds on the clock of the running loop, which a test may let run fast."""
    return asyncio.get_running_loop().time()


def now() -> datetime:
    """The present moment in UTC."""
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
