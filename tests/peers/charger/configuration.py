"""The configuration keys of the charger: Core and Reservation, with types and accessibility."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from tests.peers.faults import Faults

MEASURANDS = (
    "Energy.Active.Import.Register",
    "Power.Active.Import",
    "Current.Import",
    "Voltage",
)
ROTATIONS = ("NotApplicable", "Unknown", "RST", "RTS", "SRT", "STR", "TRS", "TSR")
MAX_KEYS = 50
MAX_INTEGER = 2**31 - 1

Kind = Literal["boolean", "integer", "list"]
Outcome = Literal["Accepted", "Rejected", "NotSupported"]

_INTEGER = re.compile(r"[0-9]{1,10}")
_SIGNED = re.compile(r"-?[0-9]{1,10}")
_DECIMAL = re.compile(r"-?[0-9]{1,10}\.[0-9]+")


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `fits` judges list values; `least` bounds integers from below."""

    name: str
    kind: Kind
    value: str
    is_readonly: bool = False
    least: int = 0
    fits: Callable[[list[str]], bool] | None = None


class Configuration:
    """The values of all keys; names are compared without regard to letter case.

    Integer and boolean values are kept in one spelling, so that a written `TRUE` reads `true`.
    """

    def __init__(self, connectors: int, preset: Mapping[str, str], faults: Faults) -> None:
        self._faults = faults
        self._keys = {key.name.lower(): key for key in _factory_keys(connectors, faults)}
        for name, value in preset.items():
            key = self._keys.get(name.lower())
            if key is None:
                raise ValueError(f"no configuration key {name}")
            spelt = self._spelt(key, value)
            if spelt is None:
                raise ValueError(f"{value!r} does not fit configuration key {name}")
            self._keys[name.lower()] = replace(key, value=spelt)

    # What the device itself asks.

    def text(self, name: str) -> str:
        return self._keys[name.lower()].value

    def flag(self, name: str) -> bool:
        return self.text(name) == "true"

    def number(self, name: str) -> int:
        return int(self.text(name))

    def items(self, name: str) -> list[str]:
        """The members of a list value, without empty ones."""
        return [item for item in _split(self.text(name)) if item]

    def store(self, name: str, value: str) -> None:
        """Set a key on the device's own account."""
        self._keys[name.lower()] = replace(self._keys[name.lower()], value=value)

    # What the central system asks.

    def read(self, names: Iterable[str]) -> tuple[list[dict[str, str | bool]], list[str]]:
        """The asked keys as on the wire and the names that are not known; all if none is named."""
        wanted = list(names)
        if not wanted:
            return [_on_wire(key) for key in self._keys.values()], []
        known = [self._keys[name.lower()] for name in wanted if name.lower() in self._keys]
        unknown = [name for name in wanted if name.lower() not in self._keys]
        return [_on_wire(key) for key in dict.fromkeys(known)], unknown

    def write(self, name: str, value: str) -> Outcome:
        """Change a key if it is known, writable and the value fits; takes effect at once."""
        key = self._keys.get(name.lower())
        if key is None:
            return "NotSupported"
        if key.is_readonly and not self._faults.has("CP-B14"):
            return "Rejected"
        spelt = self._spelt(key, value)
        if spelt is None:
            return "Rejected"
        self._keys[name.lower()] = replace(key, value=spelt)
        return "Accepted"

    def _spelt(self, key: Key, value: str) -> str | None:
        """`value` in the spelling that is stored, or `None` if it does not fit."""
        match key.kind:
            case "boolean":
                return self._boolean(value)
            case "integer":
                return self._integer(key, value)
            case "list":
                members = _split(value)
                if key.fits is not None and members != [""] and not key.fits(members):
                    return None
                return ",".join(members)

    def _boolean(self, value: str) -> str | None:
        if self._faults.has("CP-B13") and _SIGNED.fullmatch(value):
            return "false" if int(value) == 0 else "true"
        if self._faults.has("CP-B12") and value != value.lower():
            return None
        return value.lower() if value.lower() in ("true", "false") else None

    def _integer(self, key: Key, value: str) -> str | None:
        if self._faults.has("CP-B10") and _SIGNED.fullmatch(value):
            return str(int(value))
        if self._faults.has("CP-B11") and _DECIMAL.fullmatch(value):
            value = value.partition(".")[0]
        if not _INTEGER.fullmatch(value):
            return None
        return str(int(value)) if key.least <= int(value) <= MAX_INTEGER else None


def _split(value: str) -> list[str]:
    return [item.strip() for item in value.split(",")]


def _on_wire(key: Key) -> dict[str, str | bool]:
    return {"key": key.name, "readonly": key.is_readonly, "value": key.value}


def _are_measurands(members: list[str]) -> bool:
    return len(members) <= len(MEASURANDS) and all(item in MEASURANDS for item in members)


def _are_rotations(connectors: int) -> Callable[[list[str]], bool]:
    def fits(members: list[str]) -> bool:
        for member in members:
            number, dot, rotation = member.partition(".")
            if not dot or not _INTEGER.fullmatch(number) or int(number) > connectors:
                return False
            if rotation not in ROTATIONS:
                return False
        return True

    return fits


def _factory_keys(connectors: int, faults: Faults) -> list[Key]:
    rotation = ",".join(f"{number}.Unknown" for number in range(connectors + 1))
    profiles = "Core" if faults.has("CP-V10") else "Core,Reservation"
    most = str(len(MEASURANDS))
    energy = MEASURANDS[0]
    return [
        Key("AllowOfflineTxForUnknownId", "boolean", "false"),
        Key("AuthorizeRemoteTxRequests", "boolean", "true"),
        Key("ClockAlignedDataInterval", "integer", "0"),
        Key("ConnectionTimeOut", "integer", "60", least=1),
        Key("ConnectorPhaseRotation", "list", rotation, fits=_are_rotations(connectors)),
        Key("ConnectorPhaseRotationMaxLength", "integer", str(connectors + 1), is_readonly=True),
        Key("GetConfigurationMaxKeys", "integer", str(MAX_KEYS), is_readonly=True),
        Key("HeartbeatInterval", "integer", "300"),
        Key("LocalAuthorizeOffline", "boolean", "true"),
        Key("LocalPreAuthorize", "boolean", "false"),
        Key("MessageTimeout", "integer", "30", least=1),
        Key("MeterValuesAlignedData", "list", energy, fits=_are_measurands),
        Key("MeterValuesAlignedDataMaxLength", "integer", most, is_readonly=True),
        Key("MeterValuesSampledData", "list", energy, fits=_are_measurands),
        Key("MeterValuesSampledDataMaxLength", "integer", most, is_readonly=True),
        Key("MeterValueSampleInterval", "integer", "60"),
        Key("NumberOfConnectors", "integer", str(connectors), is_readonly=True),
        Key("ReserveConnectorZeroSupported", "boolean", "true", is_readonly=True),
        Key("ResetRetries", "integer", "1"),
        Key("StopTransactionOnEVSideDisconnect", "boolean", "true"),
        Key("StopTransactionOnInvalidId", "boolean", "true"),
        Key("StopTxnAlignedData", "list", "", fits=_are_measurands),
        Key("StopTxnAlignedDataMaxLength", "integer", most, is_readonly=True),
        Key("StopTxnSampledData", "list", "", fits=_are_measurands),
        Key("StopTxnSampledDataMaxLength", "integer", most, is_readonly=True),
        Key("SupportedFeatureProfiles", "list", profiles, is_readonly=True),
        Key("TransactionMessageAttempts", "integer", "3", least=1),
        Key("TransactionMessageRetryInterval", "integer", "5"),
        Key("UnlockConnectorOnEVSideDisconnect", "boolean", "true"),
        Key("WebSocketPingInterval", "integer", "0"),
    ]
