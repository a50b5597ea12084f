"""Identifiers at the charger: cards at the reader, remote attempts, and who may do what."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from tests.peers.charger.connector import Attempt, Authorization, Connector
from tests.peers.charger.reservations import UNKNOWN, Claim, Holder, Parent
from tests.peers.charger.transactions import Transaction
from tests.peers.rpc import LinkLostError, NoAnswerError, RefusedError

if TYPE_CHECKING:
    from tests.peers.charger.station import Station

Asking: TypeAlias = Callable[[], Coroutine[Any, Any, None]]
"""What is left to do about a card once the central system can be asked."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of an identifier after asking."""

    is_accepted: bool
    parent: str | None = None


class Identification:
    """The card reader, which all connectors share, and the authorization of identifiers."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._cards: deque[tuple[str, int | None]] = deque()
        self._is_busy = False

    def claim(self, connector: Connector, id_tag: str, parent: Parent) -> Claim:
        """What the reservations say about `id_tag` on `connector`."""
        others = sum(c.is_free for c in self._station.connectors.values() if c is not connector)
        return self._station.storage.reservations.claim(
            connector.number, id_tag, parent, others, self._station.same
        )

    def present(self, id_tag: str, number: int | None) -> None:
        """Somebody holds a card to the reader; cards are dealt with one after the other."""
        self._cards.append((id_tag, number))
        self._next_card()

    def _next_card(self) -> None:
        """Deal with the cards that wait, up to one that needs the central system."""
        while self._cards and not self._is_busy:
            asking = self._take_card(*self._cards.popleft())
            if asking is not None:
                self._is_busy = True
                self._station.spawn(self._ask_about_card(asking))

    async def _ask_about_card(self, asking: Asking) -> None:
        try:
            await asking()
        finally:
            self._is_busy = False
        self._next_card()

    def _take_card(self, id_tag: str, number: int | None) -> Asking | None:
        """Act on a card as far as is known; what is left to do needs the central system."""
        if self._station.is_resetting or self._station.line.registration in ("Pending", "Rejected"):
            return None
        if not self._station.storage.was_ever_accepted:
            return None
        connector = self._pick(id_tag) if number is None else self._station.connectors[number]
        memory = connector.memory
        if memory.transaction is not None:
            return self._take_card_in_transaction(connector, memory.transaction, id_tag)
        if memory.held_for is not None:
            if self._station.same(memory.held_for, id_tag):
                self._station.release(connector)
            return None
        is_left_behind = memory.finishing == "timed out" and len(self._station.connectors) > 1
        if (
            connector.is_faulted
            or not memory.operative
            or memory.is_stale
            or connector.attempt is not None
            or (memory.finishing is not None and memory.scheduled)
            # A card at a shared reader does not start on a cable that somebody left behind.
            or (is_left_behind and number is None)
        ):
            return None
        if connector.authorization and self._station.same(connector.authorization.id_tag, id_tag):
            self._station.withdraw(connector)
            self._station.refresh(connector)
            return None
        return self._take_card_to_start(connector, id_tag)

    def _take_card_in_transaction(
        self, connector: Connector, transaction: Transaction, id_tag: str
    ) -> Asking | None:
        if self._station.same(transaction.id_tag, id_tag):
            self._station.stop(connector, "Local", id_tag)
            return None
        has_group = transaction.parent is not None or self._station.faults.has("CP-T4")
        if not has_group or not self._station.line.is_online:
            return None
        return partial(self._ask_to_stop, connector, transaction, id_tag)

    async def _ask_to_stop(
        self, connector: Connector, transaction: Transaction, id_tag: str
    ) -> None:
        verdict = await self._authorize(id_tag)
        if not verdict.is_accepted or connector.memory.transaction is not transaction:
            return
        is_group = (
            verdict.parent is not None
            and transaction.parent is not None
            and self._station.same(verdict.parent, transaction.parent)
        )
        if is_group or self._station.faults.has("CP-T4"):
            self._station.stop(connector, "Local", id_tag)

    def _take_card_to_start(self, connector: Connector, id_tag: str) -> Asking | None:
        claim = self.claim(connector, id_tag, UNKNOWN)
        if claim == "refused" and not self._station.faults.has("CP-V1"):
            return None
        attempt = Attempt(id_tag, is_remote=False)
        connector.attempt = attempt
        if self._station.line.is_online:
            return partial(self._settle, connector, attempt)
        self._conclude(connector, attempt, self._verdict_offline())
        return None

    def settle_later(self, connector: Connector, attempt: Attempt) -> None:
        """Ask about the identifier of a remote attempt without holding up the reader."""
        self._station.spawn(self._settle(connector, attempt))

    async def _settle(self, connector: Connector, attempt: Attempt) -> None:
        """Ask about the identifier of an attempt and act on the answer."""
        verdict = await self._authorize(attempt.id_tag)
        if not attempt.is_cancelled:
            self._conclude(connector, attempt, verdict)

    def _conclude(self, connector: Connector, attempt: Attempt, verdict: Verdict) -> None:
        if verdict.is_accepted or self._station.faults.has("CP-T1"):
            self.grant(connector, attempt, verdict.parent)
        else:
            connector.attempt = None
            self._station.refresh(connector)

    def grant(self, connector: Connector, attempt: Attempt, parent: Parent) -> None:
        """The identifier is good; start if the reservations and the cable allow it."""
        connector.attempt = None
        claim = self.claim(connector, attempt.id_tag, parent)
        overrides = attempt.overrides_reservation or self._station.faults.has("CP-V1")
        reservation = claim.reservation if isinstance(claim, Holder) else None
        if claim == "free" or reservation is not None or overrides:
            known = parent if isinstance(parent, str) else None
            connector.authorization = Authorization(attempt.id_tag, known, reservation)
            connector.memory.finishing = None
        self._station.refresh(connector)
        self._station.start_if_ready(connector)

    async def _authorize(self, id_tag: str) -> Verdict:
        """Ask the central system; without a connection only the offline rule decides."""
        if self._station.line.is_online:
            try:
                answer = await self._station.line.ask("Authorize", {"idTag": id_tag})
            except LinkLostError:
                pass
            except (NoAnswerError, RefusedError):
                return Verdict(False)
            else:
                info = answer["idTagInfo"]
                return Verdict(info["status"] == "Accepted", info.get("parentIdTag"))
        return self._verdict_offline()

    def _verdict_offline(self) -> Verdict:
        """Nothing is known locally of any identifier, so one key decides for all."""
        return Verdict(self._station.config.flag("AllowOfflineTxForUnknownId"))

    def _pick(self, id_tag: str) -> Connector:
        """The connector that a card at the shared reader is meant for."""

        def rank(connector: Connector) -> tuple[int, int]:
            memory = connector.memory
            held = self._station.storage.reservations.on(connector.number)
            if memory.transaction is not None:
                place = 0 if self._station.same(memory.transaction.id_tag, id_tag) else 8
            elif memory.held_for is not None and self._station.same(memory.held_for, id_tag):
                place = 0
            elif connector.is_faulted or not memory.operative:
                place = 9
            elif connector.authorization and self._station.same(
                connector.authorization.id_tag, id_tag
            ):
                place = 1
            elif held is not None:
                place = 2 if self._station.same(held.id_tag, id_tag) else 6
            elif connector.authorization is not None:
                place = 7
            elif memory.finishing is not None:
                place = 5 if memory.finishing == "stopped" else 9
            elif connector.hardware.plugged:
                place = 3
            else:
                place = 4
            return place, connector.plugged_order

        return min(self._station.connectors.values(), key=rank)
