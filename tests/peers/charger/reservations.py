"""Reservations held by the charger and what they mean for an identifier."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

Same = Callable[[str, str], bool]
"""Whether two identifiers are the same."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """One reservation; `connector_id` 0 guarantees some free connector."""

    reservation_id: int
    connector_id: int
    id_tag: str
    parent: str | None
    expiry: datetime


@dataclass(frozen=True, slots=True)
class Unknown:
    """The parent of an identifier has not been asked for yet."""


UNKNOWN = Unknown()
Parent: TypeAlias = str | Unknown | None


@dataclass(frozen=True, slots=True)
class Holder:
    """The identifier may use the connector by right of this reservation."""

    reservation: Reservation


Claim: TypeAlias = Holder | Literal["free", "ask", "refused"]
"""`free`: no reservation stands in the way; `ask`: it depends on the parent identifier."""


class Reservations:
    """All reservations held; at most one per connector above 0 and one per reservationId."""

    def __init__(self) -> None:
        self._held: dict[int, Reservation] = {}

    def add(self, reservation: Reservation) -> None:
        self._held[reservation.reservation_id] = reservation

    def find(self, reservation_id: int) -> Reservation | None:
        return self._held.get(reservation_id)

    def remove(self, reservation: Reservation) -> None:
        if self._held.get(reservation.reservation_id) is reservation:
            del self._held[reservation.reservation_id]

    def holds(self, reservation: Reservation) -> bool:
        return self._held.get(reservation.reservation_id) is reservation

    def on(self, connector_id: int) -> Reservation | None:
        """The reservation of this very connector."""
        for reservation in self._held.values():
            if reservation.connector_id == connector_id:
                return reservation
        return None

    def anywhere(self) -> list[Reservation]:
        """The reservations for connector 0, which set no particular connector aside."""
        return [held for held in self._held.values() if held.connector_id == 0]

    def all(self) -> list[Reservation]:
        return list(self._held.values())

    def claim(
        self, connector_id: int, id_tag: str, parent: Parent, others_free: int, same: Same
    ) -> Claim:
        """What `id_tag` may do on `connector_id`.

        `others_free` is the number of connectors that stay free if this one is taken.
        """
        held = self.on(connector_id)
        if held is not None:
            return _judge(held, id_tag, parent, same)
        strangers = 0
        asks = False
        for reservation in self.anywhere():
            judgement = _judge(reservation, id_tag, parent, same)
            if isinstance(judgement, Holder):
                return judgement
            asks = asks or judgement == "ask"
            strangers += 1
        if others_free >= strangers:
            # The parent may still turn out to be that of a reservation, which is then used.
            return "ask" if asks else "free"
        return "ask" if asks else "refused"


def _judge(reservation: Reservation, id_tag: str, parent: Parent, same: Same) -> Claim:
    if same(reservation.id_tag, id_tag):
        return Holder(reservation)
    if reservation.parent is None:
        return "refused"
    match parent:
        case Unknown():
            return "ask"
        case None:
            return "refused"
        case _:
            return Holder(reservation) if same(reservation.parent, parent) else "refused"
