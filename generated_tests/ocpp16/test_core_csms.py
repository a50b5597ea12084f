"""OCPP 1.6 Core: CSMSs against the model.

model: models/ocpp16/core.model
spec: specs/ocpp16/core.spec
not driven, as no lab can cause it: SetStanding
written by ocpp-verify 0.1.0; write it again with: ocpp-verify generate models/ocpp16/core.model
"""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

MODEL = "models/ocpp16/core.model"
ROLE = "csms"

SETTLE = st.sampled_from((True, True, True, False))  # wait until nothing is owed, or go on at once
AUTHORIZE_REACHABLE = st.sampled_from(("Invalid",))
AVAILABILITY_TYPE = st.sampled_from(("Inoperative", "Operative"))
BOOLEAN = st.sampled_from((False, True))
BOOT_NOTIFICATION_REACHABLE = st.sampled_from(("Accepted", "Pending", "Rejected"))
CHANGE_AVAILABILITY_ANSWER = st.sampled_from(("Accepted", "Scheduled", "Rejected"))
CHANGE_AVAILABILITY_REACHABLE = st.sampled_from(("Accepted", "Scheduled", "Rejected"))
CONDITION_1 = st.sampled_from((1,))
CONNECTOR = st.sampled_from((1,))
CONNECTOR_OR_NONE = st.sampled_from((1, None))
ID_TAG = st.sampled_from(("A", "B"))
REMOTE_START_TRANSACTION_ANSWER = st.sampled_from(("Accepted", "Rejected"))
REMOTE_START_TRANSACTION_REACHABLE = st.sampled_from(("Accepted", "Rejected"))
REMOTE_STOP_TRANSACTION_ANSWER = st.sampled_from(("Accepted", "Rejected"))
REMOTE_STOP_TRANSACTION_REACHABLE = st.sampled_from(("Rejected",))
RESET_ANSWER = st.sampled_from(("Accepted", "Rejected"))
RESET_REACHABLE = st.sampled_from(("Accepted", "Rejected"))
RESET_TYPE = st.sampled_from(("Soft", "Hard"))
TRANSACTION_ID = st.sampled_from(("X", "Y"))
TRANSACTION_ID_OR_NONE = st.sampled_from(("X", "Y", None))
UNLOCK_CONNECTOR_ANSWER = st.sampled_from(("Unlocked", "UnlockFailed", "NotSupported"))
UNLOCK_CONNECTOR_REACHABLE = st.sampled_from(("Unlocked", "NotSupported"))


@pytest.fixture
def stage(ocpp_stage):
    return ocpp_stage(MODEL, ROLE)


class CoreCsms(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.run = self.stage.open()

    def teardown(self):
        self.run.finish()

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

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def notice_power_loss(self, connectorId, settle):
        """models/ocpp16/core.model:140"""
        self.run.step("NoticePowerLoss", connectorId=connectorId, settle=settle)

    @rule(resume=BOOLEAN, keep=BOOLEAN, lapse=BOOLEAN, settle=SETTLE)
    def power_on(self, resume, keep, lapse, settle):
        """models/ocpp16/core.model:148"""
        self.run.event("PowerOn", resume=resume, keep=keep, lapse=lapse, settle=settle)

    @rule(settle=SETTLE)
    def boot_again(self, settle):
        """models/ocpp16/core.model:175  CORE-BOOT-006, CORE-BOOT-008"""
        self.run.step("BootAgain", settle=settle)

    @rule(settle=SETTLE)
    def heartbeat(self, settle):
        """models/ocpp16/core.model:183  CORE-HB-001, CORE-HB-002"""
        self.run.call("Heartbeat", settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def plug_in(self, connectorId, settle):
        """models/ocpp16/core.model:189  CORE-TRN-A2"""
        self.run.event("PlugIn", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def notice_cable(self, connectorId, settle):
        """models/ocpp16/core.model:197"""
        self.run.step("NoticeCable", connectorId=connectorId, settle=settle)

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

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def end_faulted(self, connectorId, settle):
        """models/ocpp16/core.model:229"""
        self.run.step("EndFaulted", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def forget_faulted(self, connectorId, settle):
        """models/ocpp16/core.model:234"""
        self.run.step("ForgetFaulted", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def pause(self, connectorId, settle):
        """models/ocpp16/core.model:239"""
        self.run.step("Pause", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def unpause(self, connectorId, settle):
        """models/ocpp16/core.model:243"""
        self.run.step("Unpause", connectorId=connectorId, settle=settle)

    @rule(idTag=ID_TAG, settle=SETTLE)
    def present_tag(self, idTag, settle):
        """models/ocpp16/core.model:254"""
        self.run.event("PresentTag", idTag=idTag, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def withdraw_tag(self, connectorId, settle):
        """models/ocpp16/core.model:267  CORE-AUTH-017"""
        self.run.step("WithdrawTag", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def claim(self, connectorId, settle):
        """models/ocpp16/core.model:280  CORE-TRN-A2, CORE-TRN-G2"""
        self.run.step("Claim", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def give_up(self, connectorId, settle):
        """models/ocpp16/core.model:321  CORE-START-009, CORE-RSTA-008"""
        self.run.step("GiveUp", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, finishing=BOOLEAN, settle=SETTLE)
    def give_up_identification(self, connectorId, finishing, settle):
        """models/ocpp16/core.model:326  CORE-START-010"""
        self.run.step(
            "GiveUpIdentification", connectorId=connectorId, finishing=finishing, settle=settle
        )

    @rule(connectorId=CONNECTOR, transactionId=TRANSACTION_ID_OR_NONE, settle=SETTLE)
    def meter_values(self, connectorId, transactionId, settle):
        """models/ocpp16/core.model:398  CORE-MET-012, CORE-MET-014"""
        self.run.call(
            "MeterValues", connectorId=connectorId, transactionId=transactionId, settle=settle
        )

    @rule(
        connectorId=CONNECTOR_OR_NONE,
        idTag=ID_TAG,
        answer=REMOTE_START_TRANSACTION_ANSWER,
        settle=SETTLE,
    )
    def remote_start_transaction(self, connectorId, idTag, answer, settle):
        """models/ocpp16/core.model:426

        CORE-RSTA-013, CORE-BOOT-015, CORE-RSTA-001, CORE-RSTA-010, CORE-RSTA-007
        """
        self.run.call(
            "RemoteStartTransaction",
            connectorId=connectorId,
            idTag=idTag,
            answer=answer,
            settle=settle,
        )

    @rule(transactionId=TRANSACTION_ID, answer=REMOTE_STOP_TRANSACTION_ANSWER, settle=SETTLE)
    def remote_stop_transaction(self, transactionId, answer, settle):
        """models/ocpp16/core.model:436  CORE-BOOT-016, CORE-RSTO-001, CORE-RSTO-002"""
        self.run.call(
            "RemoteStopTransaction", transactionId=transactionId, answer=answer, settle=settle
        )

    @rule(
        connectorId=CONNECTOR_OR_NONE,
        type=AVAILABILITY_TYPE,
        answer=CHANGE_AVAILABILITY_ANSWER,
        settle=SETTLE,
    )
    def change_availability(self, connectorId, type, answer, settle):
        """models/ocpp16/core.model:445

        CORE-AVAIL-001, CORE-AVAIL-003, CORE-AVAIL-005, CORE-AVAIL-002, CORE-AVAIL-009
        """
        self.run.call(
            "ChangeAvailability", connectorId=connectorId, type=type, answer=answer, settle=settle
        )

    @rule(connectorId=CONNECTOR, answer=UNLOCK_CONNECTOR_ANSWER, settle=SETTLE)
    def unlock_connector(self, connectorId, answer, settle):
        """models/ocpp16/core.model:469  CORE-UNL-008, CORE-UNL-001, CORE-UNL-003, CORE-UNL-004"""
        self.run.call("UnlockConnector", connectorId=connectorId, answer=answer, settle=settle)

    @rule(type=RESET_TYPE, answer=RESET_ANSWER, settle=SETTLE)
    def reset(self, type, answer, settle):
        """models/ocpp16/core.model:480  CORE-RST-001, CORE-RST-002, CORE-RST-010"""
        self.run.call("Reset", type=type, answer=answer, settle=settle)

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
    def tempt_authorize_accepted(self, condition):
        """models/ocpp16/core.model:288  CORE-AUTH-006"""
        self.run.tempt("Authorize.Accepted", condition)

    @rule(condition=CONDITION_1)
    def tempt_authorize_blocked(self, condition):
        """models/ocpp16/core.model:296  CORE-AUTH-013"""
        self.run.tempt("Authorize.Blocked", condition)

    @rule(condition=CONDITION_1)
    def tempt_authorize_expired(self, condition):
        """models/ocpp16/core.model:300  CORE-AUTH-013"""
        self.run.tempt("Authorize.Expired", condition)

    @rule(condition=CONDITION_1)
    def tempt_remote_start_transaction(self, condition):
        """models/ocpp16/core.model:427  CORE-BOOT-015"""
        self.run.tempt("RemoteStartTransaction", condition)

    @rule(condition=CONDITION_1)
    def tempt_remote_stop_transaction(self, condition):
        """models/ocpp16/core.model:437  CORE-BOOT-016"""
        self.run.tempt("RemoteStopTransaction", condition)

    @rule(condition=CONDITION_1)
    def tempt_change_availability(self, condition):
        """models/ocpp16/core.model:446"""
        self.run.tempt("ChangeAvailability", condition)

    @rule(condition=CONDITION_1)
    def tempt_unlock_connector(self, condition):
        """models/ocpp16/core.model:470"""
        self.run.tempt("UnlockConnector", condition)

    @rule(condition=CONDITION_1)
    def tempt_reset(self, condition):
        """models/ocpp16/core.model:481"""
        self.run.tempt("Reset", condition)

    @rule()
    def wait(self):
        self.run.wait()


def test_core_csms(stage):
    stage.explore(CoreCsms)


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
