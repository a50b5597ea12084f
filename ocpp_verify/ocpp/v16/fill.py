"""Complete payloads: what a model fixes is kept, what the schema demands besides is made up plausibly."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from ocpp_verify.ocpp.v16.messages import Direction
from ocpp_verify.ocpp.v16.schemas import Schemas
from ocpp_verify.ocpp.v16.shapes import Field

# Enumerations whose first value is not the one that harms least.
_PREFERRED = ("Accepted", "NoError", "Available", "Soft", "Operative", "TxDefaultProfile",
              "Relative", "A", "Full", "Heartbeat", "Idle", "SHA256", "Unlocked")  # fmt: skip

_SHIFTED = {
    "expiryDate": timedelta(hours=1),
    "validTo": timedelta(days=1),
    "stopTime": timedelta(hours=1),
    "retrieveDate": timedelta(minutes=1),
    "retrieveDateTime": timedelta(minutes=1),
    "installDateTime": timedelta(minutes=5),
    "latestTimestamp": timedelta(hours=1),
    "oldestTimestamp": -timedelta(days=1),
    "startTime": -timedelta(days=1),
}
"""Fields that tell of another moment than now."""


@dataclass(frozen=True, slots=True)
class Station:
    """The values that describe the charger in messages."""

    vendor: str = "ocpp-verify"
    model: str = "tester"
    serial: str = "OV-0001"
    firmware: str = "0.1.0"


def no_energy() -> int:
    """A meter that stands still at 0 Wh."""
    return 0


class Filler:
    """Makes schema-valid payloads; two fillers with equal seeds make equal ones.

    `meter` tells the energy register in Wh whenever a message carries it.

    >>> from datetime import UTC, datetime
    >>> filler = Filler(Schemas(), Random(1), meter=lambda: 1500)
    >>> noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    >>> filler.fill("StartTransaction", "request", {"connectorId": 2, "idTag": "T1"}, now=noon)
    {'connectorId': 2, 'idTag': 'T1', 'meterStart': 1500, 'timestamp': '2026-11-23T12:00:00.000Z'}
    >>> filler.fill("Authorize", "response", {"idTagInfo.status": "Blocked"}, now=noon)
    {'idTagInfo': {'status': 'Blocked'}}
    """

    def __init__(
        self,
        schemas: Schemas,
        random: Random,
        *,
        meter: Callable[[], int] = no_energy,
        station: Station | None = None,
    ) -> None:
        self.schemas = schemas
        self.random = random
        self.meter = meter
        self.station = station or Station()

    def fill(
        self,
        action: str,
        direction: Direction,
        given: Mapping[str, Any] | None = None,
        *,
        now: datetime,
    ) -> dict[str, Any]:
        """`given` plus the required fields that it lacks.

        A given name may be a path (`idTagInfo.status`). Given objects are completed, also inside
        given arrays; nothing given is changed or checked, so an invalid value stays invalid. `now`
        must have an offset; it is written in UTC.
        """
        shape = self.schemas.shape(action, direction)
        return self._object(shape, _nested(given or {}), now, f"{action}.{direction}")

    def _object(
        self, field: Field, given: Mapping[str, Any], now: datetime, context: str
    ) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for inner in field.fields:
            if inner.name in given:
                made[inner.name] = self._completed(inner, given[inner.name], now, context)
            elif inner.is_required:
                made[inner.name] = self._plausible(inner, inner.name, now, context)
        made.update({name: value for name, value in given.items() if name not in made})
        return made

    def _completed(self, field: Field, value: Any, now: datetime, context: str) -> Any:
        if field.kind == "object" and isinstance(value, Mapping):
            return self._object(field, value, now, context)
        if field.kind == "array" and field.item is not None and isinstance(value, list | tuple):
            return [self._completed(field.item, each, now, context) for each in value]
        if isinstance(value, datetime):
            return timestamp(value)
        return value

    def _plausible(self, field: Field, name: str, now: datetime, context: str) -> Any:
        match field.kind:
            case "object":
                return self._object(field, {}, now, context)
            case "array":
                assert field.item is not None
                return [self._plausible(field.item, name, now, context)]
            case "boolean":
                return False
            case "integer":
                return self._integer(name)
            case "number":
                return _number(field)
            case "string":
                text = self._text(field, name, now, context)
                return text if field.max_length is None else text[: field.max_length]

    def _integer(self, name: str) -> int:
        match name:
            case "connectorId" | "stackLevel" | "listVersion" | "chargingProfileId":
                return 1
            case "meterStart" | "meterStop":
                return self.meter()
            case "interval" | "retryInterval":
                return 300
            case "duration":
                return 3600
            case "startPeriod":
                return 0
            case _:
                return self.random.randint(1, 999_999)

    def _text(self, field: Field, name: str, now: datetime, context: str) -> str:
        if field.enum:
            return next((each for each in _PREFERRED if each in field.enum), field.enum[0])
        if field.format == "date-time":
            return timestamp(now + _SHIFTED[name] if name in _SHIFTED else now)
        match name:
            case "idTag" | "parentIdTag":
                return f"TAG{self.random.randint(0, 999_999):06}"
            case "chargePointVendor":
                return self.station.vendor
            case "chargePointModel":
                return self.station.model
            case "chargePointSerialNumber" | "chargeBoxSerialNumber" | "serialNumber":
                return self.station.serial
            case "firmwareVersion":
                return self.station.firmware
            case "vendorId":
                return "org.example"
            case "location" | "remoteLocation":
                return "ftp://localhost/ocpp-verify"
            case "key":
                return "HeartbeatInterval"
            case "value" if context == "ChangeConfiguration.request":
                return "300"
            case "value":
                return str(self.meter())
            case "issuerNameHash" | "issuerKeyHash":
                return "".join(self.random.choices("0123456789abcdef", k=64))
            case "certificate" | "certificateChain" | "signingCertificate":
                return self._pem("CERTIFICATE")
            case "csr":
                return self._pem("CERTIFICATE REQUEST")
            case "signature":
                return self._base64(88)
            case "type":  # of a security event
                return "StartupOfTheDevice"
            case _:
                return "ocpp-verify"

    def _base64(self, length: int) -> str:
        return "".join(self.random.choices(string.ascii_letters + string.digits, k=length))

    def _pem(self, label: str) -> str:
        """The outer form of a PEM block; no certificate can be read from it."""
        return f"-----BEGIN {label}-----\n{self._base64(64)}\n-----END {label}-----\n"


def timestamp(moment: datetime) -> str:
    """The moment as OCPP writes it: ISO 8601 in UTC, to the millisecond."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs an offset from UTC")
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def _number(field: Field) -> float:
    return 16.0 if field.multiple_of is not None else 1.0


def _nested(given: Mapping[str, Any]) -> dict[str, Any]:
    """Paths as objects; a path and the object it leads into are merged."""
    made: dict[str, Any] = {}
    for name, value in given.items():
        head, dot, rest = name.partition(".")
        if dot:
            inner = made.get(head)
            made[head] = {**(inner if isinstance(inner, Mapping) else {}), **_nested({rest: value})}
        elif isinstance(value, Mapping) and isinstance(made.get(head), Mapping):
            made[head] = {**made[head], **value}
        else:
            made[head] = value
    return made
