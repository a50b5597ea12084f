"""OCPP 1.6 Core: CSMSs against the model.

model: models/ocpp16/core.model
spec: specs/ocpp16/core.spec
written by ocpp-verify 0.1.0; write it again with: ocpp-verify generate models/ocpp16/core.model
"""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

MODEL = "models/ocpp16/core.model"
ROLE = "csms"

# What the CSMS or its peer does, each at the end of a way that the model has,
# with what the CSMS says of identifier B.
CLAUSES = (
    # models/ocpp16/core.model:183  CORE-BOOT-003
    ("BootNotification.Accepted", "Blocked"),
    # models/ocpp16/core.model:200  CORE-HB-001
    ("Heartbeat", "Blocked"),
    # models/ocpp16/core.model:313  CORE-AUTH-002
    ("Authorize.Accepted", "Blocked"),
    # models/ocpp16/core.model:317  CORE-AUTH-002
    ("Authorize.Invalid", "Invalid"),
    # models/ocpp16/core.model:321  CORE-AUTH-002
    ("Authorize.Blocked", "Blocked"),
    # models/ocpp16/core.model:325  CORE-AUTH-002
    ("Authorize.Expired", "Expired"),
    # models/ocpp16/core.model:377  CORE-START-004, CORE-START-013
    ("StartTransaction.Accepted", "Blocked"),
    # models/ocpp16/core.model:383  CORE-AUTH-013, CORE-START-005
    ("StartTransaction.Invalid", "Invalid"),
    # models/ocpp16/core.model:392  CORE-AUTH-013, CORE-START-005
    ("StartTransaction.Blocked", "Blocked"),
    # models/ocpp16/core.model:401  CORE-AUTH-013, CORE-START-005
    ("StartTransaction.Expired", "Expired"),
    # models/ocpp16/core.model:415  CORE-STOP-001, CORE-STOP-023
    ("StopTransaction(reason=Local) queued", "Blocked"),
    ("StopTransaction(reason=Remote, idTag=none) queued", "Blocked"),
    ("StopTransaction(reason=EVDisconnected, idTag=none) queued", "Blocked"),
    ("StopTransaction(reason=DeAuthorized, idTag=none) queued", "Blocked"),
    ("StopTransaction(reason=UnlockCommand, idTag=none) queued", "Blocked"),
    ("StopTransaction(reason=SoftReset, idTag=none) queued", "Blocked"),
    ("StopTransaction(reason=HardReset, idTag=none) queued", "Blocked"),
    ("StopTransaction(reason=PowerLoss, idTag=none) queued", "Blocked"),
    ("StopTransaction(reason=Other, idTag=none) queued", "Blocked"),
    ("StopTransaction(reason=Local)", "Blocked"),
    ("StopTransaction(reason=Remote, idTag=none)", "Blocked"),
    ("StopTransaction(reason=EVDisconnected, idTag=none)", "Blocked"),
    ("StopTransaction(reason=DeAuthorized, idTag=none)", "Blocked"),
    ("StopTransaction(reason=UnlockCommand, idTag=none)", "Blocked"),
    ("StopTransaction(reason=SoftReset, idTag=none)", "Blocked"),
    ("StopTransaction(reason=HardReset, idTag=none)", "Blocked"),
    ("StopTransaction(reason=PowerLoss, idTag=none)", "Blocked"),
    ("StopTransaction(reason=Other, idTag=none)", "Blocked"),
    # models/ocpp16/core.model:435  CORE-MET-012
    ("MeterValues(transactionId=none)", "Blocked"),
    ("MeterValues", "Blocked"),
    # models/ocpp16/core.model:469  CORE-RSTA-013
    ("RemoteStartTransaction(connectorId=none)", "Blocked"),
    ("RemoteStartTransaction", "Blocked"),
    # models/ocpp16/core.model:472  CORE-RSTA-001, CORE-RSTA-010, CORE-RSTA-007
    ("RemoteStartTransaction(connectorId=none).Accepted", "Blocked"),
    ("RemoteStartTransaction.Accepted", "Blocked"),
    # models/ocpp16/core.model:477  CORE-RSTA-013
    ("RemoteStartTransaction(connectorId=none).Rejected", "Blocked"),
    ("RemoteStartTransaction.Rejected", "Blocked"),
    # models/ocpp16/core.model:479
    ("RemoteStopTransaction", "Blocked"),
    # models/ocpp16/core.model:482
    ("RemoteStopTransaction.Accepted", "Blocked"),
    # models/ocpp16/core.model:486
    ("RemoteStopTransaction.Rejected", "Blocked"),
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
    # models/ocpp16/core.model:518  CORE-UNL-008
    ("UnlockConnector", "Blocked"),
    # models/ocpp16/core.model:521  CORE-UNL-001
    ("UnlockConnector.Unlocked", "Blocked"),
    # models/ocpp16/core.model:527  CORE-UNL-004
    ("UnlockConnector.NotSupported", "Blocked"),
    # models/ocpp16/core.model:529
    ("Reset(type=Soft)", "Blocked"),
    ("Reset(type=Hard)", "Blocked"),
    # models/ocpp16/core.model:532  CORE-RST-001, CORE-RST-002
    ("Reset(type=Soft).Accepted", "Blocked"),
    ("Reset(type=Hard).Accepted", "Blocked"),
    # models/ocpp16/core.model:537  CORE-RST-010
    ("Reset(type=Soft).Rejected", "Blocked"),
    ("Reset(type=Hard).Rejected", "Blocked"),
)

# Steps of the CSMS, each with a condition that alone keeps it from the step,
# and with what the CSMS says of identifier B.
REFUSALS = (
    # models/ocpp16/core.model:313  CORE-AUTH-006
    ("Authorize.Accepted", "standing[idTag] == Accepted", "Blocked"),
    # models/ocpp16/core.model:317  CORE-AUTH-013
    ("Authorize.Invalid", "standing[idTag] == Invalid", "Blocked"),
    # models/ocpp16/core.model:321  CORE-AUTH-013
    ("Authorize.Blocked", "standing[idTag] == Blocked", "Blocked"),
    # models/ocpp16/core.model:325  CORE-AUTH-013
    ("Authorize.Expired", "standing[idTag] == Expired", "Blocked"),
    # models/ocpp16/core.model:378
    ("StartTransaction.Accepted", "standing[idTag] == Accepted", "Blocked"),
    # models/ocpp16/core.model:384
    ("StartTransaction.Invalid", "standing[idTag] == Invalid", "Blocked"),
    # models/ocpp16/core.model:393
    ("StartTransaction.Blocked", "standing[idTag] == Blocked", "Blocked"),
    # models/ocpp16/core.model:402
    ("StartTransaction.Expired", "standing[idTag] == Expired", "Blocked"),
)

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
STANDING = st.sampled_from(("Accepted", "Blocked", "Expired", "Invalid"))
TRANSACTION_ID = st.sampled_from(("X", "Y"))
TRANSACTION_ID_OR_NONE = st.sampled_from(("X", "Y", None))
UNLOCK_CONNECTOR_ANSWER = st.sampled_from(("Unlocked", "UnlockFailed", "NotSupported"))


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


def test_cable_first(stage):
    """specs/ocpp16/core.spec:138  CORE-START-012"""
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
    """specs/ocpp16/core.spec:151  CORE-START-012"""
    with stage.scenario() as run:
        run.reach("PresentTag", idTag="A")
        run.reach("Authorize.Accepted", idTag="A")
        run.reach("PlugIn", connectorId=1)
        run.reach("StartTransaction", connectorId=1, idTag="A")


def test_remote_start_then_stop(stage):
    """specs/ocpp16/core.spec:158  CORE-RSTA-002, CORE-RSTO-003"""
    with stage.scenario() as run:
        run.reach("RemoteStartTransaction.Accepted", connectorId=1, idTag="A")
        run.reach("PlugIn", connectorId=1)
        run.reach("StartTransaction.Accepted", connectorId=1, idTag="A", transactionId="X")
        run.reach("RemoteStopTransaction.Accepted", transactionId="X")
        run.reach("StopTransaction", connectorId=1, reason="Remote")


class CoreCsms(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.run = self.stage.open()

    def teardown(self):
        self.run.finish()

    @initialize(status=STANDING)
    def choose_identifier(self, status):
        """What the CSMS says of identifier B: no lab can change it later."""
        self.run.standing("B", status)

    @rule(settle=SETTLE)
    def network_up(self, settle):
        """models/ocpp16/core.model:143"""
        self.run.event("NetworkUp", settle=settle)

    @rule(settle=SETTLE)
    def network_down(self, settle):
        """models/ocpp16/core.model:147"""
        self.run.event("NetworkDown", settle=settle)

    @rule(settle=SETTLE)
    def power_off(self, settle):
        """models/ocpp16/core.model:151"""
        self.run.event("PowerOff", settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def notice_power_loss(self, connectorId, settle):
        """models/ocpp16/core.model:156"""
        self.run.step("NoticePowerLoss", connectorId=connectorId, settle=settle)

    @rule(resume=BOOLEAN, keep=BOOLEAN, lapse=BOOLEAN, settle=SETTLE)
    def power_on(self, resume, keep, lapse, settle):
        """models/ocpp16/core.model:164"""
        self.run.event("PowerOn", resume=resume, keep=keep, lapse=lapse, settle=settle)

    @rule(settle=SETTLE)
    def boot_again(self, settle):
        """models/ocpp16/core.model:192  CORE-BOOT-006, CORE-BOOT-008"""
        self.run.step("BootAgain", settle=settle)

    @rule(settle=SETTLE)
    def heartbeat(self, settle):
        """models/ocpp16/core.model:200  CORE-HB-001, CORE-HB-002"""
        self.run.call("Heartbeat", settle=settle)

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

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def fault(self, connectorId, settle):
        """models/ocpp16/core.model:236"""
        self.run.event("Fault", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def clear_fault(self, connectorId, settle):
        """models/ocpp16/core.model:241  CORE-STAT-018"""
        self.run.event("ClearFault", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def end_faulted(self, connectorId, settle):
        """models/ocpp16/core.model:246"""
        self.run.step("EndFaulted", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def forget(self, connectorId, settle):
        """models/ocpp16/core.model:251  CORE-STAT-018, CORE-TRN-B1"""
        self.run.step("Forget", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def close_faulted(self, connectorId, settle):
        """models/ocpp16/core.model:257  CORE-AVAIL-001, CORE-TRN-I8"""
        self.run.step("CloseFaulted", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def pause(self, connectorId, settle):
        """models/ocpp16/core.model:263  CORE-TRN-C5, CORE-TRN-D5"""
        self.run.step("Pause", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def unpause(self, connectorId, settle):
        """models/ocpp16/core.model:267  CORE-TRN-E3, CORE-TRN-E4"""
        self.run.step("Unpause", connectorId=connectorId, settle=settle)

    @rule(idTag=ID_TAG, settle=SETTLE)
    def present_tag(self, idTag, settle):
        """models/ocpp16/core.model:278"""
        self.run.event("PresentTag", idTag=idTag, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def withdraw_tag(self, connectorId, settle):
        """models/ocpp16/core.model:291  CORE-AUTH-017"""
        self.run.step("WithdrawTag", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def claim(self, connectorId, settle):
        """models/ocpp16/core.model:304  CORE-TRN-A2, CORE-TRN-G2"""
        self.run.step("Claim", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def give_up(self, connectorId, settle):
        """models/ocpp16/core.model:346  CORE-START-009, CORE-RSTA-008"""
        self.run.step("GiveUp", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def give_up_meanwhile(self, connectorId, settle):
        """models/ocpp16/core.model:351  CORE-START-009"""
        self.run.step("GiveUpMeanwhile", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, finishing=BOOLEAN, settle=SETTLE)
    def give_up_identification(self, connectorId, finishing, settle):
        """models/ocpp16/core.model:357  CORE-START-010"""
        self.run.step(
            "GiveUpIdentification", connectorId=connectorId, finishing=finishing, settle=settle
        )

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def stay_finishing(self, connectorId, settle):
        """models/ocpp16/core.model:363  CORE-TRN-F2"""
        self.run.step("StayFinishing", connectorId=connectorId, settle=settle)

    @rule(connectorId=CONNECTOR, transactionId=TRANSACTION_ID_OR_NONE, settle=SETTLE)
    def meter_values(self, connectorId, transactionId, settle):
        """models/ocpp16/core.model:435  CORE-MET-012, CORE-MET-014"""
        self.run.call(
            "MeterValues", connectorId=connectorId, transactionId=transactionId, settle=settle
        )

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def skip_status(self, connectorId, settle):
        """models/ocpp16/core.model:459  CORE-STAT-007"""
        self.run.step("SkipStatus", connectorId=connectorId, settle=settle)

    @rule(
        connectorId=CONNECTOR_OR_NONE,
        idTag=ID_TAG,
        answer=REMOTE_START_TRANSACTION_ANSWER,
        settle=SETTLE,
    )
    def remote_start_transaction(self, connectorId, idTag, answer, settle):
        """models/ocpp16/core.model:469

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
        """models/ocpp16/core.model:479  CORE-BOOT-016, CORE-RSTO-001, CORE-RSTO-002"""
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
        """models/ocpp16/core.model:488

        CORE-AVAIL-001, CORE-AVAIL-003, CORE-AVAIL-005, CORE-AVAIL-002, CORE-AVAIL-009
        """
        self.run.call(
            "ChangeAvailability", connectorId=connectorId, type=type, answer=answer, settle=settle
        )

    @rule(settle=SETTLE)
    def stay_open(self, settle):
        """models/ocpp16/core.model:514  CORE-AVAIL-005"""
        self.run.step("StayOpen", settle=settle)

    @rule(connectorId=CONNECTOR, answer=UNLOCK_CONNECTOR_ANSWER, settle=SETTLE)
    def unlock_connector(self, connectorId, answer, settle):
        """models/ocpp16/core.model:518  CORE-UNL-008, CORE-UNL-001, CORE-UNL-003, CORE-UNL-004"""
        self.run.call("UnlockConnector", connectorId=connectorId, answer=answer, settle=settle)

    @rule(type=RESET_TYPE, answer=RESET_ANSWER, settle=SETTLE)
    def reset(self, type, answer, settle):
        """models/ocpp16/core.model:529  CORE-RST-001, CORE-RST-002, CORE-RST-010"""
        self.run.call("Reset", type=type, answer=answer, settle=settle)

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


def test_core_csms(stage):
    stage.explore(CoreCsms)
