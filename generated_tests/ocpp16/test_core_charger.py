"""OCPP 1.6 Core: chargers against the model.

model: models/ocpp16/core.model
spec: specs/ocpp16/core.spec
written by ocpp-verify 0.1.0; write it again with: ocpp-verify generate models/ocpp16/core.model
"""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

MODEL = "models/ocpp16/core.model"
ROLE = "charger"

SETTLE = st.sampled_from((True, True, True, False))  # wait until nothing is owed, or go on at once
AUTHORIZE_REACHABLE = st.sampled_from(("Accepted", "Invalid"))
AVAILABILITY_TYPE = st.sampled_from(("Inoperative", "Operative"))
BOOT_NOTIFICATION_ANSWER = st.sampled_from(("Accepted", "Pending", "Rejected"))
BOOT_NOTIFICATION_REACHABLE = st.sampled_from(("Accepted", "Pending", "Rejected"))
CHANGE_AVAILABILITY_REACHABLE = st.sampled_from(("Accepted", "Scheduled", "Rejected"))
CONDITION_1 = st.sampled_from((1,))
CONDITION_1_2 = st.sampled_from((1, 2))
CONDITION_1_2_3 = st.sampled_from((1, 2, 3))
CONDITION_1_2_3_7 = st.sampled_from((1, 2, 3, 7))
CONDITION_1_2_4 = st.sampled_from((1, 2, 4))
CONDITION_2 = st.sampled_from((2,))
CONDITION_2_3 = st.sampled_from((2, 3))
CONDITION_2_3_4 = st.sampled_from((2, 3, 4))
CONDITION_2_4 = st.sampled_from((2, 4))
CONNECTOR = st.sampled_from((1,))
CONNECTOR_OR_NONE = st.sampled_from((1, None))
ID_TAG = st.sampled_from(("A", "B"))
REMOTE_START_TRANSACTION_REACHABLE = st.sampled_from(("Accepted", "Rejected"))
REMOTE_STOP_TRANSACTION_REACHABLE = st.sampled_from(("Rejected",))
RESET_REACHABLE = st.sampled_from(("Accepted", "Rejected"))
RESET_TYPE = st.sampled_from(("Soft", "Hard"))
STANDING = st.sampled_from(("Accepted", "Blocked", "Expired", "Invalid"))
TRANSACTION_ID = st.sampled_from(("X", "Y"))
UNLOCK_CONNECTOR_REACHABLE = st.sampled_from(("Unlocked", "NotSupported"))


@pytest.fixture
def stage(ocpp_stage):
    return ocpp_stage(MODEL, ROLE)


class CoreCharger(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.run = self.stage.open()

    def teardown(self):
        self.run.finish()

    @rule(idTag=ID_TAG, status=STANDING, settle=SETTLE)
    def set_standing(self, idTag, status, settle):
        """models/ocpp16/core.model:117"""
        self.run.event("SetStanding", idTag=idTag, status=status, settle=settle)

    @rule(settle=SETTLE)
    def network_up(self, settle):
        """models/ocpp16/core.model:127"""
        self.run.event("NetworkUp", settle=settle)

    @rule(settle=SETTLE)
    def network_down(self, settle):
        """models/ocpp16/core.model:131"""
        self.run.event("NetworkDown", settle=settle)

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
        """models/ocpp16/core.model:219"""
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

        CORE-RSTA-013, CORE-BOOT-015, CORE-RSTA-001, CORE-RSTA-010, CORE-RSTA-007
        """
        self.run.call("RemoteStartTransaction", connectorId=connectorId, idTag=idTag, settle=settle)

    @rule(transactionId=TRANSACTION_ID, settle=SETTLE)
    def remote_stop_transaction(self, transactionId, settle):
        """models/ocpp16/core.model:436  CORE-BOOT-016, CORE-RSTO-001, CORE-RSTO-002"""
        self.run.call("RemoteStopTransaction", transactionId=transactionId, settle=settle)

    @rule(connectorId=CONNECTOR_OR_NONE, type=AVAILABILITY_TYPE, settle=SETTLE)
    def change_availability(self, connectorId, type, settle):
        """models/ocpp16/core.model:445

        CORE-AVAIL-001, CORE-AVAIL-003, CORE-AVAIL-005, CORE-AVAIL-002, CORE-AVAIL-009
        """
        self.run.call("ChangeAvailability", connectorId=connectorId, type=type, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def unlock_connector(self, connectorId, settle):
        """models/ocpp16/core.model:469  CORE-UNL-008, CORE-UNL-001, CORE-UNL-003, CORE-UNL-004"""
        self.run.call("UnlockConnector", connectorId=connectorId, settle=settle)

    @rule(type=RESET_TYPE, settle=SETTLE)
    def reset(self, type, settle):
        """models/ocpp16/core.model:480  CORE-RST-001, CORE-RST-002, CORE-RST-010"""
        self.run.call("Reset", type=type, settle=settle)

    @rule(answer=BOOT_NOTIFICATION_REACHABLE)
    def reach_boot_notification(self, answer):
        """models/ocpp16/core.model:163

        CORE-BOOT-001, CORE-BOOT-014, CORE-BOOT-003, CORE-BOOT-024
        """
        self.run.head_for("BootNotification", answer)

    @rule()
    def reach_heartbeat(self):
        """models/ocpp16/core.model:183  CORE-HB-001, CORE-HB-002"""
        self.run.head_for("Heartbeat")

    @rule(answer=AUTHORIZE_REACHABLE)
    def reach_authorize(self, answer):
        """models/ocpp16/core.model:284  CORE-AUTH-002, CORE-AUTH-006, CORE-AUTH-013"""
        self.run.head_for("Authorize", answer)

    @rule()
    def reach_meter_values(self):
        """models/ocpp16/core.model:398  CORE-MET-012, CORE-MET-014"""
        self.run.head_for("MeterValues")

    @rule()
    def reach_status_notification(self):
        """models/ocpp16/core.model:407  CORE-STAT-001, CORE-STAT-016, CORE-STAT-017"""
        self.run.head_for("StatusNotification")

    @rule(answer=REMOTE_START_TRANSACTION_REACHABLE)
    def reach_remote_start_transaction(self, answer):
        """models/ocpp16/core.model:426

        CORE-RSTA-013, CORE-BOOT-015, CORE-RSTA-001, CORE-RSTA-010, CORE-RSTA-007
        """
        self.run.head_for("RemoteStartTransaction", answer)

    @rule(answer=REMOTE_STOP_TRANSACTION_REACHABLE)
    def reach_remote_stop_transaction(self, answer):
        """models/ocpp16/core.model:436  CORE-BOOT-016, CORE-RSTO-001, CORE-RSTO-002"""
        self.run.head_for("RemoteStopTransaction", answer)

    @rule(answer=CHANGE_AVAILABILITY_REACHABLE)
    def reach_change_availability(self, answer):
        """models/ocpp16/core.model:445

        CORE-AVAIL-001, CORE-AVAIL-003, CORE-AVAIL-005, CORE-AVAIL-002, CORE-AVAIL-009
        """
        self.run.head_for("ChangeAvailability", answer)

    @rule(answer=UNLOCK_CONNECTOR_REACHABLE)
    def reach_unlock_connector(self, answer):
        """models/ocpp16/core.model:469  CORE-UNL-008, CORE-UNL-001, CORE-UNL-003, CORE-UNL-004"""
        self.run.head_for("UnlockConnector", answer)

    @rule(answer=RESET_REACHABLE)
    def reach_reset(self, answer):
        """models/ocpp16/core.model:480  CORE-RST-001, CORE-RST-002, CORE-RST-010"""
        self.run.head_for("Reset", answer)

    @rule(condition=CONDITION_1)
    def tempt_go_down(self, condition):
        """models/ocpp16/core.model:145"""
        self.run.tempt("GoDown", condition)

    @rule(condition=CONDITION_1_2)
    def tempt_boot_notification(self, condition):
        """models/ocpp16/core.model:164"""
        self.run.tempt("BootNotification", condition)

    @rule(condition=CONDITION_1_2_4)
    def tempt_boot_again(self, condition):
        """models/ocpp16/core.model:176"""
        self.run.tempt("BootAgain", condition)

    @rule(condition=CONDITION_1_2)
    def tempt_heartbeat(self, condition):
        """models/ocpp16/core.model:184"""
        self.run.tempt("Heartbeat", condition)

    @rule(condition=CONDITION_1)
    def tempt_close(self, condition):
        """models/ocpp16/core.model:249"""
        self.run.tempt("Close", condition)

    @rule(condition=CONDITION_1_2)
    def tempt_take_tag(self, condition):
        """models/ocpp16/core.model:259"""
        self.run.tempt("TakeTag", condition)

    @rule(condition=CONDITION_2_3)
    def tempt_stop_by_tag(self, condition):
        """models/ocpp16/core.model:264"""
        self.run.tempt("StopByTag", condition)

    @rule(condition=CONDITION_1)
    def tempt_ignore_tag(self, condition):
        """models/ocpp16/core.model:276"""
        self.run.tempt("IgnoreTag", condition)

    @rule(condition=CONDITION_1_2_3)
    def tempt_authorize(self, condition):
        """models/ocpp16/core.model:285"""
        self.run.tempt("Authorize", condition)

    @rule(condition=CONDITION_1_2_3)
    def tempt_authorize_offline(self, condition):
        """models/ocpp16/core.model:311"""
        self.run.tempt("AuthorizeOffline", condition)

    @rule(condition=CONDITION_1_2)
    def tempt_refuse_offline(self, condition):
        """models/ocpp16/core.model:315"""
        self.run.tempt("RefuseOffline", condition)

    @rule(condition=CONDITION_1_2_3)
    def tempt_give_up(self, condition):
        """models/ocpp16/core.model:322"""
        self.run.tempt("GiveUp", condition)

    @rule(condition=CONDITION_1_2)
    def tempt_give_up_identification(self, condition):
        """models/ocpp16/core.model:327"""
        self.run.tempt("GiveUpIdentification", condition)

    @rule(condition=CONDITION_1_2_3_7)
    def tempt_start_transaction(self, condition):
        """models/ocpp16/core.model:331"""
        self.run.tempt("StartTransaction", condition)

    @rule(condition=CONDITION_2_4)
    def tempt_stop_transaction(self, condition):
        """models/ocpp16/core.model:380  CORE-STOP-004"""
        self.run.tempt("StopTransaction", condition)

    @rule(condition=CONDITION_1)
    def tempt_leave(self, condition):
        """models/ocpp16/core.model:395"""
        self.run.tempt("Leave", condition)

    @rule(condition=CONDITION_1_2_3)
    def tempt_meter_values(self, condition):
        """models/ocpp16/core.model:399"""
        self.run.tempt("MeterValues", condition)

    @rule(condition=CONDITION_1_2_3)
    def tempt_status_notification(self, condition):
        """models/ocpp16/core.model:408"""
        self.run.tempt("StatusNotification", condition)

    @rule(condition=CONDITION_2_3_4)
    def tempt_remote_start_transaction_accepted(self, condition):
        """models/ocpp16/core.model:430"""
        self.run.tempt("RemoteStartTransaction.Accepted", condition)

    @rule(condition=CONDITION_1)
    def tempt_remote_stop_transaction_accepted(self, condition):
        """models/ocpp16/core.model:439  CORE-RSTO-001"""
        self.run.tempt("RemoteStopTransaction.Accepted", condition)

    @rule(condition=CONDITION_1)
    def tempt_change_availability_scheduled(self, condition):
        """models/ocpp16/core.model:461"""
        self.run.tempt("ChangeAvailability.Scheduled", condition)

    @rule(condition=CONDITION_2)
    def tempt_reboot(self, condition):
        """models/ocpp16/core.model:492"""
        self.run.tempt("Reboot", condition)

    @rule()
    def wait(self):
        """Time for BootAgain, GiveUp, GiveUpIdentification"""
        self.run.wait()


def test_core_charger(stage):
    stage.explore(CoreCharger)


def test_cable_first(stage):
    """specs/ocpp16/core.spec:134  CORE-START-012"""
    with stage.scenario() as run:
        run.reach("PlugIn", connectorId=1)
        run.reach("PresentTag", idTag="A")
        run.reach("Authorize.Accepted", idTag="A")
        run.reach("StartTransaction", connectorId=1, idTag="A")
        run.reach("StatusNotification", connectorId=1, status="Charging")
        run.reach("PresentTag", idTag="A")
        run.reach("StopTransaction", connectorId=1, reason="Local")
        run.reach("StatusNotification", connectorId=1, status="Finishing")
        run.reach("PlugOut", connectorId=1)
        run.reach("StatusNotification", connectorId=1, status="Available")


def test_tag_first(stage):
    """specs/ocpp16/core.spec:147  CORE-START-012"""
    with stage.scenario() as run:
        run.reach("PresentTag", idTag="A")
        run.reach("Authorize.Accepted", idTag="A")
        run.reach("PlugIn", connectorId=1)
        run.reach("StartTransaction", connectorId=1, idTag="A")


def test_remote_start_then_stop(stage):
    """specs/ocpp16/core.spec:154  CORE-RSTA-002, CORE-RSTO-003"""
    with stage.scenario() as run:
        run.reach("RemoteStartTransaction.Accepted", connectorId=1, idTag="A")
        run.reach("PlugIn", connectorId=1)
        run.reach("StartTransaction.Accepted", connectorId=1, idTag="A", transactionId="X")
        run.reach("RemoteStopTransaction.Accepted", transactionId="X")
        run.reach("StopTransaction", connectorId=1, reason="Remote")
