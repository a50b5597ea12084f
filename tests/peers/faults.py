"""The faults that the two peers can be told to have, and the set of those switched on.

Ids are those of the fault catalogue; an id with `-E` is an addition of these peers. Each is a small
deviation at the place in the code that names its id; everything else stays faithful.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Role = Literal["charger", "csms"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One deviation: what it does, which rules of the catalogue it breaks, who has it.

    `needs` names what a test must do besides the ordinary stimuli to see it; empty means that an
    ordinary run of Core and Reservation with the default configuration can show it.
    """

    id: str
    role: Role
    what: str
    breaks: tuple[str, ...]
    needs: str = ""

    @property
    def is_in_catalogue(self) -> bool:
        """Whether the fault has an entry of its own in the fault catalogue."""
        return "-E" not in self.id


class UnknownFaultError(ValueError):
    """A fault id that the peer of this role does not have."""


class Faults:
    """The faults that are switched on in one peer.

    >>> Faults("charger", ["CP-T1"]).has("CP-T1")
    True
    """

    def __init__(self, role: Role, ids: Iterable[str] = ()) -> None:
        self.ids = frozenset(ids)
        unknown = sorted(self.ids - {fault.id for fault in of_role(role)})
        if unknown:
            raise UnknownFaultError(f"no fault of a {role}: {', '.join(unknown)}")

    def has(self, fault_id: str) -> bool:
        """Whether `fault_id` is switched on; asking for one that does not exist is an error."""
        if fault_id not in BY_ID:
            raise UnknownFaultError(f"unknown fault {fault_id}")
        return fault_id in self.ids


def of_role(role: Role) -> tuple[Fault, ...]:
    """The faults of one role, in catalogue order."""
    return tuple(fault for fault in FAULTS if fault.role == role)


def listing(role: Role) -> str:
    """The faults of one role as a table for people."""
    lines = []
    for fault in of_role(role):
        lines.append(f"{fault.id:7} {fault.what}  [{', '.join(fault.breaks)}]")
        if fault.needs:
            lines.append(f"{'':7}   needs: {fault.needs}")
    return "\n".join(lines)


def _charger(fault_id: str, what: str, *breaks: str, needs: str = "") -> Fault:
    return Fault(fault_id, "charger", what, breaks, needs)


def _csms(fault_id: str, what: str, *breaks: str, needs: str = "") -> Fault:
    return Fault(fault_id, "csms", what, breaks, needs)


FAULTS: tuple[Fault, ...] = (
    _charger(
        "CP-B1",
        "reports the status of every connector while its registration is Pending",
        "CORE-BOOT-014",
        needs="boot answered Pending",
    ),
    _charger(
        "CP-B6",
        "keeps its own heartbeat interval instead of that of the boot answer",
        "CORE-BOOT-004",
        "CORE-HB-001",
        needs="short interval in the boot answer, idle connection",
    ),
    _charger(
        "CP-B7",
        "sends no heartbeat after the first reconnection",
        "CORE-HB-001",
        "CORE-HB-005",
        needs="short heartbeat interval, link loss, idle connection",
    ),
    _charger(
        "CP-B8",
        "accepts a new HeartbeatInterval but lets the old timer run on",
        "CORE-HB-007",
        "CORE-CFG-001",
        needs="short HeartbeatInterval written, idle connection",
    ),
    _charger(
        "CP-B10",
        "accepts negative numbers for integer keys, WebSocketPingInterval among them",
        "CORE-CFG-016",
        "CORE-CFG-004",
        needs="ChangeConfiguration with a negative number",
    ),
    _charger(
        "CP-B11",
        "accepts a decimal fraction for an integer key and cuts it off",
        "CORE-CFG-004",
        "CORE-CFG-007",
        needs="ChangeConfiguration with 3.7",
    ),
    _charger(
        "CP-B12",
        "refuses a boolean value that is not in lower case",
        "CORE-CFG-022",
        "CORE-CFG-004",
        needs="ChangeConfiguration with TRUE or False",
    ),
    _charger(
        "CP-B13",
        "takes any integer for a boolean key, zero as false and the rest as true",
        "CORE-CFG-004",
        "CORE-CFG-007",
        needs="ChangeConfiguration of a boolean key with a number",
    ),
    _charger(
        "CP-B14",
        "lets read-only keys be written",
        "CORE-CFG-005",
        "CORE-CFG-015",
        needs="ChangeConfiguration of a read-only key",
    ),
    _charger(
        "CP-R1",
        "sends a second CALL while the first is still unanswered",
        "RPC-SYNC-001",
        needs="answers that take a moment",
    ),
    _charger(
        "CP-R2",
        "repeats an unanswered transaction message every second whatever the retry interval says",
        "CORE-QUE-008",
        "CORE-QUE-007",
        needs="withheld answers",
    ),
    _charger(
        "CP-R5",
        "takes the late answer to a timed-out CALL as the answer to the next one",
        "RPC-SYNC-005",
        "RPC-SYNC-001",
        needs="answers later than MessageTimeout",
    ),
    _charger(
        "CP-R6",
        "drops every CALLERROR and waits for an answer for ever",
        "RPC-ERR-013",
        "RPC-SYNC-004",
        needs="CALLERROR answers",
    ),
    _charger(
        "CP-R8",
        "puts the action name into the CALLRESULT as a fourth element",
        "RPC-MSG-005",
    ),
    _charger(
        "CP-R10",
        "answers DataTransfer of an unknown vendor with Accepted",
        "CORE-DT-002",
    ),
    _charger(
        "CP-E1",
        "answers every ChangeAvailability, GetConfiguration and ReserveNow twice",
        "RPC-SYNC-006",
    ),
    _charger(
        "CP-E2",
        "never answers UnlockConnector",
        "CORE-UNL-001",
        "RPC-SYNC-006",
    ),
    _charger(
        "CP-E3",
        "names unknown actions and bad payloads with error codes of a later OCPP version",
        "RPC-ERR-014",
        needs="malformed requests",
    ),
    _charger(
        "CP-S1",
        "never reports Charging",
        "CORE-STAT-001",
        "CORE-STAT-034",
    ),
    _charger(
        "CP-S2",
        "reports Available right after StopTransaction although the cable is still in",
        "CORE-STAT-021",
        "CORE-STAT-035",
    ),
    _charger(
        "CP-S4",
        "looks free after a power loss during a transaction but refuses every new start",
        "CORE-STAT-035",
        needs="power cycle during a transaction, then another start",
    ),
    _charger(
        "CP-S6",
        "passes through Available when a Reserved connector is made Inoperative",
        "RES-END-006",
        "CORE-AVAIL-007",
        needs="the reading that G8 is the only way",
    ),
    _charger(
        "CP-S10",
        "never reports Preparing",
        "CORE-STAT-001",
        "CORE-RSTA-012",
    ),
    _charger(
        "CP-S13",
        "reports Available for a connector whose transaction runs, after each reconnection",
        "CORE-STAT-013",
        "CORE-STAT-035",
        needs="link loss during a transaction",
    ),
    _charger(
        "CP-S14",
        "leaves Faulted as soon as the first of several errors clears",
        "CORE-STAT-036",
        needs="two bench faults with different errorCode at once",
    ),
    _charger(
        "CP-S17",
        "reports Charging as soon as a vehicle is plugged in, with no transaction",
        "CORE-STAT-020",
        "CORE-STAT-019",
        "CORE-STAT-001",
    ),
    _charger(
        "CP-T1",
        "starts a transaction after Authorize was refused",
        "CORE-AUTH-009",
    ),
    _charger(
        "CP-T3",
        "keeps the authorization of a session and starts the next one without a tag",
        "CORE-AUTH-001",
        "CORE-START-012",
    ),
    _charger(
        "CP-T4",
        "lets any accepted tag end a transaction, whatever its parent",
        "CORE-AUTH-011",
        "CORE-AUTH-010",
        "CORE-AUTH-018",
        "CORE-TOK-006",
        needs="a second accepted tag at a running transaction",
    ),
    _charger(
        "CP-T5",
        "compares tags with regard to letter case",
        "CORE-TOK-002",
        needs="one tag in two letter cases",
    ),
    _charger(
        "CP-T6",
        "goes on charging after StartTransaction was refused, StopTransactionOnInvalidId or not",
        "CORE-OFF-006",
        "CORE-STOP-014",
        needs="refusal in StartTransaction.conf",
    ),
    _charger(
        "CP-T8",
        "answers Accepted to a remote start while a transaction runs on that connector",
        "CORE-RSTA-007",
    ),
    _charger(
        "CP-T9",
        "picks an inoperative connector for a remote start that names none",
        "CORE-RSTA-010",
        "CORE-START-011",
        "CORE-AVAIL-008",
        needs="remote start without connectorId while a connector is Inoperative",
    ),
    _charger(
        "CP-T10",
        "picks a connector reserved for another tag for a remote start that names none",
        "CORE-RSTA-009",
        "RES-USE-001",
        needs="remote start without connectorId while a connector is Reserved",
    ),
    _charger(
        "CP-T11",
        "accepts a remote start for connector 0 and picks a connector itself",
        "CORE-RSTA-006",
        needs="remote start with connectorId 0",
    ),
    _charger(
        "CP-T12",
        "starts after a remote request without Authorize although AuthorizeRemoteTxRequests is true",
        "CORE-RSTA-002",
    ),
    _charger(
        "CP-T14",
        "never lets an authorization lapse for want of a cable",
        "CORE-START-009",
        "CORE-RSTA-008",
        needs="short ConnectionTimeOut",
    ),
    _charger(
        "CP-T15",
        "puts the reason into idTag when a reset ends a transaction",
        "CORE-STOP-004",
        "CORE-STOP-005",
    ),
    _charger(
        "CP-T16",
        "carries out a soft reset without stopping transactions before it",
        "CORE-RST-002",
        "CORE-RST-004",
    ),
    _charger(
        "CP-T17",
        "sends one more MeterValues of a transaction after its StopTransaction",
        "CORE-MET-012",
        "CORE-QUE-001",
    ),
    _charger(
        "CP-T19",
        "sends meterStart and meterStop with a fraction of a Wh",
        "RPC-MSG-012",
        "CORE-MET-018",
    ),
    _charger(
        "CP-T20",
        "ends the transaction when the vehicle is unplugged, although the key forbids it",
        "CORE-STOP-018",
        "CORE-STAT-011",
        needs="StopTransactionOnEVSideDisconnect false",
    ),
    _charger(
        "CP-T22",
        "accepts a new MeterValueSampleInterval but lets a running timer go on as before",
        "CORE-MET-001",
        "CORE-CFG-001",
        needs="MeterValueSampleInterval changed during a transaction",
    ),
    _charger(
        "CP-O1",
        "stops a transaction that began offline with transactionId -1 although it has an id",
        "CORE-START-008",
        "CORE-QUE-012",
        needs="a transaction begun offline",
    ),
    _charger(
        "CP-O2",
        "forgets StartTransaction of a transaction begun offline if it restarts before delivery",
        "CORE-OFF-005",
        "CORE-QUE-002",
        needs="a transaction begun and ended offline, power cycle",
    ),
    _charger(
        "CP-O4",
        "loses queued transaction messages on reconnection",
        "CORE-QUE-002",
        "CORE-QUE-006",
        needs="a transaction ended or metered during a link loss",
    ),
    _charger(
        "CP-O7",
        "never stops nor resumes a transaction that a power loss cut off",
        "CORE-STOP-026",
        "CORE-STOP-001",
        "CORE-STOP-012",
        needs="power cycle during a transaction",
    ),
    _charger(
        "CP-O8",
        "sends the last StopTransaction once more after a restart, although it was answered",
        "CORE-STOP-023",
        needs="Reset or power cycle after a transaction",
    ),
    _charger(
        "CP-O9",
        "does not connect again after an unanswered WebSocket ping",
        "RPC-CONN-016",
        needs="WebSocketPingInterval above zero, a server that withholds pongs",
    ),
    _charger(
        "CP-O13",
        "sends no more MeterValues after a reconnection",
        "CORE-MET-001",
        "CORE-MET-002",
        needs="short MeterValueSampleInterval, link loss during a transaction",
    ),
    _charger(
        "CP-V1",
        "lets another tag start on a reserved connector",
        "RES-USE-001",
        "RES-USE-008",
    ),
    _charger(
        "CP-V3",
        "leaves reservationId out of StartTransaction",
        "RES-USE-006",
        "CORE-START-002",
    ),
    _charger(
        "CP-V6",
        "stays Reserved for ever when a reservation expires",
        "RES-END-001",
        needs="short expiry date",
    ),
    _charger(
        "CP-V7",
        "changes state on ReserveNow and CancelReservation without a StatusNotification",
        "CORE-STAT-001",
        "RES-NOW-003",
        "RES-END-006",
    ),
    _charger(
        "CP-V10",
        "takes reservations although SupportedFeatureProfiles does not name Reservation",
        "CORE-GEN-002",
        "RPC-ERR-002",
        needs="GetConfiguration",
    ),
    _charger(
        "CP-V14",
        "drops the reservation of a connector when a stranger plugs in and out",
        "RES-END-009",
        "RES-END-004",
        needs="a vehicle plugged in and out at a Reserved connector",
    ),
    _charger(
        "CP-E4",
        "answers Occupied to ReserveNow with the reservationId it already holds",
        "RES-NOW-002",
    ),
    _charger(
        "CP-E5",
        "forgets at a restart that a connector was made Inoperative",
        "CORE-AVAIL-006",
        "CORE-RST-008",
        needs="ChangeAvailability, then Reset or power cycle",
    ),
    _csms(
        "CS-7",
        "gives every transaction the id 1",
        "CORE-START-013",
        "CORE-START-006",
    ),
    _csms(
        "CS-9",
        "leaves idTagInfo out of StartTransaction.conf",
        "CORE-START-004",
        "RPC-MSG-012",
    ),
    _csms(
        "CS-10",
        "answers Invalid for Blocked and Expired tags",
        "CORE-AUTH-013",
        needs="a Blocked or Expired tag",
    ),
    _csms(
        "CS-11",
        "accepts a tag that is on record without a status",
        "CORE-AUTH-013",
        needs="a tag on record without a status, read as unknown",
    ),
    _csms(
        "CS-12",
        "answers Accepted for an Expired tag in StopTransaction.conf",
        "CORE-AUTH-013",
        needs="an Expired tag",
    ),
    _csms(
        "CS-14",
        "accepts unknown tags",
        "CORE-AUTH-013",
        "CORE-START-005",
    ),
    _csms(
        "CS-15",
        "answers a CALL that arrives while its own CALL is pending with CALLERROR",
        "RPC-SYNC-002",
        "CORE-AUTH-006",
        needs="operator command, withheld answer",
    ),
    _csms(
        "CS-16",
        "answers no CALL until its own pending CALL has been answered",
        "RPC-SYNC-008",
        "RPC-SYNC-002",
        needs="operator command, withheld answer",
    ),
    _csms(
        "CS-17",
        "answers a StatusNotification that follows one of another connector at once with CALLERROR",
        "CORE-STAT-017",
        needs="two StatusNotifications within 50 ms",
    ),
    _csms(
        "CS-19",
        "refuses a new connection while an older one of the same identity seems open",
        "RPC-CONN-015",
        needs="second connection of one identity",
    ),
    _csms(
        "CS-25",
        "answers meter values with timestamps out of order with CALLERROR",
        "CORE-MET-014",
        "CORE-STOP-002",
        "CORE-QUE-014",
        needs="meter values out of order",
    ),
    _csms(
        "CS-27",
        "serves every request of a station that has not been accepted",
        "CORE-BOOT-020",
        needs="requests before BootNotification",
    ),
    _csms(
        "CS-31",
        "cannot send ReserveNow for connector 0 or with a parent identifier",
        "RES-NOW-010",
        needs="operator command",
    ),
    _csms(
        "CS-39",
        "answers meter values with several decimals and tags with a hyphen with CALLERROR",
        "CORE-MET-014",
        "CORE-AUTH-006",
        needs="a value with several decimals, or a tag with a hyphen",
    ),
    _csms(
        "CS-E1",
        "never answers Authorize",
        "CORE-AUTH-006",
        "RPC-SYNC-006",
    ),
    _csms(
        "CS-E2",
        "answers every Heartbeat and StatusNotification twice",
        "RPC-SYNC-006",
    ),
    _csms(
        "CS-E3",
        "starts a second transaction for a repeated StartTransaction",
        "CORE-QUE-017",
        needs="the same StartTransaction sent twice",
    ),
    _csms(
        "CS-E4",
        "withholds StopTransaction.conf for a transaction it does not know",
        "CORE-QUE-016",
        "CORE-STOP-002",
        needs="StopTransaction with an unknown id",
    ),
)

BY_ID: dict[str, Fault] = {fault.id: fault for fault in FAULTS}
