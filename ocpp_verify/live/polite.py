"""Answers to messages that a model does not cover, as an obliging peer would give them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ocpp_verify.live.defaults16 import HEARTBEAT_INTERVAL
from ocpp_verify.ocpp.v16.configuration import is_same_key
from ocpp_verify.ocpp.v16.schemas import Schemas

READ_ONLY = (
    "NumberOfConnectors",
    "SupportedFeatureProfiles",
    "ReserveConnectorZeroSupported",
    "GetConfigurationMaxKeys",
    "ConnectorPhaseRotationMaxLength",
    "MeterValuesAlignedDataMaxLength",
    "MeterValuesSampledDataMaxLength",
    "StopTxnAlignedDataMaxLength",
    "StopTxnSampledDataMaxLength",
)


def csms_answer(action: str, payload: Mapping[str, Any]) -> dict[str, Any] | None:
    """Of a CSMS that knows nobody; None: whatever the schema asks for."""
    match action:
        case "BootNotification":
            return {"status": "Accepted", "interval": HEARTBEAT_INTERVAL}
        case "Authorize" | "StartTransaction":
            return {"idTagInfo.status": "Invalid"}
        case "DataTransfer":
            return {"status": "UnknownVendorId"}
        case _:
            return None


def least_answer(schemas: Schemas, action: str) -> dict[str, Any]:
    """What agrees to as little as possible. Fields that the schema demands besides are not given."""
    if action == "DataTransfer":
        return {"status": "UnknownVendorId"}
    outcome = schemas.outcome_field(action)
    if outcome is not None and len(outcome.path) == 2:
        return {".".join(outcome.path): "Invalid"}
    return {}


@dataclass(slots=True)
class ChargerAnswers:
    """Of a charger with the configuration `keys`, which ChangeConfiguration may change."""

    keys: dict[str, str] = field(default_factory=dict)

    def __call__(self, action: str, payload: Mapping[str, Any]) -> dict[str, Any] | None:
        """None: whatever the schema asks for."""
        match action:
            case "GetConfiguration":
                return self._read(payload)
            case "ChangeConfiguration":
                return {"status": self._change(payload)}
            case "TriggerMessage" | "ExtendedTriggerMessage":
                return {"status": "NotImplemented"}
            case "DataTransfer":
                return {"status": "UnknownVendorId"}
            case "GetLocalListVersion":
                return {"listVersion": -1}
            case "SendLocalList" | "SetChargingProfile":
                return {"status": "NotSupported"}
            case "ClearChargingProfile":
                return {"status": "Unknown"}
            case "ClearCache" | "GetCompositeSchedule" | "Reset" | "ReserveNow":
                return {"status": "Rejected"}
            case "RemoteStartTransaction" | "RemoteStopTransaction" | "CancelReservation":
                return {"status": "Rejected"}
            case "ChangeAvailability":
                return {"status": "Rejected"}
            case _:
                return None

    def _name(self, wanted: object) -> str | None:
        if not isinstance(wanted, str):
            return None
        return next((each for each in self.keys if is_same_key(each, wanted)), None)

    def _read(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        asked = payload.get("key")
        wanted = asked if isinstance(asked, list) and asked else list(self.keys)
        found = [
            {"key": name, "readonly": name in READ_ONLY, "value": self.keys[name]}
            for each in wanted
            if (name := self._name(each)) is not None
        ]
        unknown = [each for each in wanted if self._name(each) is None]
        made: dict[str, Any] = {"configurationKey": found}
        if unknown:
            made["unknownKey"] = unknown
        return made

    def _change(self, payload: Mapping[str, Any]) -> str:
        name = self._name(payload.get("key"))
        value = payload.get("value")
        if name is None:
            return "NotSupported"
        if name in READ_ONLY or not isinstance(value, str):
            return "Rejected"
        self.keys[name] = value
        return "Accepted"
