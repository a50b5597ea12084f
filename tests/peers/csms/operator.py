"""The operator's interface: `POST /api/octt/1.6/{station}/{kebab-case-action}` over HTTP."""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from tests.peers import clock
from tests.peers.csms.records import StationRecord
from tests.peers.faults import Faults
from tests.peers.http_door import HttpDoor, ProblemError
from tests.peers.rpc import Link, LinkLostError, NoAnswerError, RefusedError
from tests.peers.schema import CALL, CallFaultError, Payload, check

ACTIONS = (
    "CancelReservation",
    "ChangeAvailability",
    "ChangeConfiguration",
    "ClearCache",
    "DataTransfer",
    "GetConfiguration",
    "RemoteStartTransaction",
    "RemoteStopTransaction",
    "ReserveNow",
    "Reset",
    "UnlockConnector",
)


def kebab(action: str) -> str:
    """`ReserveNow` as `reserve-now`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", action).lower()


_BY_KEBAB = {kebab(action): action for action in ACTIONS}

Find = Callable[[str], tuple[StationRecord, Link | None] | None]
"""A station's record and its present connection."""


class Operator:
    """Sends requests to stations on behalf of an operator and passes their answers on.

    404 unknown station or action, 400 a payload that breaks the schema or a rule for the CSMS,
    409 the registration of the station forbids the request, 502 answered with CALLERROR,
    503 not connected, 504 no answer in time. Requests to one station wait for each other.
    """

    def __init__(self, find: Find, faults: Faults, patience: float, port: int) -> None:
        self._find = find
        self._faults = faults
        self._patience = patience
        self._door = HttpDoor(self._serve, port)

    @property
    def url(self) -> str:
        return self._door.url

    async def open(self) -> None:
        await self._door.open()

    async def close(self) -> None:
        await self._door.close()

    async def _serve(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        match method, path.strip("/").split("/"):
            case "GET", ["health"]:
                return HTTPStatus.OK, {"status": "up"}
            case "GET", ["records", identity]:
                return HTTPStatus.OK, self._known(unquote(identity))[0].summary()
            case "POST", ["api", "octt", "1.6", identity, name]:
                if name not in _BY_KEBAB:
                    raise ProblemError(HTTPStatus.NOT_FOUND, f"unknown action {name}")
                if not isinstance(body, dict | None):
                    raise ProblemError(HTTPStatus.BAD_REQUEST, "a payload is a JSON object")
                return HTTPStatus.OK, await self.send(unquote(identity), _BY_KEBAB[name], body)
            case _:
                raise ProblemError(HTTPStatus.NOT_FOUND, "no such resource")

    def _known(self, identity: str) -> tuple[StationRecord, Link | None]:
        found = self._find(identity)
        if found is None:
            raise ProblemError(HTTPStatus.NOT_FOUND, f"unknown station {identity}")
        return found

    async def send(self, identity: str, action: str, body: Payload | None) -> Payload:
        """Send one request and give the station's answer; raises `ProblemError`."""
        payload = body or {}
        station, link = self._known(identity)
        if link is None:
            raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, f"{identity} is not connected")
        self._need_permission(station, action)
        self._need_sense(station, action, payload)
        try:
            answer = await link.call(action, payload, self._patience)
        except NoAnswerError as late:
            raise ProblemError(HTTPStatus.GATEWAY_TIMEOUT, f"{identity} did not answer") from late
        except LinkLostError as lost:
            raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, f"{identity} disconnected") from lost
        except RefusedError as refusal:
            raise ProblemError(HTTPStatus.BAD_GATEWAY, str(refusal)) from refusal
        _record(station, action, payload, answer)
        return answer

    def _need_permission(self, station: StationRecord, action: str) -> None:
        """No requests to a rejected station, no remote start or stop before it is accepted."""
        is_remote = action in ("RemoteStartTransaction", "RemoteStopTransaction")
        is_accepted = station.registration == "Accepted"
        if station.registration == "Rejected" or (is_remote and not is_accepted):
            state = station.registration or "not registered"
            raise ProblemError(HTTPStatus.CONFLICT, f"{station.identity} is {state}")

    def _need_sense(self, station: StationRecord, action: str, payload: Payload) -> None:
        """A payload that a CSMS may send."""
        try:
            check(CALL, action, payload)
        except CallFaultError as fault:
            raise ProblemError(HTTPStatus.BAD_REQUEST, str(fault)) from fault
        connector = payload.get("connectorId")
        if action in ("RemoteStartTransaction", "UnlockConnector") and connector == 0:
            raise ProblemError(HTTPStatus.BAD_REQUEST, f"{action} does not name connector 0")
        if action == "ReserveNow":
            try:
                clock.from_wire(payload["expiryDate"])
            except ValueError as wrong:
                raise ProblemError(HTTPStatus.BAD_REQUEST, "bad expiryDate") from wrong
            if self._faults.has("CS-31") and (connector == 0 or "parentIdTag" in payload):
                raise ProblemError(HTTPStatus.BAD_REQUEST, "unsupported reservation")
        most = station.max_keys
        if action == "GetConfiguration" and most is not None and len(payload.get("key", [])) > most:
            raise ProblemError(HTTPStatus.BAD_REQUEST, f"the station takes {most} keys at most")


def _record(station: StationRecord, action: str, request: Payload, answer: Payload) -> None:
    """Note what an answer means for the records."""
    if action == "ReserveNow" and answer["status"] == "Accepted":
        station.add_reservation(request)
    elif action == "CancelReservation" and answer["status"] == "Accepted":
        station.close_reservation(request["reservationId"], "cancelled")
    elif action == "GetConfiguration":
        for entry in answer.get("configurationKey", []):
            value = entry.get("value", "")
            if entry["key"].lower() == "getconfigurationmaxkeys" and value.isdigit():
                station.max_keys = int(value)
