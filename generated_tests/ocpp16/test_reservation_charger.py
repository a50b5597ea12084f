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

# What the charger or its peer does, each at the end of a way that the model has.
CLAUSES = (
    # models/ocpp16/core.model:180  CORE-BOOT-001, CORE-BOOT-014
    "BootNotification",
    # models/ocpp16/core.model:183  CORE-BOOT-003
    "BootNotification.Accepted",
    # models/ocpp16/core.model:186  CORE-BOOT-024
    "BootNotification.Pending",
    # models/ocpp16/core.model:188  CORE-BOOT-001, CORE-BOOT-014
    "BootNotification.Rejected",
    # models/ocpp16/core.model:282  CORE-AUTH-002, CORE-STAT-035, RES-USE-001, RES-ZERO-003
    "TakeTag",
    # models/ocpp16/core.model:367  CORE-START-001, CORE-START-015, CORE-START-002
    "StartTransaction(reservationId=none) queued",
    "StartTransaction queued",
    "StartTransaction(reservationId=none)",
    "StartTransaction",
    # models/ocpp16/core.model:377  CORE-START-004, CORE-START-013
    "StartTransaction(reservationId=none).Accepted",
    "StartTransaction.Accepted",
    # models/ocpp16/core.model:383  CORE-AUTH-013, CORE-START-005
    "StartTransaction(reservationId=none).Invalid",
    # models/ocpp16/core.model:392  CORE-AUTH-013, CORE-START-005
    "StartTransaction(reservationId=none).Blocked",
    # models/ocpp16/core.model:401  CORE-AUTH-013, CORE-START-005
    "StartTransaction(reservationId=none).Expired",
    # models/ocpp16/core.model:472  CORE-RSTA-001, CORE-RSTA-010, CORE-RSTA-007
    "RemoteStartTransaction(connectorId=none).Accepted",
    "RemoteStartTransaction.Accepted",
    # models/ocpp16/core.model:491  CORE-AVAIL-001, CORE-AVAIL-003, CORE-AVAIL-005
    "ChangeAvailability(connectorId=none, type=Inoperative).Accepted",
    "ChangeAvailability(connectorId=none, type=Operative).Accepted",
    "ChangeAvailability(type=Inoperative).Accepted",
    "ChangeAvailability(type=Operative).Accepted",
    # models/ocpp16/core.model:503  CORE-AVAIL-002, CORE-AVAIL-009
    "ChangeAvailability(connectorId=none, type=Inoperative).Scheduled",
    "ChangeAvailability(connectorId=none, type=Operative).Scheduled",
    "ChangeAvailability(type=Inoperative).Scheduled",
    "ChangeAvailability(type=Operative).Scheduled",
    # models/ocpp16/reservation.model:71  RES-NOW-001, RES-NOW-003
    "ReserveNow(connectorId=none).Accepted",
    "ReserveNow.Accepted",
    # models/ocpp16/reservation.model:87  RES-NOW-004, RES-NOW-005
    "ReserveNow(connectorId=none).Occupied",
    "ReserveNow.Occupied",
    # models/ocpp16/reservation.model:94  RES-NOW-006
    "ReserveNow(connectorId=none).Faulted",
    "ReserveNow.Faulted",
    # models/ocpp16/reservation.model:96  RES-NOW-007
    "ReserveNow(connectorId=none).Unavailable",
    "ReserveNow.Unavailable",
    # models/ocpp16/reservation.model:98  RES-NOW-008, RES-ZERO-001
    "ReserveNow(connectorId=none).Rejected",
    # models/ocpp16/reservation.model:104  RES-END-004
    "CancelReservation.Accepted",
    # models/ocpp16/reservation.model:110  RES-END-005
    "CancelReservation.Rejected",
    # models/ocpp16/reservation.model:114  RES-END-001, RES-END-009
    "Expire",
    # models/ocpp16/reservation.model:118  RES-END-001, RES-END-009
    "ExpireAny",
    # models/ocpp16/reservation.model:143  RES-ZERO-003
    "Decline",
)

# Steps of the charger, each with a condition that alone keeps it from the step.
REFUSALS = (
    # models/ocpp16/core.model:181
    ("BootNotification", "power == On"),
    ("BootNotification", "boot_due"),
    # models/ocpp16/core.model:283
    ("TakeTag", "reader != none"),
    ("TakeTag", "use[connectorId] in {Idle, Engaged, Finished}"),
    ("TakeTag", "not fault[connectorId]"),
    ("TakeTag", "service[connectorId] == Operative"),
    ("TakeTag", "use[connectorId] == Presented"),
    ("TakeTag", "use[connectorId] == Authorized"),
    ("TakeTag", "use[connectorId] == Engaged"),
    # models/ocpp16/reservation.model:140  RES-USE-001, RES-ZERO-003
    ("TakeTag", "reader != t"),
    ("TakeTag", "held[connectorId] == none"),
    ("TakeTag", "holder[connectorId] == t"),
    # models/ocpp16/core.model:368
    ("StartTransaction", "plugged[connectorId]"),
    ("StartTransaction", "not fault[connectorId]"),
    # models/ocpp16/core.model:370  CORE-AUTH-001
    ("StartTransaction", "use[connectorId] == Authorized"),
    ("StartTransaction", "user[connectorId] == idTag"),
    ("StartTransaction", "freeCharging"),
    # models/ocpp16/reservation.model:161  RES-ZERO-003
    ("StartTransaction", "not barred[connectorId]"),
    ("StartTransaction", "kept[r] == idTag"),
    (
        "StartTransaction",
        "count(r: ReservationId . kept[r] != none) <= count(d: Connector . free(d) and d != connectorId)",
    ),
    # models/ocpp16/reservation.model:163  RES-USE-006
    ("StartTransaction", "reservationId == held[connectorId]"),
    ("StartTransaction", "reservationId == r"),
    ("StartTransaction", "reservationId == none"),
    # models/ocpp16/core.model:473
    (
        "RemoteStartTransaction(connectorId=none).Accepted",
        "use[chosen] in {Idle, Engaged, Finished}",
    ),
    ("RemoteStartTransaction(connectorId=none).Accepted", "not fault[chosen]"),
    ("RemoteStartTransaction(connectorId=none).Accepted", "service[chosen] == Operative"),
    ("RemoteStartTransaction(connectorId=none).Accepted", "use[chosen] == Presented"),
    ("RemoteStartTransaction(connectorId=none).Accepted", "use[chosen] == Authorized"),
    ("RemoteStartTransaction(connectorId=none).Accepted", "use[chosen] == Engaged"),
    # models/ocpp16/reservation.model:155  CORE-RSTA-001, CORE-RSTA-009, RES-USE-001
    ("RemoteStartTransaction(connectorId=none).Accepted", "held[chosen] == none"),
    ("RemoteStartTransaction(connectorId=none).Accepted", "holder[chosen] == idTag"),
    # models/ocpp16/core.model:473
    ("RemoteStartTransaction.Accepted", "use[chosen] in {Idle, Engaged, Finished}"),
    ("RemoteStartTransaction.Accepted", "not fault[chosen]"),
    ("RemoteStartTransaction.Accepted", "service[chosen] == Operative"),
    ("RemoteStartTransaction.Accepted", "use[chosen] == Presented"),
    ("RemoteStartTransaction.Accepted", "use[chosen] == Authorized"),
    ("RemoteStartTransaction.Accepted", "use[chosen] == Engaged"),
    # models/ocpp16/reservation.model:155  CORE-RSTA-001, CORE-RSTA-009, RES-USE-001
    ("RemoteStartTransaction.Accepted", "held[chosen] == none"),
    ("RemoteStartTransaction.Accepted", "holder[chosen] == idTag"),
    # models/ocpp16/core.model:492  CORE-AVAIL-002
    ("ChangeAvailability(connectorId=none, type=Inoperative).Accepted", "type == Operative"),
    ("ChangeAvailability(connectorId=none, type=Inoperative).Accepted", "connectorId != none"),
    ("ChangeAvailability(connectorId=none, type=Inoperative).Accepted", "not running(c)"),
    ("ChangeAvailability(type=Inoperative).Accepted", "type == Operative"),
    ("ChangeAvailability(type=Inoperative).Accepted", "connectorId != c"),
    ("ChangeAvailability(type=Inoperative).Accepted", "not running(c)"),
    # models/ocpp16/core.model:504
    ("ChangeAvailability(connectorId=none, type=Inoperative).Scheduled", "use[c] != Idle"),
    ("ChangeAvailability(connectorId=none, type=Operative).Scheduled", "use[c] != Idle"),
    ("ChangeAvailability(type=Inoperative).Scheduled", "use[c] != Idle"),
    ("ChangeAvailability(type=Operative).Scheduled", "use[c] != Idle"),
    # models/ocpp16/reservation.model:73
    (
        "ReserveNow(connectorId=none).Accepted",
        "count(r: ReservationId . r != reservationId and kept[r] != none) < count(c: Connector . free(c) or held[c] == reservationId and use[c] == Idle and not fault[c])",
    ),
    ("ReserveNow.Accepted", "use[c] == Idle"),
    ("ReserveNow.Accepted", "not fault[c]"),
    ("ReserveNow.Accepted", "service[c] == Operative"),
    ("ReserveNow.Accepted", "held[c] == none"),
    ("ReserveNow.Accepted", "held[c] == reservationId"),
    (
        "ReserveNow.Accepted",
        "count(r: ReservationId . r != reservationId and kept[r] != none) <= count(d: Connector . free(d) and d != c)",
    ),
    # models/ocpp16/reservation.model:88
    ("ReserveNow(connectorId=none).Occupied", "r != reservationId"),
    ("ReserveNow(connectorId=none).Occupied", "kept[r] != none"),
    ("ReserveNow(connectorId=none).Occupied", "use[c] != Idle"),
    ("ReserveNow(connectorId=none).Occupied", "fault[c]"),
    ("ReserveNow(connectorId=none).Occupied", "service[c] != Operative"),
    ("ReserveNow(connectorId=none).Occupied", "held[c] != none"),
    ("ReserveNow.Occupied", "r != reservationId"),
    ("ReserveNow.Occupied", "kept[r] != none"),
    ("ReserveNow.Occupied", "use[c] != Idle"),
    ("ReserveNow.Occupied", "held[c] != none"),
    ("ReserveNow.Occupied", "plugged[c]"),
    ("ReserveNow.Occupied", "held[c] != reservationId"),
    # models/ocpp16/reservation.model:95
    ("ReserveNow(connectorId=none).Faulted", "fault[c]"),
    ("ReserveNow.Faulted", "fault[c]"),
    # models/ocpp16/reservation.model:97
    ("ReserveNow(connectorId=none).Unavailable", "stationInoperative"),
    ("ReserveNow(connectorId=none).Unavailable", "service[c] != Operative"),
    ("ReserveNow.Unavailable", "stationInoperative"),
    ("ReserveNow.Unavailable", "service[c] != Operative"),
    # models/ocpp16/reservation.model:99
    ("ReserveNow.Rejected", "not reserves"),
    ("ReserveNow.Rejected", "connectorId == none"),
    # models/ocpp16/reservation.model:105
    ("CancelReservation.Accepted", "kept[reservationId] != none"),
    ("CancelReservation.Accepted", "held[c] == reservationId"),
    # models/ocpp16/reservation.model:111
    ("CancelReservation.Rejected", "kept[reservationId] == none"),
    ("CancelReservation.Rejected", "held[c] != reservationId"),
    # models/ocpp16/reservation.model:115
    ("Expire", "held[connectorId] != none"),
    # models/ocpp16/reservation.model:119
    ("ExpireAny", "kept[reservationId] != none"),
    # models/ocpp16/reservation.model:144
    ("Decline", "barred[connectorId]"),
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
    """specs/ocpp16/reservation.spec:53  RES-USE-006"""
    with stage.scenario() as run:
        run.reach("ReserveNow.Accepted", connectorId=1, idTag="A", reservationId="R")
        run.reach("StatusNotification", connectorId=1, status="Reserved")
        run.reach("PresentTag", idTag="A")
        run.reach("PlugIn", connectorId=1)
        run.reach("StartTransaction", connectorId=1, idTag="A", reservationId="R")


def test_reservation_expires(stage):
    """specs/ocpp16/reservation.spec:61  RES-END-001"""
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
    def power_on(self, settle):
        """models/ocpp16/core.model:164"""
        self.run.event("PowerOn", settle=settle)

    @rule(outcome=BOOT_NOTIFICATION_ANSWER)
    def answer_boot_notification(self, outcome):
        """models/ocpp16/core.model:180

        CORE-BOOT-001, CORE-BOOT-014, CORE-BOOT-003, CORE-BOOT-024
        """
        self.run.answer("BootNotification", outcome)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def plug_in(self, connectorId, settle):
        """models/ocpp16/core.model:206  CORE-TRN-A2"""
        self.run.event("PlugIn", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def plug_out(self, connectorId, settle):
        """models/ocpp16/core.model:219"""
        self.run.event("PlugOut", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def ev_not_ready(self, connectorId, settle):
        """models/ocpp16/core.model:228"""
        self.run.event("EvNotReady", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def ev_ready(self, connectorId, settle):
        """models/ocpp16/core.model:232"""
        self.run.event("EvReady", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def fault(self, connectorId, settle):
        """models/ocpp16/core.model:236  RES-END-002, CORE-TRN-I7"""
        self.run.event("Fault", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def clear_fault(self, connectorId, settle):
        """models/ocpp16/core.model:241  CORE-STAT-018"""
        self.run.event("ClearFault", connectorId=connectorId, settle=settle)

    @rule(idTag=ID_TAG, settle=SETTLE)
    def present_tag(self, idTag, settle):
        """models/ocpp16/core.model:278"""
        self.run.event("PresentTag", idTag=idTag, settle=settle)

    @rule(connectorId=CONNECTOR_OR_NONE, idTag=ID_TAG, settle=SETTLE)
    def remote_start_transaction(self, connectorId, idTag, settle):
        """models/ocpp16/core.model:469

        CORE-RSTA-013, CORE-BOOT-015, CORE-RSTA-001, CORE-RSTA-010, CORE-RSTA-007, CORE-RSTA-009,
        RES-USE-001
        """
        self.run.call("RemoteStartTransaction", connectorId=connectorId, idTag=idTag, settle=settle)

    @rule(connectorId=CONNECTOR_OR_NONE, type=AVAILABILITY_TYPE, settle=SETTLE)
    def change_availability(self, connectorId, type, settle):
        """models/ocpp16/core.model:488

        CORE-AVAIL-001, CORE-AVAIL-003, CORE-AVAIL-005, CORE-AVAIL-002, CORE-AVAIL-009
        """
        self.run.call("ChangeAvailability", connectorId=connectorId, type=type, settle=settle)

    @rule(connectorId=CONNECTOR_OR_NONE, idTag=ID_TAG, reservationId=RESERVATION_ID, settle=SETTLE)
    def reserve_now(self, connectorId, idTag, reservationId, settle):
        """models/ocpp16/reservation.model:68

        RES-NOW-010, RES-NOW-001, RES-NOW-003, CORE-GEN-002, RES-NOW-004, RES-NOW-005, RES-NOW-006,
        RES-NOW-007, RES-NOW-008, RES-ZERO-001
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
        """models/ocpp16/reservation.model:101  RES-END-004, RES-END-005"""
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
        """Time for BootAgain, GiveUp, GiveUpMeanwhile, GiveUpIdentification, Expire, ExpireAny"""
        self.run.wait()


def test_reservation_charger(stage):
    stage.explore(ReservationCharger)
