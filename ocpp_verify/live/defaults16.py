"""Fields of OCPP 1.6 messages that the models leave open but that times depend on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

HEARTBEAT_INTERVAL = 3600


def extra_fields(
    action: str, outcome: str | None, settings: Mapping[str, float], now: Callable[[], datetime]
) -> dict[str, Any]:
    """Fields to put beside those of the model; `outcome` is None for requests."""
    match action, outcome:
        case "BootNotification", "Accepted":
            return {"interval": HEARTBEAT_INTERVAL}
        case "BootNotification", str():
            return {"interval": max(1, round(settings.get("BootInterval", 10)))}
        case "ReserveNow", None:
            return {
                "expiryDate": now() + timedelta(seconds=settings.get("ReservationLength", 3600))
            }
        case _:
            return {}
