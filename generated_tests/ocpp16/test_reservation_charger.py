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

SETTLE = st.sampled_from((True, True, True, False))  # wait until nothing is owed, or go on at once
AVAILABILITY_TYPE = st.sampled_from(("Inoperative", "Operative"))
BOOT_NOTIFICATION_ANSWER = st.sampled_from(("Accepted", "Pending", "Rejected"))
BOOT_NOTIFICATION_REACHABLE = st.sampled_from(("Accepted", "Pending", "Rejected"))
CANCEL_RESERVATION_REACHABLE = st.sampled_from(("Rejected",))
CHANGE_AVAILABILITY_REACHABLE = st.sampled_from(("Accepted", "Scheduled", "Rejected"))
CONDITION_1 = st.sampled_from((1,))
CONDITION_1_2 = st.sampled_from((1, 2))
CONDITION_1_2_3_7_9 = st.sampled_from((1, 2, 3, 7, 9))
CONDITION_2_3 = st.sampled_from((2, 3))
CONDITION_2_3_4 = st.sampled_from((2, 3, 4))
CONNECTOR = st.sampled_from((1,))
CONNECTOR_OR_NONE = st.sampled_from((1, None))
ID_TAG = st.sampled_from(("A", "B"))
REMOTE_START_TRANSACTION_REACHABLE = st.sampled_from(("Accepted", "Rejected"))
RESERVATION_ID = st.sampled_from(("R", "S"))
RESERVE_NOW_REACHABLE = st.sampled_from(("Accepted", "Occupied", "Faulted", "Rejected"))


@pytest.fixture
def stage(ocpp_stage):
    return ocpp_stage(MODEL, ROLE)


class ReservationCharger(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.run = self.stage.open()

    def teardown(self):
        self.run.finish()

    @rule(settle=SETTLE)
    def power_off(self, settle):
        """models/ocpp16/core.model:135"""
        self.run.event("PowerOff", settle=settle)

    @rule(settle=SETTLE)
    def power_on(self, settle):
        """models/ocpp16/core.model:148"""
        self.run.event("PowerOn", settle=settle)

    @rule(outcome=BOOT_NOTIFICATION_ANSWER)
    def answer_boot_notification(self, outcome):
        """models/ocpp16/core.model:163

        CORE-BOOT-001, CORE-BOOT-014, CORE-BOOT-003, CORE-BOOT-024
        """
        self.run.answer("BootNotification", outcome)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def plug_in(self, connectorId, settle):
        """models/ocpp16/core.model:189  CORE-TRN-A2"""
        self.run.event("PlugIn", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def plug_out(self, connectorId, settle):
        """models/ocpp16/core.model:202"""
        self.run.event("PlugOut", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def ev_not_ready(self, connectorId, settle):
        """models/ocpp16/core.model:211"""
        self.run.event("EvNotReady", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def ev_ready(self, connectorId, settle):
        """models/ocpp16/core.model:215"""
        self.run.event("EvReady", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def fault(self, connectorId, settle):
        """models/ocpp16/core.model:219  RES-END-002, CORE-TRN-I7"""
        self.run.event("Fault", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def clear_fault(self, connectorId, settle):
        """models/ocpp16/core.model:224  CORE-STAT-018"""
        self.run.event("ClearFault", connectorId=connectorId, settle=settle)

    @rule(idTag=ID_TAG, settle=SETTLE)
    def present_tag(self, idTag, settle):
        """models/ocpp16/core.model:254"""
        self.run.event("PresentTag", idTag=idTag, settle=settle)

    @rule(connectorId=CONNECTOR_OR_NONE, idTag=ID_TAG, settle=SETTLE)
    def remote_start_transaction(self, connectorId, idTag, settle):
        """models/ocpp16/core.model:426

        CORE-RSTA-013, CORE-BOOT-015, CORE-RSTA-001, CORE-RSTA-010, CORE-RSTA-007, CORE-RSTA-009
        """
        self.run.call("RemoteStartTransaction", connectorId=connectorId, idTag=idTag, settle=settle)

    @rule(connectorId=CONNECTOR_OR_NONE, type=AVAILABILITY_TYPE, settle=SETTLE)
    def change_availability(self, connectorId, type, settle):
        """models/ocpp16/core.model:445

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

    @rule(answer=BOOT_NOTIFICATION_REACHABLE)
    def reach_boot_notification(self, answer):
        """models/ocpp16/core.model:163

        CORE-BOOT-001, CORE-BOOT-014, CORE-BOOT-003, CORE-BOOT-024
        """
        self.run.head_for("BootNotification", answer)

    @rule(answer=REMOTE_START_TRANSACTION_REACHABLE)
    def reach_remote_start_transaction(self, answer):
        """models/ocpp16/core.model:426

        CORE-RSTA-013, CORE-BOOT-015, CORE-RSTA-001, CORE-RSTA-010, CORE-RSTA-007, CORE-RSTA-009
        """
        self.run.head_for("RemoteStartTransaction", answer)

    @rule(answer=CHANGE_AVAILABILITY_REACHABLE)
    def reach_change_availability(self, answer):
        """models/ocpp16/core.model:445

        CORE-AVAIL-001, CORE-AVAIL-003, CORE-AVAIL-005, CORE-AVAIL-002, CORE-AVAIL-009
        """
        self.run.head_for("ChangeAvailability", answer)

    @rule(answer=RESERVE_NOW_REACHABLE)
    def reach_reserve_now(self, answer):
        """models/ocpp16/reservation.model:55

        RES-NOW-010, RES-NOW-001, RES-NOW-003, RES-NOW-004, RES-NOW-005, RES-NOW-006, RES-NOW-007,
        RES-NOW-008, RES-ZERO-001
        """
        self.run.head_for("ReserveNow", answer)

    @rule(answer=CANCEL_RESERVATION_REACHABLE)
    def reach_cancel_reservation(self, answer):
        """models/ocpp16/reservation.model:89  RES-END-004, RES-END-005"""
        self.run.head_for("CancelReservation", answer)

    @rule(condition=CONDITION_1_2)
    def tempt_boot_notification(self, condition):
        """models/ocpp16/core.model:164"""
        self.run.tempt("BootNotification", condition)

    @rule(condition=CONDITION_1_2)
    def tempt_take_tag(self, condition):
        """models/ocpp16/core.model:259"""
        self.run.tempt("TakeTag", condition)

    @rule(condition=CONDITION_1_2_3_7_9)
    def tempt_start_transaction(self, condition):
        """models/ocpp16/core.model:331  RES-USE-006"""
        self.run.tempt("StartTransaction", condition)

    @rule(condition=CONDITION_2_3_4)
    def tempt_remote_start_transaction_accepted(self, condition):
        """models/ocpp16/core.model:430"""
        self.run.tempt("RemoteStartTransaction.Accepted", condition)

    @rule(condition=CONDITION_1)
    def tempt_change_availability_scheduled(self, condition):
        """models/ocpp16/core.model:461"""
        self.run.tempt("ChangeAvailability.Scheduled", condition)

    @rule(condition=CONDITION_2_3)
    def tempt_reserve_now_accepted(self, condition):
        """models/ocpp16/reservation.model:59"""
        self.run.tempt("ReserveNow.Accepted", condition)

    @rule(condition=CONDITION_1)
    def tempt_reserve_now_occupied(self, condition):
        """models/ocpp16/reservation.model:77"""
        self.run.tempt("ReserveNow.Occupied", condition)

    @rule(condition=CONDITION_1)
    def tempt_reserve_now_faulted(self, condition):
        """models/ocpp16/reservation.model:83"""
        self.run.tempt("ReserveNow.Faulted", condition)

    @rule(condition=CONDITION_1)
    def tempt_reserve_now_unavailable(self, condition):
        """models/ocpp16/reservation.model:85"""
        self.run.tempt("ReserveNow.Unavailable", condition)

    @rule(condition=CONDITION_1)
    def tempt_reserve_now_rejected(self, condition):
        """models/ocpp16/reservation.model:87"""
        self.run.tempt("ReserveNow.Rejected", condition)

    @rule(condition=CONDITION_1)
    def tempt_cancel_reservation_accepted(self, condition):
        """models/ocpp16/reservation.model:93"""
        self.run.tempt("CancelReservation.Accepted", condition)

    @rule(condition=CONDITION_1)
    def tempt_expire(self, condition):
        """models/ocpp16/reservation.model:103"""
        self.run.tempt("Expire", condition)

    @rule(condition=CONDITION_1)
    def tempt_expire_any(self, condition):
        """models/ocpp16/reservation.model:107"""
        self.run.tempt("ExpireAny", condition)

    @rule()
    def wait(self):
        """Time for BootAgain, GiveUp, GiveUpIdentification, Expire, ExpireAny"""
        self.run.wait()


def test_reservation_charger(stage):
    stage.explore(ReservationCharger)


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
