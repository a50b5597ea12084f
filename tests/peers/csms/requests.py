"""How the CSMS answers each request of a station."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable

from tests.peers import clock
from tests.peers.csms.records import StationRecord, TransactionRecord
from tests.peers.csms.settings import CSMSSettings, Tag, TagStatus
from tests.peers.faults import Faults
from tests.peers.schema import CallFaultError, Payload

SUPPORTED = frozenset(
    {
        "Authorize",
        "BootNotification",
        "DataTransfer",
        "Heartbeat",
        "MeterValues",
        "StartTransaction",
        "StatusNotification",
        "StopTransaction",
    }
)
BURST = 0.05
"""Seconds within which CS-17 takes two StatusNotifications for concurrent ones."""
_MANY_DECIMALS = re.compile(r"-?\d+\.\d{2,}")


class Desk:
    """Answers requests and keeps the records up to date."""

    def __init__(self, settings: CSMSSettings, faults: Faults) -> None:
        self._settings = settings
        self._faults = faults
        self._tags = {id_tag.lower(): tag for id_tag, tag in settings.tags.items()}
        self._ids = itertools.count(1)
        self._handlers: dict[str, Callable[[StationRecord, Payload], Payload | None]] = {
            "Authorize": self._authorize,
            "BootNotification": self._boot,
            "DataTransfer": self._data_transfer,
            "Heartbeat": self._heartbeat,
            "MeterValues": self._meter_values,
            "StartTransaction": self._start,
            "StatusNotification": self._status,
            "StopTransaction": self._stop,
        }

    def serve(self, station: StationRecord, action: str, payload: Payload) -> Payload | None:
        """The answer to one request; `None` where a fault wants silence."""
        is_known = station.registration == "Accepted" or action == "BootNotification"
        if not is_known and not self._faults.has("CS-27"):
            raise CallFaultError("SecurityError", "the station has not been accepted")
        return self._handlers[action](station, payload)

    # Registration and signs of life.

    def _boot(self, station: StationRecord, payload: Payload) -> Payload:
        plan = self._settings.registrations
        station.registration = plan[min(len(station.boots), len(plan) - 1)]
        station.boots.append(payload)
        is_accepted = station.registration == "Accepted"
        return {
            "status": station.registration,
            "currentTime": clock.to_wire(clock.now()),
            "interval": self._settings.interval if is_accepted else self._settings.retry_interval,
        }

    def _heartbeat(self, station: StationRecord, payload: Payload) -> Payload:
        return {"currentTime": clock.to_wire(clock.now())}

    def _status(self, station: StationRecord, payload: Payload) -> Payload:
        number = payload["connectorId"]
        moment, other = station.last_status
        station.last_status = (clock.monotonic(), number)
        is_burst = other not in (-1, number) and clock.monotonic() - moment < BURST
        if is_burst and self._faults.has("CS-17"):
            raise CallFaultError("InternalError", "the status table is locked")
        station.statuses[number] = {"timestamp": clock.to_wire(clock.now()), **payload}
        if payload["status"] in ("Faulted", "Unavailable"):
            station.drop_reservations(number)
        return {}

    def _data_transfer(self, station: StationRecord, payload: Payload) -> Payload:
        return {"status": "UnknownVendorId"}

    # Identifiers.

    def _info(self, id_tag: str, is_stop: bool = False) -> Payload:
        """The idTagInfo of an identifier; letter case does not count."""
        tag = self._tags.get(id_tag.lower())
        info: Payload = {"status": self._judge(tag, is_stop)}
        if tag is not None and tag.parent is not None:
            info["parentIdTag"] = tag.parent
        if tag is not None and tag.expiry is not None:
            info["expiryDate"] = clock.to_wire(tag.expiry)
        return info

    def _judge(self, tag: Tag | None, is_stop: bool) -> TagStatus:
        if tag is None:
            return "Accepted" if self._faults.has("CS-14") else "Invalid"
        if tag.status is None:
            return "Accepted" if self._faults.has("CS-11") else "Invalid"
        status = tag.status
        if status == "Accepted" and tag.expiry is not None and tag.expiry <= clock.now():
            status = "Expired"
        if status == "Expired" and is_stop and self._faults.has("CS-12"):
            return "Accepted"
        if status in ("Blocked", "Expired") and self._faults.has("CS-10"):
            return "Invalid"
        return status

    def _authorize(self, station: StationRecord, payload: Payload) -> Payload | None:
        if self._faults.has("CS-E1"):
            return None
        if self._faults.has("CS-39") and "-" in payload["idTag"]:
            raise CallFaultError("PropertyConstraintViolation", "idTag is not alphanumeric")
        return {"idTagInfo": self._info(payload["idTag"])}

    # Transactions.

    def _start(self, station: StationRecord, payload: Payload) -> Payload:
        info = self._info(payload["idTag"])
        record = station.same_start(payload)
        if record is None or self._faults.has("CS-E3"):
            number = 1 if self._faults.has("CS-7") else next(self._ids)
            record = TransactionRecord(number, payload, info["status"])
            station.transactions.append(record)
            if "reservationId" in payload:
                station.close_reservation(payload["reservationId"], "used")
        answer: Payload = {"transactionId": record.transaction_id, "idTagInfo": info}
        if self._faults.has("CS-9"):
            del answer["idTagInfo"]
        return answer

    def _stop(self, station: StationRecord, payload: Payload) -> Payload | None:
        self._look_at_values(payload.get("transactionData", []))
        record = station.transaction(payload["transactionId"])
        if record is None and self._faults.has("CS-E4"):
            return None
        if record is not None and record.is_open:
            record.stop = payload
        if "idTag" not in payload:
            return {}
        return {"idTagInfo": self._info(payload["idTag"], is_stop=True)}

    def _meter_values(self, station: StationRecord, payload: Payload) -> Payload:
        self._look_at_values(payload["meterValue"])
        record = station.transaction(payload.get("transactionId", 0))
        if record is not None:
            record.meter_values.extend(payload["meterValue"])
        return {}

    def _look_at_values(self, values: Iterable[Payload]) -> None:
        """Accept whatever the schema permits; only faults find something wrong here."""
        values = list(values)
        moments = [value["timestamp"] for value in values]
        if self._faults.has("CS-25") and moments != sorted(moments):
            raise CallFaultError("PropertyConstraintViolation", "meter values are out of order")
        if self._faults.has("CS-39"):
            for sample in itertools.chain.from_iterable(value["sampledValue"] for value in values):
                if _MANY_DECIMALS.fullmatch(sample["value"]):
                    raise CallFaultError("PropertyConstraintViolation", "too many decimals")
