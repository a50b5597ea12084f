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
AVAILABILITY_TYPE = st.sampled_from(("Inoperative", "Operative"))
BOOLEAN = st.sampled_from((False, True))
CHANGE_AVAILABILITY_ANSWER = st.sampled_from(("Accepted", "Scheduled", "Rejected"))
CONNECTOR = st.sampled_from((1,))
CONNECTOR_OR_NONE = st.sampled_from((1, None))
ID_TAG = st.sampled_from(("A", "B"))
REMOTE_START_TRANSACTION_ANSWER = st.sampled_from(("Accepted", "Rejected"))
REMOTE_STOP_TRANSACTION_ANSWER = st.sampled_from(("Accepted", "Rejected"))
RESET_ANSWER = st.sampled_from(("Accepted", "Rejected"))
RESET_TYPE = st.sampled_from(("Soft", "Hard"))
TRANSACTION_ID = st.sampled_from(("X", "Y"))
TRANSACTION_ID_OR_NONE = st.sampled_from(("X", "Y", None))
UNLOCK_CONNECTOR_ANSWER = st.sampled_from(("Unlocked", "UnlockFailed", "NotSupported"))


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
        """models/ocpp16/core.model:173  CORE-BOOT-006, CORE-BOOT-008"""
        self.run.step("BootAgain", settle=settle)

    @rule(settle=SETTLE)
    def heartbeat(self, settle):
        """models/ocpp16/core.model:181  CORE-HB-001, CORE-HB-002"""
        self.run.call("Heartbeat", settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def plug_in(self, connectorId, settle):
        """models/ocpp16/core.model:187  CORE-TRN-A2"""
        self.run.event("PlugIn", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def notice_cable(self, connectorId, settle):
        """models/ocpp16/core.model:194"""
        self.run.step("NoticeCable", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def plug_out(self, connectorId, settle):
        """models/ocpp16/core.model:199"""
        self.run.event("PlugOut", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def ev_not_ready(self, connectorId, settle):
        """models/ocpp16/core.model:208"""
        self.run.event("EvNotReady", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def ev_ready(self, connectorId, settle):
        """models/ocpp16/core.model:212"""
        self.run.event("EvReady", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def fault(self, connectorId, settle):
        """models/ocpp16/core.model:216"""
        self.run.event("Fault", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def clear_fault(self, connectorId, settle):
        """models/ocpp16/core.model:221  CORE-STAT-018"""
        self.run.event("ClearFault", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def end_faulted(self, connectorId, settle):
        """models/ocpp16/core.model:226"""
        self.run.step("EndFaulted", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def forget_faulted(self, connectorId, settle):
        """models/ocpp16/core.model:231"""
        self.run.step("ForgetFaulted", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def pause(self, connectorId, settle):
        """models/ocpp16/core.model:236"""
        self.run.step("Pause", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def unpause(self, connectorId, settle):
        """models/ocpp16/core.model:240"""
        self.run.step("Unpause", connectorId=connectorId, settle=settle)

    @rule(idTag=ID_TAG, settle=SETTLE)
    def present_tag(self, idTag, settle):
        """models/ocpp16/core.model:251"""
        self.run.event("PresentTag", idTag=idTag, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def withdraw_tag(self, connectorId, settle):
        """models/ocpp16/core.model:264  CORE-AUTH-017"""
        self.run.step("WithdrawTag", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def claim(self, connectorId, settle):
        """models/ocpp16/core.model:277  CORE-TRN-A2, CORE-TRN-G2"""
        self.run.step("Claim", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def give_up(self, connectorId, settle):
        """models/ocpp16/core.model:318  CORE-START-009, CORE-RSTA-008"""
        self.run.step("GiveUp", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, finishing=BOOLEAN, settle=SETTLE)
    def give_up_identification(self, connectorId, finishing, settle):
        """models/ocpp16/core.model:323  CORE-START-010"""
        self.run.step(
            "GiveUpIdentification", connectorId=connectorId, finishing=finishing, settle=settle
        )

    @rule(connectorId=CONNECTOR, transactionId=TRANSACTION_ID_OR_NONE, settle=SETTLE)
    def meter_values(self, connectorId, transactionId, settle):
        """models/ocpp16/core.model:395  CORE-MET-012, CORE-MET-014"""
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
        """models/ocpp16/core.model:423

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
        """models/ocpp16/core.model:433  CORE-BOOT-016, CORE-RSTO-001, CORE-RSTO-002"""
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
        """models/ocpp16/core.model:442

        CORE-AVAIL-001, CORE-AVAIL-003, CORE-AVAIL-005, CORE-AVAIL-002, CORE-AVAIL-009
        """
        self.run.call(
            "ChangeAvailability", connectorId=connectorId, type=type, answer=answer, settle=settle
        )

    @rule(connectorId=CONNECTOR, answer=UNLOCK_CONNECTOR_ANSWER, settle=SETTLE)
    def unlock_connector(self, connectorId, answer, settle):
        """models/ocpp16/core.model:466  CORE-UNL-008, CORE-UNL-001, CORE-UNL-003, CORE-UNL-004"""
        self.run.call("UnlockConnector", connectorId=connectorId, answer=answer, settle=settle)

    @rule(type=RESET_TYPE, answer=RESET_ANSWER, settle=SETTLE)
    def reset(self, type, answer, settle):
        """models/ocpp16/core.model:477  CORE-RST-001, CORE-RST-002, CORE-RST-010"""
        self.run.call("Reset", type=type, answer=answer, settle=settle)

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
