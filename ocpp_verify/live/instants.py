"""The moment that a transaction message tells of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def instant_of(payload: Mapping[str, Any]) -> datetime | None:
    """Its timestamp, or that of its first meter value; UTC where no zone is written. None where
    there is none that can be read.
    """
    written = payload.get("timestamp")
    values = payload.get("meterValue")
    if written is None and isinstance(values, list) and values and isinstance(values[0], Mapping):
        written = values[0].get("timestamp")
    if not isinstance(written, str):
        return None
    try:
        told = datetime.fromisoformat(written)
    except ValueError:
        return None
    return told if told.tzinfo is not None else told.replace(tzinfo=UTC)
