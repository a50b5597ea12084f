"""The 28 messages of OCPP 1.6 and the 11 of its security extension: who sends them, which profile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias, get_args

Role: TypeAlias = Literal["charger", "csms"]
Direction: TypeAlias = Literal["request", "response"]
Profile: TypeAlias = Literal[
    "Core",
    "FirmwareManagement",
    "LocalAuthListManagement",
    "Reservation",
    "SmartCharging",
    "RemoteTrigger",
    "Security",
]

PROFILES: tuple[Profile, ...] = get_args(Profile)


@dataclass(frozen=True, slots=True)
class Message:
    """One message; `senders` are the roles that may send its request."""

    action: str
    profile: Profile
    senders: tuple[Role, ...]

    def is_sent_by(self, role: Role) -> bool:
        """Whether `role` may send the request (the other role then sends the response)."""
        return role in self.senders


_BOTH: tuple[Role, ...] = ("charger", "csms")
_CHARGER: tuple[Role, ...] = ("charger",)
_CSMS: tuple[Role, ...] = ("csms",)


def _table() -> Iterator[Message]:
    core: Profile = "Core"
    yield Message("Authorize", core, _CHARGER)
    yield Message("BootNotification", core, _CHARGER)
    yield Message("ChangeAvailability", core, _CSMS)
    yield Message("ChangeConfiguration", core, _CSMS)
    yield Message("ClearCache", core, _CSMS)
    yield Message("DataTransfer", core, _BOTH)
    yield Message("GetConfiguration", core, _CSMS)
    yield Message("Heartbeat", core, _CHARGER)
    yield Message("MeterValues", core, _CHARGER)
    yield Message("RemoteStartTransaction", core, _CSMS)
    yield Message("RemoteStopTransaction", core, _CSMS)
    yield Message("Reset", core, _CSMS)
    yield Message("StartTransaction", core, _CHARGER)
    yield Message("StatusNotification", core, _CHARGER)
    yield Message("StopTransaction", core, _CHARGER)
    yield Message("UnlockConnector", core, _CSMS)
    firmware: Profile = "FirmwareManagement"
    yield Message("DiagnosticsStatusNotification", firmware, _CHARGER)
    yield Message("FirmwareStatusNotification", firmware, _CHARGER)
    yield Message("GetDiagnostics", firmware, _CSMS)
    yield Message("UpdateFirmware", firmware, _CSMS)
    yield Message("GetLocalListVersion", "LocalAuthListManagement", _CSMS)
    yield Message("SendLocalList", "LocalAuthListManagement", _CSMS)
    yield Message("CancelReservation", "Reservation", _CSMS)
    yield Message("ReserveNow", "Reservation", _CSMS)
    yield Message("ClearChargingProfile", "SmartCharging", _CSMS)
    yield Message("GetCompositeSchedule", "SmartCharging", _CSMS)
    yield Message("SetChargingProfile", "SmartCharging", _CSMS)
    yield Message("TriggerMessage", "RemoteTrigger", _CSMS)
    security: Profile = "Security"
    yield Message("CertificateSigned", security, _CSMS)
    yield Message("DeleteCertificate", security, _CSMS)
    yield Message("ExtendedTriggerMessage", security, _CSMS)
    yield Message("GetInstalledCertificateIds", security, _CSMS)
    yield Message("GetLog", security, _CSMS)
    yield Message("InstallCertificate", security, _CSMS)
    yield Message("LogStatusNotification", security, _CHARGER)
    yield Message("SecurityEventNotification", security, _CHARGER)
    yield Message("SignCertificate", security, _CHARGER)
    yield Message("SignedFirmwareStatusNotification", security, _CHARGER)
    yield Message("SignedUpdateFirmware", security, _CSMS)


MESSAGES: Mapping[str, Message] = MappingProxyType({each.action: each for each in _table()})
"""Every message by its action name, in the order of the profiles.

>>> MESSAGES["DataTransfer"].senders
('charger', 'csms')
"""


def messages_of(profile: Profile) -> tuple[Message, ...]:
    """The messages of one feature profile, in alphabetical order."""
    return tuple(each for each in MESSAGES.values() if each.profile == profile)


def messages_from(role: Role) -> tuple[Message, ...]:
    """The messages whose request `role` may send."""
    return tuple(each for each in MESSAGES.values() if each.is_sent_by(role))
