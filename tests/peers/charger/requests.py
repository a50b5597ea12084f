"""How the charger answers each request of the central system.

Every function decides and acts without waiting; what it causes is sent after its answer.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from tests.peers import clock
from tests.peers.charger.configuration import MAX_KEYS
from tests.peers.charger.connector import Attempt, Connector
from tests.peers.charger.reservations import UNKNOWN, Reservation
from tests.peers.charger.station import Station
from tests.peers.schema import CallFaultError, Payload


def serve(station: Station, action: str, payload: Payload) -> Payload | None:
    """The answer to one request; `None` where a fault wants silence."""
    return _HANDLERS[action](station, payload)


def _change_availability(station: Station, payload: Payload) -> Payload:
    number = payload["connectorId"]
    if number != 0 and number not in station.connectors:
        return {"status": "Rejected"}
    is_all = number == 0
    targets = list(station.connectors.values()) if is_all else [station.connectors[number]]
    if payload["type"] == "Operative":
        _open(station, targets, is_all)
        return {"status": "Accepted"}
    is_scheduled = False
    for connector in targets:
        if not connector.memory.operative:
            continue
        # There is no permitted step from Preparing to Unavailable: the use goes on to its end.
        if connector.memory.transaction is not None or connector.status == "Preparing":
            connector.memory.scheduled = True
            is_scheduled = True
        else:
            station.make_inoperative(connector)
    if is_all:
        station.storage.is_scheduled = is_scheduled
        if not is_scheduled:
            station.close_station()
    for connector in targets:
        station.refresh(connector)
    return {"status": "Scheduled" if is_scheduled else "Accepted"}


def _open(station: Station, targets: list[Connector], is_all: bool) -> None:
    station.storage.is_scheduled = False
    if is_all:
        station.storage.is_operative = True
        station.refresh_station()
    for connector in targets:
        connector.memory.operative = True
        connector.memory.scheduled = False
        station.refresh(connector)


def _change_configuration(station: Station, payload: Payload) -> Payload:
    outcome = station.config.write(payload["key"], payload["value"])
    if outcome == "Accepted":
        station.config_changed(payload["key"])
    return {"status": outcome}


def _get_configuration(station: Station, payload: Payload) -> Payload:
    names = payload.get("key", [])
    if len(names) > MAX_KEYS:
        raise CallFaultError("OccurenceConstraintViolation", f"at most {MAX_KEYS} keys")
    known, unknown = station.config.read(names)
    answer: Payload = {"configurationKey": known}
    if unknown:
        answer["unknownKey"] = unknown
    return answer


def _clear_cache(station: Station, payload: Payload) -> Payload:
    return {"status": "Rejected"}  # there is no cache


def _data_transfer(station: Station, payload: Payload) -> Payload:
    if station.faults.has("CP-R10"):
        return {"status": "Accepted"}
    return {"status": "UnknownVendorId"}


def _reset(station: Station, payload: Payload) -> Payload:
    if station.is_resetting:
        return {"status": "Rejected"}
    station.begin_reset(payload["type"])
    return {"status": "Accepted"}


def _unlock_connector(station: Station, payload: Payload) -> Payload | None:
    if station.faults.has("CP-E2"):
        return None
    connector = station.connectors.get(payload["connectorId"])
    if connector is None:
        return {"status": "NotSupported"}
    station.stop(connector, "UnlockCommand")
    if connector.memory.held_for is not None:
        station.release(connector)
    return {"status": "Unlocked"}


# Remote start and stop.


def _remote_start(station: Station, payload: Payload) -> Payload:
    id_tag = payload["idTag"]
    number = payload.get("connectorId")
    if number == 0 and station.faults.has("CP-T11"):
        number = None
    if station.is_resetting or station.line.registration != "Accepted":
        return {"status": "Rejected"}
    connector = _choose(station, id_tag) if number is None else station.connectors.get(number)
    if connector is None:
        return {"status": "Rejected"}
    if connector.memory.transaction is not None and station.faults.has("CP-T8"):
        return {"status": "Accepted"}
    overrides = number is None and station.faults.has("CP-T10")
    if not _can_start(station, connector, id_tag, overrides) and not (
        number is None and station.faults.has("CP-T9") and not connector.memory.operative
    ):
        return {"status": "Rejected"}
    if connector.authorization is not None:
        return {"status": "Accepted"}  # the same identifier waits for its cable already
    _begin(station, connector, Attempt(id_tag, True, overrides))
    return {"status": "Accepted"}


def _begin(station: Station, connector: Connector, attempt: Attempt) -> None:
    connector.attempt = attempt
    connector.memory.finishing = None
    station.refresh(connector)
    asks = station.config.flag("AuthorizeRemoteTxRequests") and not station.faults.has("CP-T12")
    if asks or station.identification.claim(connector, attempt.id_tag, UNKNOWN) == "ask":
        station.identification.settle_later(connector, attempt)
    else:
        station.identification.grant(connector, attempt, UNKNOWN)


def _can_start(
    station: Station, connector: Connector, id_tag: str, overrides_reservation: bool = False
) -> bool:
    """Whether an attempt to start can be promised."""
    memory = connector.memory
    other = connector.authorization
    if (
        memory.transaction is not None
        or memory.is_stale
        or memory.held_for is not None
        or connector.is_faulted
        or not memory.operative
        or (memory.scheduled and connector.status != "Preparing")
        or connector.attempt is not None
        or (other is not None and not station.same(other.id_tag, id_tag))
    ):
        return False
    is_refused = station.identification.claim(connector, id_tag, UNKNOWN) == "refused"
    return overrides_reservation or station.faults.has("CP-V1") or not is_refused


def _choose(station: Station, id_tag: str) -> Connector | None:
    """The connector for a remote start that names none."""
    connectors = list(station.connectors.values())
    if station.faults.has("CP-T9"):
        for connector in connectors:
            if not connector.memory.operative and not connector.is_faulted:
                return connector
    overrides = station.faults.has("CP-T10")
    candidates = [c for c in connectors if _can_start(station, c, id_tag, overrides)]

    def rank(connector: Connector) -> tuple[int, int]:
        held = station.storage.reservations.on(connector.number)
        if held is not None:
            is_own = station.same(held.id_tag, id_tag)
            place = 0 if is_own or overrides else 4
        elif connector.memory.finishing is not None:
            place = 3
        else:
            place = 1 if connector.hardware.plugged else 2
        return place, connector.number

    return min(candidates, key=rank, default=None)


def _remote_stop(station: Station, payload: Payload) -> Payload:
    for connector in station.connectors.values():
        transaction = connector.memory.transaction
        if (
            transaction is not None
            and transaction.transaction_id == payload["transactionId"]
            and not station.is_resetting
        ):
            station.stop(connector, "Remote")
            return {"status": "Accepted"}
    return {"status": "Rejected"}


# Reservation.


def _reserve_now(station: Station, payload: Payload) -> Payload:
    _need_reservation_profile(station)
    reservation = Reservation(
        payload["reservationId"],
        payload["connectorId"],
        payload["idTag"],
        payload.get("parentIdTag"),
        _moment(payload["expiryDate"]),
    )
    status = _answer_to_reservation(station, reservation)
    if status == "Accepted":
        _take(station, reservation)
    return {"status": status}


def _need_reservation_profile(station: Station) -> None:
    profiles = station.config.items("SupportedFeatureProfiles")
    if "Reservation" not in profiles and not station.faults.has("CP-V10"):
        raise CallFaultError("NotSupported", "the Reservation profile is not supported here")


def _moment(text: str) -> datetime:
    try:
        return clock.from_wire(text)
    except ValueError as wrong:
        raise CallFaultError(
            "PropertyConstraintViolation", "expiryDate is not a date-time"
        ) from wrong


def _answer_to_reservation(station: Station, new: Reservation) -> str:
    number = new.connector_id
    connectors = list(station.connectors.values())
    if number != 0 and number not in station.connectors:
        return "Rejected"
    if number == 0 and not station.config.flag("ReserveConnectorZeroSupported"):
        return "Rejected"
    if station.is_resetting or new.expiry <= station.line.clock.now():
        return "Rejected"
    wanted = connectors if number == 0 else [station.connectors[number]]
    if station.hardware[0].errors or all(c.is_faulted for c in wanted):
        return "Faulted"
    if not station.storage.is_operative or not any(
        c.memory.operative for c in wanted if not c.is_faulted
    ):
        return "Unavailable"
    held = station.storage.reservations.find(new.reservation_id)
    if held is not None and station.faults.has("CP-E4"):
        return "Occupied"

    def is_free(connector: Connector) -> bool:
        """Free once the replaced reservation is gone; a stranger's cable does not matter to it."""
        if connector.is_free:
            return True
        return (
            held is not None
            and held.connector_id == connector.number
            and (connector.status == "Reserved")
        )

    promised = sum(other is not held for other in station.storage.reservations.anywhere())
    free = [connector for connector in connectors if is_free(connector)]
    if number == 0:
        return "Accepted" if len(free) > promised else "Occupied"
    has_room = len(free) - 1 >= promised
    return "Accepted" if station.connectors[number] in free and has_room else "Occupied"


def _take(station: Station, new: Reservation) -> None:
    """Hold a new reservation in place of the one with its id, if there is one."""
    held = station.storage.reservations.find(new.reservation_id)
    if held is not None:
        station.forget(held)
    station.hold_reservation(new)
    changed = {new.connector_id} | ({held.connector_id} if held is not None else set())
    _show(station, changed)


def _show(station: Station, numbers: set[int]) -> None:
    for number in sorted(numbers - {0}):
        connector = station.connectors[number]
        if station.faults.has("CP-V7"):
            station.without_report(connector)
        else:
            station.refresh(connector)


def _cancel_reservation(station: Station, payload: Payload) -> Payload:
    _need_reservation_profile(station)
    held = station.storage.reservations.find(payload["reservationId"])
    if held is None:
        return {"status": "Rejected"}
    station.forget(held)
    _show(station, {held.connector_id})
    return {"status": "Accepted"}


_HANDLERS: dict[str, Callable[[Station, Payload], Payload | None]] = {
    "CancelReservation": _cancel_reservation,
    "ChangeAvailability": _change_availability,
    "ChangeConfiguration": _change_configuration,
    "ClearCache": _clear_cache,
    "DataTransfer": _data_transfer,
    "GetConfiguration": _get_configuration,
    "RemoteStartTransaction": _remote_start,
    "RemoteStopTransaction": _remote_stop,
    "ReserveNow": _reserve_now,
    "Reset": _reset,
    "UnlockConnector": _unlock_connector,
}
