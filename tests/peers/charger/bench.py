"""The bench: physical actions at the charger, over HTTP (`POST /{verb}`)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from tests.peers.http_door import HttpDoor, ProblemError

VERBS: dict[str, tuple[str, ...]] = {
    "plug_in": ("connectorId",),
    "plug_out": ("connectorId",),
    "present_tag": ("idTag",),
    "ev_ready": ("connectorId",),
    "ev_not_ready": ("connectorId",),
    "fault": ("connectorId",),
    "clear_fault": ("connectorId",),
    "power_off": (),
    "power_on": (),
    "network_down": (),
    "network_up": (),
}
"""Each verb and the arguments it cannot do without."""

Act = Callable[[str, dict[str, Any]], Awaitable[None]]


class Bench:
    """The HTTP side; `act` carries a verb out or raises `ProblemError`."""

    def __init__(self, act: Act, port: int) -> None:
        self._act = act
        self._door = HttpDoor(self._serve, port)

    @property
    def url(self) -> str:
        return self._door.url

    async def open(self) -> None:
        await self._door.open()

    async def close(self) -> None:
        await self._door.close()

    async def _serve(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        verb = path.strip("/")
        if verb == "health" and method == "GET":
            return HTTPStatus.OK, {"status": "up"}
        if verb not in VERBS:
            raise ProblemError(HTTPStatus.NOT_FOUND, f"unknown verb {verb}")
        if method != "POST":
            raise ProblemError(HTTPStatus.METHOD_NOT_ALLOWED, "a verb is sent with POST")
        if not isinstance(body, dict | None):
            raise ProblemError(HTTPStatus.BAD_REQUEST, "the arguments are a JSON object")
        await self._act(verb, body or {})
        return HTTPStatus.OK, {"done": verb}
