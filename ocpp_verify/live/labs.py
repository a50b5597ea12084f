"""The lab around a system under test: how its physical events and operator requests come about.

A charger's lab is the bench and our own server; a CSMS's lab is its operator and our own client.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ocpp_verify.live.drivers.bench import Bench
from ocpp_verify.live.drivers.operator import Operator
from ocpp_verify.live.drivers.outcome import Done, Outcome, Unavailable
from ocpp_verify.live.shells.client import ChargerClient, Connected
from ocpp_verify.live.shells.server import CsmsServer


def verb(event: str) -> str:
    """The bench verb for an event of the model: `PlugIn` is `plug_in`."""
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in event).lstrip("_")


class Lab(Protocol):
    """What a tester needs besides the wire's callbacks."""

    is_link_cut: bool
    """Whether it is we who took the network away."""

    def send(self, frame: str | bytes) -> bool:
        """Put a frame on the wire; False while there is no connection."""
        ...

    def can(self, event: str) -> bool:
        """Whether this physical event can be caused."""
        ...

    def can_ask(self, action: str) -> bool:
        """Whether the system under test can be made to send this request."""
        ...

    async def cause(self, event: str, arguments: Mapping[str, Any]) -> Outcome:
        """Cause a physical event."""
        ...

    async def ask(self, action: str, payload: Mapping[str, Any]) -> Outcome:
        """Make the system under test send a request; returns without waiting for our answer."""
        ...

    async def link(self, up: bool) -> None:
        """Take the network away, or give it back."""
        ...


class ChargerLab:
    """A charger with a bench; the network is ours, as we are the server."""

    def __init__(self, bench: Bench, server: CsmsServer) -> None:
        self.is_link_cut = False
        self._bench = bench
        self._server = server

    def send(self, frame: str | bytes) -> bool:
        return self._server.send(frame)

    def can(self, event: str) -> bool:
        return verb(event) in self._bench.verbs or event in ("NetworkUp", "NetworkDown")

    def can_ask(self, action: str) -> bool:
        return False

    async def cause(self, event: str, arguments: Mapping[str, Any]) -> Outcome:
        return await self._bench.do(verb(event), arguments)

    async def ask(self, action: str, payload: Mapping[str, Any]) -> Outcome:
        return Unavailable(f"a charger has no operator for {action}")

    async def link(self, up: bool) -> None:
        self.is_link_cut = not up
        if up:
            self._server.accept_again()
        else:
            await self._server.refuse_for(math.inf)


class CsmsLab:
    """A CSMS with an operator; the network is ours, as we are the client."""

    def __init__(
        self, operator: Operator, client: ChargerClient, refused: Callable[[str], None]
    ) -> None:
        self.is_link_cut = False
        self._operator = operator
        self._client = client
        self._refused = refused
        self._asked: set[asyncio.Task[Outcome]] = set()

    def send(self, frame: str | bytes) -> bool:
        return self._client.send(frame)

    def can(self, event: str) -> bool:
        return False

    def can_ask(self, action: str) -> bool:
        return action in self._operator.actions

    async def cause(self, event: str, arguments: Mapping[str, Any]) -> Outcome:
        return Unavailable(f"a CSMS has no {verb(event)}")

    async def ask(self, action: str, payload: Mapping[str, Any]) -> Outcome:
        # An operator interface may answer only after the charger has: that is us.
        task = asyncio.create_task(self._operator.do(action, payload))
        self._asked.add(task)
        task.add_done_callback(self._asked.discard)
        done, _ = await asyncio.wait([task], timeout=0.05)
        return task.result() if done else Done("asked")

    async def link(self, up: bool) -> None:
        self.is_link_cut = not up
        if not up:
            await self._client.abort()
            return
        attempt = await self._client.connect()
        if not isinstance(attempt, Connected):
            self._refused(attempt.why)
