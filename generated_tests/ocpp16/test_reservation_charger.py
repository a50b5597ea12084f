"""OCPP 1.6 Reservation: chargers against the model.

model: models/ocpp16/reservation.model
spec: specs/ocpp16/reservation.spec
written by ocpp-verify 0.1.0; write it again with: ocpp-verify generate models/ocpp16/reservation.model
"""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

MODEL = "models/ocpp16/reservation.model"
ROLE = "charger"

# What the charger or its peer does, each at the end of a shortest way.
CLAUSES = (
    # models/ocpp16/core.model:164  CORE-BOOT-001, CORE-BOOT-014
    "BootNotification",
    # models/ocpp16/core.model:167  CORE-BOOT-003
    "BootNotification.Accepted",
    # models/ocpp16/core.model:170  CORE-BOOT-024
    "BootNotification.Pending",
    # models/ocpp16/core.model:172  CORE-BOOT-001, CORE-BOOT-014
    "BootNotification.Rejected",
    # models/ocpp16/core.model:259  CORE-AUTH-002, RES-USE-001, RES-ZERO-003
    "TakeTag",
    # models/ocpp16/core.model:331  CORE-START-001, CORE-START-015, CORE-START-002
    "StartTransaction(reservationId=none) queued",
    # models/ocpp16/core.model:430  CORE-RSTA-001, CORE-RSTA-010, CORE-RSTA-007
    "RemoteStartTransaction(connectorId=none).Accepted",
    "RemoteStartTransaction.Accepted",
    # models/ocpp16/core.model:435  CORE-RSTA-013
    "RemoteStartTransaction(connectorId=none).Rejected",
    "RemoteStartTransaction.Rejected",
    # models/ocpp16/core.model:449  CORE-AVAIL-001, CORE-AVAIL-003, CORE-AVAIL-005
    "ChangeAvailability(connectorId=none, type=Inoperative).Accepted",
    "ChangeAvailability(connectorId=none, type=Operative).Accepted",
    "ChangeAvailability(type=Inoperative).Accepted",
    "ChangeAvailability(type=Operative).Accepted",
    # models/ocpp16/core.model:461  CORE-AVAIL-002, CORE-AVAIL-009
    "ChangeAvailability(connectorId=none, type=Inoperative).Scheduled",
    "ChangeAvailability(connectorId=none, type=Operative).Scheduled",
    "ChangeAvailability(type=Inoperative).Scheduled",
    "ChangeAvailability(type=Operative).Scheduled",
    # models/ocpp16/core.model:468
    "ChangeAvailability(connectorId=none, type=Inoperative).Rejected",
    "ChangeAvailability(connectorId=none, type=Operative).Rejected",
    "ChangeAvailability(type=Inoperative).Rejected",
    "ChangeAvailability(type=Operative).Rejected",
    # models/ocpp16/reservation.model:58  RES-NOW-001, RES-NOW-003
    "ReserveNow(connectorId=none).Accepted",
    "ReserveNow.Accepted",
    # models/ocpp16/reservation.model:76  RES-NOW-004, RES-NOW-005
    "ReserveNow(connectorId=none).Occupied",
    "ReserveNow.Occupied",
    # models/ocpp16/reservation.model:82  RES-NOW-006
    "ReserveNow(connectorId=none).Faulted",
    "ReserveNow.Faulted",
    # models/ocpp16/reservation.model:86  RES-NOW-008, RES-ZERO-001
    "ReserveNow(connectorId=none).Rejected",
    # models/ocpp16/reservation.model:99  RES-END-005
    "CancelReservation.Rejected",
    # models/ocpp16/reservation.model:102  RES-END-001
    "Expire",
    # models/ocpp16/reservation.model:106  RES-END-001
    "ExpireAny",
)

# Steps that the charger must not take because one condition does not hold: all others do.
REFUSALS = (
    # models/ocpp16/core.model:165
    ("BootNotification", "power == On"),
    ("BootNotification", "boot_due"),
    # models/ocpp16/core.model:260
    ("TakeTag", "reader != none"),
    ("TakeTag", "startable(connectorId) or waiting(connectorId)"),
    # models/ocpp16/reservation.model:124
    ("TakeTag", "forall t: IdTag . reader == t implies entitled(connectorId, t)"),
    # models/ocpp16/core.model:332
    ("StartTransaction", "power == On"),
    ("StartTransaction", "plugged[connectorId]"),
    ("StartTransaction", "not fault[connectorId]"),
    (
        "StartTransaction",
        "use[connectorId] == Authorized and user[connectorId] == idTag or freeCharging and use[connectorId] == Idle and service[connectorId] != Inoperative and resetting == none",
    ),
    # models/ocpp16/reservation.model:135  RES-USE-006
    (
        "StartTransaction",
        "reservationId == (if held[connectorId] != none then held[connectorId] else if heldAny != none and holderAny == idTag then heldAny else none)",
    ),
    # models/ocpp16/core.model:431
    ("RemoteStartTransaction.Accepted", "startable(chosen) or waiting(chosen)"),
    ("RemoteStartTransaction.Accepted", "power == On"),
    ("RemoteStartTransaction.Accepted", "registration == Accepted"),
    # models/ocpp16/reservation.model:130  CORE-RSTA-009
    ("RemoteStartTransaction.Accepted", "entitled(chosen, idTag)"),
    # models/ocpp16/core.model:462
    (
        "ChangeAvailability.Scheduled",
        "exists c: Connector . (connectorId == none or connectorId == c) and use[c] != Idle",
    ),
    # models/ocpp16/reservation.model:59
    (
        "ReserveNow.Accepted",
        "if connectorId == none then ReserveConnectorZeroSupported and (heldAny == none or heldAny == reservationId) and (exists c: Connector . free(c) or held[c] == reservationId and use[c] == Idle and not fault[c]) else exists c: Connector . connectorId == c and use[c] == Idle and not fault[c] and service[c] == Operative and (held[c] == none or held[c] == reservationId) and (heldAny == none or heldAny == reservationId or 1 <= count(d: Connector . free(d) and d != c))",
    ),
    # models/ocpp16/reservation.model:77
    (
        "ReserveNow.Occupied",
        "if connectorId == none then heldAny != none and heldAny != reservationId or not (exists c: Connector . free(c)) else exists c: Connector . connectorId == c and (use[c] != Idle or plugged[c] or held[c] != none and held[c] != reservationId or heldAny != none and heldAny != reservationId)",
    ),
    # models/ocpp16/reservation.model:83
    (
        "ReserveNow.Faulted",
        "exists c: Connector . (connectorId == none or connectorId == c) and fault[c]",
    ),
    # models/ocpp16/reservation.model:85
    (
        "ReserveNow.Unavailable",
        "stationInoperative or (exists c: Connector . (connectorId == none or connectorId == c) and service[c] != Operative)",
    ),
    # models/ocpp16/reservation.model:87
    ("ReserveNow.Rejected", "reserves implies connectorId == none"),
    # models/ocpp16/reservation.model:93
    (
        "CancelReservation.Accepted",
        "heldAny == reservationId or (exists c: Connector . held[c] == reservationId)",
    ),
    # models/ocpp16/reservation.model:100
    ("CancelReservation.Rejected", "heldAny != reservationId"),
    ("CancelReservation.Rejected", "not (exists c: Connector . held[c] == reservationId)"),
    # models/ocpp16/reservation.model:103
    ("Expire", "held[connectorId] != none"),
    ("Expire", "power == On"),
    # models/ocpp16/reservation.model:107
    ("ExpireAny", "heldAny != none"),
    ("ExpireAny", "power == On"),
)

SETTLE = st.sampled_from((True, True, True, False))  # wait until nothing is owed, or go on at once
AVAILABILITY_TYPE = st.sampled_from(("Inoperative", "Operative"))
BOOT_NOTIFICATION_ANSWER = st.sampled_from(("Accepted", "Pending", "Rejected"))
CONNECTOR = st.sampled_from((1,))
CONNECTOR_OR_NONE = st.sampled_from((1, None))
ID_TAG = st.sampled_from(("A", "B"))
RESERVATION_ID = st.sampled_from(("R", "S"))


@pytest.fixture
def stage(ocpp_stage):
    return ocpp_stage(MODEL, ROLE)


@pytest.mark.parametrize("clause", CLAUSES)
def test_shows(stage, clause):
    with stage.scenario() as run:
        run.show(clause)


@pytest.mark.parametrize(("step", "condition"), REFUSALS)
def test_refuses(stage, step, condition):
    with stage.scenario() as run:
        run.resist(step, condition)


def test_reserved_then_used(stage):
    """specs/ocpp16/reservation.spec:52  RES-USE-006"""
    with stage.scenario() as run:
        run.reach("ReserveNow.Accepted", connectorId=1, idTag="A", reservationId="R")
        run.reach("StatusNotification", connectorId=1, status="Reserved")
        run.reach("PresentTag", idTag="A")
        run.reach("PlugIn", connectorId=1)
        run.reach("StartTransaction", connectorId=1, idTag="A", reservationId="R")


def test_reservation_expires(stage):
    """specs/ocpp16/reservation.spec:60  RES-END-001"""
    with stage.scenario() as run:
        run.reach("ReserveNow.Accepted", connectorId=1)
        run.reach("StatusNotification", connectorId=1, status="Reserved")
        run.reach("Expire", connectorId=1)
        run.reach("StatusNotification", connectorId=1, status="Available")


class ReservationCharger(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.run = self.stage.open()

    def teardown(self):
        self.run.finish()

    @rule(settle=SETTLE)
    def power_off(self, settle):
        """models/ocpp16/core.model:136"""
        self.run.event("PowerOff", settle=settle)

    @rule(settle=SETTLE)
    def power_on(self, settle):
        """models/ocpp16/core.model:149"""
        self.run.event("PowerOn", settle=settle)

    @rule(outcome=BOOT_NOTIFICATION_ANSWER)
    def answer_boot_notification(self, outcome):
        """models/ocpp16/core.model:164

        CORE-BOOT-001, CORE-BOOT-014, CORE-BOOT-003, CORE-BOOT-024
        """
        self.run.answer("BootNotification", outcome)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def plug_in(self, connectorId, settle):
        """models/ocpp16/core.model:190  CORE-TRN-A2"""
        self.run.event("PlugIn", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def plug_out(self, connectorId, settle):
        """models/ocpp16/core.model:203"""
        self.run.event("PlugOut", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def ev_not_ready(self, connectorId, settle):
        """models/ocpp16/core.model:212"""
        self.run.event("EvNotReady", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def ev_ready(self, connectorId, settle):
        """models/ocpp16/core.model:216"""
        self.run.event("EvReady", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def fault(self, connectorId, settle):
        """models/ocpp16/core.model:220  RES-END-002, CORE-TRN-I7"""
        self.run.event("Fault", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def clear_fault(self, connectorId, settle):
        """models/ocpp16/core.model:225  CORE-STAT-018"""
        self.run.event("ClearFault", connectorId=connectorId, settle=settle)

    @rule(idTag=ID_TAG, settle=SETTLE)
    def present_tag(self, idTag, settle):
        """models/ocpp16/core.model:255"""
        self.run.event("PresentTag", idTag=idTag, settle=settle)

    @rule(connectorId=CONNECTOR_OR_NONE, idTag=ID_TAG, settle=SETTLE)
    def remote_start_transaction(self, connectorId, idTag, settle):
        """models/ocpp16/core.model:427

        CORE-RSTA-013, CORE-BOOT-015, CORE-RSTA-001, CORE-RSTA-010, CORE-RSTA-007, CORE-RSTA-009
        """
        self.run.call("RemoteStartTransaction", connectorId=connectorId, idTag=idTag, settle=settle)

    @rule(connectorId=CONNECTOR_OR_NONE, type=AVAILABILITY_TYPE, settle=SETTLE)
    def change_availability(self, connectorId, type, settle):
        """models/ocpp16/core.model:446

        CORE-AVAIL-001, CORE-AVAIL-003, CORE-AVAIL-005, CORE-AVAIL-002, CORE-AVAIL-009
        """
        self.run.call("ChangeAvailability", connectorId=connectorId, type=type, settle=settle)

    @rule(connectorId=CONNECTOR_OR_NONE, idTag=ID_TAG, reservationId=RESERVATION_ID, settle=SETTLE)
    def reserve_now(self, connectorId, idTag, reservationId, settle):
        """models/ocpp16/reservation.model:55

        RES-NOW-010, RES-NOW-001, RES-NOW-003, RES-NOW-004, RES-NOW-005, RES-NOW-006, RES-NOW-007,
        RES-NOW-008, RES-ZERO-001
        """
        self.run.call(
            "ReserveNow",
            connectorId=connectorId,
            idTag=idTag,
            reservationId=reservationId,
            settle=settle,
        )

    @rule(reservationId=RESERVATION_ID, settle=SETTLE)
    def cancel_reservation(self, reservationId, settle):
        """models/ocpp16/reservation.model:89  RES-END-004, RES-END-005"""
        self.run.call("CancelReservation", reservationId=reservationId, settle=settle)

    @rule(clause=st.sampled_from(CLAUSES))
    def reach(self, clause):
        """The way is planned, and left where the charger goes another one."""
        self.run.head_for(clause)

    @rule(refusal=st.sampled_from(REFUSALS))
    def tempt(self, refusal):
        """The way is planned, and left where the charger goes another one."""
        self.run.tempt(*refusal)

    @rule()
    def wait(self):
        """Time for BootAgain, GiveUp, GiveUpIdentification, Expire, ExpireAny"""
        self.run.wait()


def test_reservation_charger(stage):
    stage.explore(ReservationCharger)
