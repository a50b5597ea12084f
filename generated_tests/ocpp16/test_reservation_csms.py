"""OCPP 1.6 Reservation: CSMSs against the model.

model: models/ocpp16/reservation.model
spec: specs/ocpp16/reservation.spec
written by ocpp-verify 0.1.0; write it again with: ocpp-verify generate models/ocpp16/reservation.model
"""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

MODEL = "models/ocpp16/reservation.model"
ROLE = "csms"

# What the CSMS or its peer does, each at the end of a way that the model has,
# with what the CSMS says of identifier B.
CLAUSES = (
    # models/ocpp16/core.model:183  CORE-BOOT-003
    ("BootNotification.Accepted", "Blocked"),
    # models/ocpp16/core.model:377  CORE-START-004, CORE-START-013
    ("StartTransaction(reservationId=none).Accepted", "Blocked"),
    ("StartTransaction.Accepted", "Blocked"),
    # models/ocpp16/core.model:383  CORE-AUTH-013, CORE-START-005
    ("StartTransaction(reservationId=none).Invalid", "Invalid"),
    # models/ocpp16/core.model:392  CORE-AUTH-013, CORE-START-005
    ("StartTransaction(reservationId=none).Blocked", "Blocked"),
    # models/ocpp16/core.model:401  CORE-AUTH-013, CORE-START-005
    ("StartTransaction(reservationId=none).Expired", "Expired"),
    # models/ocpp16/core.model:469  CORE-RSTA-013
    ("RemoteStartTransaction(connectorId=none)", "Blocked"),
    ("RemoteStartTransaction", "Blocked"),
    # models/ocpp16/core.model:472  CORE-RSTA-001, CORE-RSTA-010, CORE-RSTA-007
    ("RemoteStartTransaction(connectorId=none).Accepted", "Blocked"),
    ("RemoteStartTransaction.Accepted", "Blocked"),
    # models/ocpp16/core.model:477  CORE-RSTA-013
    ("RemoteStartTransaction(connectorId=none).Rejected", "Blocked"),
    ("RemoteStartTransaction.Rejected", "Blocked"),
    # models/ocpp16/core.model:488
    ("ChangeAvailability(connectorId=none, type=Inoperative)", "Blocked"),
    ("ChangeAvailability(connectorId=none, type=Operative)", "Blocked"),
    ("ChangeAvailability(type=Inoperative)", "Blocked"),
    ("ChangeAvailability(type=Operative)", "Blocked"),
    # models/ocpp16/core.model:491  CORE-AVAIL-001, CORE-AVAIL-003, CORE-AVAIL-005
    ("ChangeAvailability(connectorId=none, type=Inoperative).Accepted", "Blocked"),
    ("ChangeAvailability(connectorId=none, type=Operative).Accepted", "Blocked"),
    ("ChangeAvailability(type=Inoperative).Accepted", "Blocked"),
    ("ChangeAvailability(type=Operative).Accepted", "Blocked"),
    # models/ocpp16/core.model:503  CORE-AVAIL-002, CORE-AVAIL-009
    ("ChangeAvailability(connectorId=none, type=Inoperative).Scheduled", "Blocked"),
    ("ChangeAvailability(connectorId=none, type=Operative).Scheduled", "Blocked"),
    ("ChangeAvailability(type=Inoperative).Scheduled", "Blocked"),
    ("ChangeAvailability(type=Operative).Scheduled", "Blocked"),
    # models/ocpp16/core.model:511
    ("ChangeAvailability(connectorId=none, type=Inoperative).Rejected", "Blocked"),
    ("ChangeAvailability(connectorId=none, type=Operative).Rejected", "Blocked"),
    ("ChangeAvailability(type=Inoperative).Rejected", "Blocked"),
    ("ChangeAvailability(type=Operative).Rejected", "Blocked"),
    # models/ocpp16/reservation.model:68  RES-NOW-010
    ("ReserveNow(connectorId=none)", "Blocked"),
    ("ReserveNow", "Blocked"),
    # models/ocpp16/reservation.model:71  RES-NOW-001, RES-NOW-003
    ("ReserveNow(connectorId=none).Accepted", "Blocked"),
    ("ReserveNow.Accepted", "Blocked"),
    # models/ocpp16/reservation.model:87  RES-NOW-004, RES-NOW-005
    ("ReserveNow(connectorId=none).Occupied", "Blocked"),
    ("ReserveNow.Occupied", "Blocked"),
    # models/ocpp16/reservation.model:94  RES-NOW-006
    ("ReserveNow(connectorId=none).Faulted", "Blocked"),
    ("ReserveNow.Faulted", "Blocked"),
    # models/ocpp16/reservation.model:96  RES-NOW-007
    ("ReserveNow(connectorId=none).Unavailable", "Blocked"),
    ("ReserveNow.Unavailable", "Blocked"),
    # models/ocpp16/reservation.model:98  RES-NOW-008, RES-ZERO-001
    ("ReserveNow(connectorId=none).Rejected", "Blocked"),
    # models/ocpp16/reservation.model:101
    ("CancelReservation", "Blocked"),
    # models/ocpp16/reservation.model:104  RES-END-004
    ("CancelReservation.Accepted", "Blocked"),
    # models/ocpp16/reservation.model:110  RES-END-005
    ("CancelReservation.Rejected", "Blocked"),
)

# Steps of the CSMS, each with a condition that alone keeps it from the step,
# and with what the CSMS says of identifier B.
REFUSALS = (
    # models/ocpp16/core.model:378
    ("StartTransaction(reservationId=none).Accepted", "standing[idTag] == Accepted", "Blocked"),
    ("StartTransaction.Accepted", "standing[idTag] == Accepted", "Blocked"),
    # models/ocpp16/core.model:384
    ("StartTransaction(reservationId=none).Invalid", "standing[idTag] == Invalid", "Blocked"),
    ("StartTransaction.Invalid", "standing[idTag] == Invalid", "Blocked"),
    # models/ocpp16/core.model:393
    ("StartTransaction(reservationId=none).Blocked", "standing[idTag] == Blocked", "Blocked"),
    ("StartTransaction.Blocked", "standing[idTag] == Blocked", "Blocked"),
    # models/ocpp16/core.model:402
    ("StartTransaction(reservationId=none).Expired", "standing[idTag] == Expired", "Blocked"),
    ("StartTransaction.Expired", "standing[idTag] == Expired", "Blocked"),
)

SETTLE = st.sampled_from((True, True, True, False))  # wait until nothing is owed, or go on at once
AVAILABILITY_TYPE = st.sampled_from(("Inoperative", "Operative"))
BOOLEAN = st.sampled_from((False, True))
CANCEL_RESERVATION_ANSWER = st.sampled_from(("Accepted", "Rejected"))
CHANGE_AVAILABILITY_ANSWER = st.sampled_from(("Accepted", "Scheduled", "Rejected"))
CONNECTOR = st.sampled_from((1,))
CONNECTOR_OR_NONE = st.sampled_from((1, None))
ID_TAG = st.sampled_from(("A", "B"))
REMOTE_START_TRANSACTION_ANSWER = st.sampled_from(("Accepted", "Rejected"))
RESERVATION_ID = st.sampled_from(("R", "S"))
RESERVE_NOW_ANSWER = st.sampled_from(("Accepted", "Occupied", "Faulted", "Unavailable", "Rejected"))
STANDING = st.sampled_from(("Accepted", "Blocked", "Expired", "Invalid"))


@pytest.fixture
def stage(ocpp_stage):
    return ocpp_stage(MODEL, ROLE)


@pytest.mark.parametrize(("clause", "standing"), CLAUSES)
def test_shows(stage, clause, standing):
    with stage.scenario() as run:
        run.standing("B", standing)
        run.show(clause)


@pytest.mark.parametrize(("step", "condition", "standing"), REFUSALS)
def test_refuses(stage, step, condition, standing):
    with stage.scenario() as run:
        run.standing("B", standing)
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


class ReservationCsms(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.run = self.stage.open()

    def teardown(self):
        self.run.finish()

    @initialize(status=STANDING)
    def choose_identifier(self, status):
        """What the CSMS says of identifier B: no lab can change it later."""
        self.run.standing("B", status)

    @rule(resume=BOOLEAN, keep=BOOLEAN, lapse=BOOLEAN, settle=SETTLE)
    def power_on(self, resume, keep, lapse, settle):
        """models/ocpp16/core.model:164"""
        self.run.event("PowerOn", resume=resume, keep=keep, lapse=lapse, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def plug_in(self, connectorId, settle):
        """models/ocpp16/core.model:206  CORE-TRN-A2"""
        self.run.event("PlugIn", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def notice_cable(self, connectorId, settle):
        """models/ocpp16/core.model:214  CORE-TRN-A2"""
        self.run.step("NoticeCable", connectorId=connectorId, settle=settle)

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

    @rule(connectorId=CONNECTOR, keeps=BOOLEAN, settle=SETTLE)
    def fault(self, connectorId, keeps, settle):
        """models/ocpp16/core.model:236  RES-END-002, CORE-TRN-I7"""
        self.run.event("Fault", connectorId=connectorId, keeps=keeps, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def clear_fault(self, connectorId, settle):
        """models/ocpp16/core.model:241  CORE-STAT-018"""
        self.run.event("ClearFault", connectorId=connectorId, settle=settle)

    @rule(idTag=ID_TAG, settle=SETTLE)
    def present_tag(self, idTag, settle):
        """models/ocpp16/core.model:278"""
        self.run.event("PresentTag", idTag=idTag, settle=settle)

    @rule(
        connectorId=CONNECTOR_OR_NONE,
        idTag=ID_TAG,
        answer=REMOTE_START_TRANSACTION_ANSWER,
        settle=SETTLE,
    )
    def remote_start_transaction(self, connectorId, idTag, answer, settle):
        """models/ocpp16/core.model:469

        CORE-RSTA-013, CORE-BOOT-015, CORE-RSTA-001, CORE-RSTA-010, CORE-RSTA-007, CORE-RSTA-009,
        RES-USE-001
        """
        self.run.call(
            "RemoteStartTransaction",
            connectorId=connectorId,
            idTag=idTag,
            answer=answer,
            settle=settle,
        )

    @rule(
        connectorId=CONNECTOR_OR_NONE,
        type=AVAILABILITY_TYPE,
        answer=CHANGE_AVAILABILITY_ANSWER,
        settle=SETTLE,
    )
    def change_availability(self, connectorId, type, answer, settle):
        """models/ocpp16/core.model:488

        CORE-AVAIL-001, CORE-AVAIL-003, CORE-AVAIL-005, CORE-AVAIL-002, CORE-AVAIL-009
        """
        self.run.call(
            "ChangeAvailability", connectorId=connectorId, type=type, answer=answer, settle=settle
        )

    @rule(reservationId=RESERVATION_ID, settle=SETTLE)
    def lose_any(self, reservationId, settle):
        """models/ocpp16/reservation.model:52  RES-END-002, RES-END-003"""
        self.run.step("LoseAny", reservationId=reservationId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def show_reserved(self, connectorId, settle):
        """models/ocpp16/reservation.model:56  CORE-TRN-A7, RES-NOW-003"""
        self.run.step("ShowReserved", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def set_aside(self, connectorId, settle):
        """models/ocpp16/reservation.model:61  RES-ZERO-004"""
        self.run.step("SetAside", connectorId=connectorId, settle=settle)

    @rule(
        connectorId=CONNECTOR_OR_NONE,
        idTag=ID_TAG,
        reservationId=RESERVATION_ID,
        answer=RESERVE_NOW_ANSWER,
        settle=SETTLE,
    )
    def reserve_now(self, connectorId, idTag, reservationId, answer, settle):
        """models/ocpp16/reservation.model:68

        RES-NOW-010, RES-NOW-001, RES-NOW-003, CORE-GEN-002, RES-NOW-004, RES-NOW-005, RES-NOW-006,
        RES-NOW-007, RES-NOW-008, RES-ZERO-001
        """
        self.run.call(
            "ReserveNow",
            connectorId=connectorId,
            idTag=idTag,
            reservationId=reservationId,
            answer=answer,
            settle=settle,
        )

    @rule(reservationId=RESERVATION_ID, answer=CANCEL_RESERVATION_ANSWER, settle=SETTLE)
    def cancel_reservation(self, reservationId, answer, settle):
        """models/ocpp16/reservation.model:101  RES-END-004, RES-END-005"""
        self.run.call(
            "CancelReservation", reservationId=reservationId, answer=answer, settle=settle
        )

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def expire(self, connectorId, settle):
        """models/ocpp16/reservation.model:114  RES-END-001, RES-END-009"""
        self.run.step("Expire", connectorId=connectorId, settle=settle)

    @rule(reservationId=RESERVATION_ID, settle=SETTLE)
    def expire_any(self, reservationId, settle):
        """models/ocpp16/reservation.model:118  RES-END-001, RES-END-009"""
        self.run.step("ExpireAny", reservationId=reservationId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def stay_reserved(self, connectorId, settle):
        """models/ocpp16/reservation.model:131  RES-END-009"""
        self.run.step("StayReserved", connectorId=connectorId, settle=settle)

    @rule(clause=st.sampled_from(CLAUSES))
    def reach(self, clause):
        """The way is planned, and left where the CSMS goes another one."""
        name, _ = clause
        self.run.head_for(name)

    @rule(refusal=st.sampled_from(REFUSALS))
    def tempt(self, refusal):
        """The way is planned, and left where the CSMS goes another one."""
        step, condition, _ = refusal
        self.run.tempt(step, condition)

    @rule()
    def wait(self):
        self.run.wait()


def test_reservation_csms(stage):
    stage.explore(ReservationCsms)
