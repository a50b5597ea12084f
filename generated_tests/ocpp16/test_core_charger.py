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

# What the charger or its peer does, each at the end of a way that the model has.
CLAUSES = (
    # models/ocpp16/core.model:160
    "GoDown",
    # models/ocpp16/core.model:180  CORE-BOOT-001, CORE-BOOT-014
    "BootNotification",
    # models/ocpp16/core.model:183  CORE-BOOT-003
    "BootNotification.Accepted",
    # models/ocpp16/core.model:186  CORE-BOOT-024
    "BootNotification.Pending",
    # models/ocpp16/core.model:188  CORE-BOOT-001, CORE-BOOT-014
    "BootNotification.Rejected",
    # models/ocpp16/core.model:272  CORE-AVAIL-009
    "Close",
    # models/ocpp16/core.model:282  CORE-AUTH-002, CORE-STAT-035
    "TakeTag",
    # models/ocpp16/core.model:287  CORE-AUTH-004, CORE-AUTH-010, CORE-AUTH-011
    "StopByTag",
    # models/ocpp16/core.model:299  CORE-AUTH-011, CORE-AUTH-018
    "IgnoreTag",
    # models/ocpp16/core.model:309  CORE-AUTH-002
    "Authorize",
    # models/ocpp16/core.model:313  CORE-AUTH-002
    "Authorize.Accepted",
    # models/ocpp16/core.model:317  CORE-AUTH-002
    "Authorize.Invalid",
    # models/ocpp16/core.model:321  CORE-AUTH-002
    "Authorize.Blocked",
    # models/ocpp16/core.model:325  CORE-AUTH-002
    "Authorize.Expired",
    # models/ocpp16/core.model:335  CORE-AUTH-015, CORE-OFF-001
    "AuthorizeOffline",
    # models/ocpp16/core.model:339  CORE-OFF-004
    "RefuseOffline",
    # models/ocpp16/core.model:346  CORE-START-009, CORE-RSTA-008
    "GiveUp",
    # models/ocpp16/core.model:367  CORE-START-001, CORE-START-015
    "StartTransaction queued",
    "StartTransaction",
    # models/ocpp16/core.model:377  CORE-START-004, CORE-START-013
    "StartTransaction.Accepted",
    # models/ocpp16/core.model:383  CORE-AUTH-013, CORE-START-005
    "StartTransaction.Invalid",
    # models/ocpp16/core.model:392  CORE-AUTH-013, CORE-START-005
    "StartTransaction.Blocked",
    # models/ocpp16/core.model:401  CORE-AUTH-013, CORE-START-005
    "StartTransaction.Expired",
    # models/ocpp16/core.model:415  CORE-STOP-001, CORE-STOP-023
    "StopTransaction(reason=Local) queued",
    "StopTransaction(reason=Remote, idTag=none) queued",
    "StopTransaction(reason=EVDisconnected, idTag=none) queued",
    "StopTransaction(reason=DeAuthorized, idTag=none) queued",
    "StopTransaction(reason=UnlockCommand, idTag=none) queued",
    "StopTransaction(reason=SoftReset, idTag=none) queued",
    "StopTransaction(reason=HardReset, idTag=none) queued",
    "StopTransaction(reason=PowerLoss, idTag=none) queued",
    "StopTransaction(reason=Local)",
    "StopTransaction(reason=Remote, idTag=none)",
    "StopTransaction(reason=EVDisconnected, idTag=none)",
    "StopTransaction(reason=DeAuthorized, idTag=none)",
    "StopTransaction(reason=UnlockCommand, idTag=none)",
    "StopTransaction(reason=SoftReset, idTag=none)",
    "StopTransaction(reason=HardReset, idTag=none)",
    # models/ocpp16/core.model:431  CORE-TRN-F1, CORE-STAT-021
    "Leave",
    # models/ocpp16/core.model:435  CORE-MET-012
    "MeterValues(transactionId=none)",
    "MeterValues",
    # models/ocpp16/core.model:472  CORE-RSTA-001, CORE-RSTA-010, CORE-RSTA-007
    "RemoteStartTransaction(connectorId=none).Accepted",
    "RemoteStartTransaction.Accepted",
    # models/ocpp16/core.model:482
    "RemoteStopTransaction.Accepted",
    # models/ocpp16/core.model:486
    "RemoteStopTransaction.Rejected",
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
    # models/ocpp16/core.model:521  CORE-UNL-001
    "UnlockConnector.Unlocked",
    # models/ocpp16/core.model:532  CORE-RST-001, CORE-RST-002
    "Reset(type=Soft).Accepted",
    "Reset(type=Hard).Accepted",
    # models/ocpp16/core.model:540  CORE-RST-004, CORE-RST-006
    "Reboot",
)

# Steps of the charger, each with a condition that alone keeps it from the step.
REFUSALS = (
    # models/ocpp16/core.model:161
    ("GoDown", "power == Failing"),
    # models/ocpp16/core.model:181
    ("BootNotification", "power == On"),
    ("BootNotification", "boot_due"),
    # models/ocpp16/core.model:193
    ("BootAgain", "power == On"),
    ("BootAgain", "registration in {Rejected, Pending}"),
    # models/ocpp16/core.model:201
    ("Heartbeat", "power == On"),
    ("Heartbeat", "registration == Accepted"),
    # models/ocpp16/core.model:273
    ("Close", "service[connectorId] == Leaving"),
    ("Close", "use[connectorId] == Idle"),
    # models/ocpp16/core.model:283
    ("TakeTag", "reader != none"),
    ("TakeTag", "use[connectorId] in {Idle, Engaged, Finished}"),
    ("TakeTag", "not fault[connectorId]"),
    ("TakeTag", "service[connectorId] == Operative"),
    ("TakeTag", "use[connectorId] == Presented"),
    ("TakeTag", "use[connectorId] == Authorized"),
    ("TakeTag", "use[connectorId] == Engaged"),
    # models/ocpp16/core.model:288
    ("StopByTag", "running(connectorId)"),
    ("StopByTag", "reader == user[connectorId]"),
    # models/ocpp16/core.model:300
    ("IgnoreTag", "reader == t"),
    ("IgnoreTag", "not use[c] in {Idle, Engaged, Finished}"),
    ("IgnoreTag", "fault[c]"),
    ("IgnoreTag", "service[c] != Operative"),
    ("IgnoreTag", "closing[c]"),
    ("IgnoreTag", "resetting != none"),
    ("IgnoreTag", "freeCharging"),
    ("IgnoreTag", "not running(c)"),
    ("IgnoreTag", "user[c] != t"),
    ("IgnoreTag", "power != On"),
    ("IgnoreTag", "registration != Accepted"),
    # models/ocpp16/core.model:310  CORE-BOOT-014
    ("Authorize", "power == On"),
    ("Authorize", "registration == Accepted"),
    # models/ocpp16/core.model:311
    ("Authorize", "reader == idTag"),
    ("Authorize", "user[c] != idTag"),
    ("Authorize", "use[c] == Presented"),
    ("Authorize", "user[c] == idTag"),
    # models/ocpp16/core.model:336
    ("AuthorizeOffline", "use[connectorId] == Presented"),
    ("AuthorizeOffline", "not online"),
    # models/ocpp16/core.model:340
    ("RefuseOffline", "use[connectorId] == Presented"),
    ("RefuseOffline", "power != On"),
    ("RefuseOffline", "registration != Accepted"),
    ("RefuseOffline", "not online"),
    # models/ocpp16/core.model:347
    ("GiveUp", "use[connectorId] in {Presented, Authorized}"),
    ("GiveUp", "not plugged[connectorId]"),
    ("GiveUp", "power == On"),
    # models/ocpp16/core.model:352
    ("GiveUpMeanwhile", "use[connectorId] in {Presented, Authorized}"),
    ("GiveUpMeanwhile", "not plugged[connectorId]"),
    # models/ocpp16/core.model:358
    ("GiveUpIdentification", "plugged[connectorId]"),
    ("GiveUpIdentification", "use[connectorId] in {Engaged, Presented, Authorized}"),
    ("GiveUpIdentification", "power == On"),
    # models/ocpp16/core.model:368
    ("StartTransaction", "plugged[connectorId]"),
    ("StartTransaction", "not fault[connectorId]"),
    ("StartTransaction", "registration != Rejected"),
    # models/ocpp16/core.model:370  CORE-AUTH-001
    ("StartTransaction", "use[connectorId] == Authorized"),
    ("StartTransaction", "user[connectorId] == idTag"),
    ("StartTransaction", "freeCharging"),
    # models/ocpp16/core.model:417
    ("StopTransaction", "ending[connectorId] == reason"),
    # models/ocpp16/core.model:418  CORE-STOP-004, CORE-AUTH-011
    ("StopTransaction", "idTag == (if reason == Local then user[connectorId] else none)"),
    # models/ocpp16/core.model:432
    ("Leave", "use[connectorId] == Finished"),
    ("Leave", "not plugged[connectorId]"),
    # models/ocpp16/core.model:436
    ("MeterValues", "power == On"),
    ("MeterValues", "registration == Accepted"),
    ("MeterValues", "transactionId == known[connectorId]"),
    ("MeterValues", "known[connectorId] != none"),
    ("MeterValues", "not running(connectorId)"),
    # models/ocpp16/core.model:445  CORE-BOOT-014
    ("StatusNotification", "power == On"),
    ("StatusNotification", "registration == Accepted"),
    # models/ocpp16/core.model:446  CORE-STAT-033, CORE-STAT-034, CORE-STAT-035
    ("StatusNotification", "status == stationStatus()"),
    ("StatusNotification", "use[c] != Idle"),
    ("StatusNotification", "fault[c]"),
    ("StatusNotification", "status == Available"),
    ("StatusNotification", "status == status(c)"),
    ("StatusNotification", "status == pending[c]"),
    ("StatusNotification", "resetting != none"),
    ("StatusNotification", "status(c) == Available"),
    ("StatusNotification", "status == Unavailable"),
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
    ("RemoteStartTransaction.Accepted", "use[chosen] in {Idle, Engaged, Finished}"),
    ("RemoteStartTransaction.Accepted", "not fault[chosen]"),
    ("RemoteStartTransaction.Accepted", "service[chosen] == Operative"),
    ("RemoteStartTransaction.Accepted", "use[chosen] == Presented"),
    ("RemoteStartTransaction.Accepted", "use[chosen] == Authorized"),
    ("RemoteStartTransaction.Accepted", "use[chosen] == Engaged"),
    # models/ocpp16/core.model:482  CORE-RSTO-001
    ("RemoteStopTransaction.Accepted", "known[c] == transactionId"),
    # models/ocpp16/core.model:486  CORE-RSTO-002
    ("RemoteStopTransaction.Rejected", "not running(c)"),
    ("RemoteStopTransaction.Rejected", "known[c] != transactionId"),
    ("RemoteStopTransaction.Rejected", "ending[c] != none"),
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
    # models/ocpp16/core.model:541
    ("Reboot", "resetting != none"),
    ("Reboot", "resetting == Hard"),
    ("Reboot", "not running(c)"),
)

SETTLE = st.sampled_from((True, True, True, False))  # wait until nothing is owed, or go on at once
AVAILABILITY_TYPE = st.sampled_from(("Inoperative", "Operative"))
BOOT_NOTIFICATION_ANSWER = st.sampled_from(("Accepted", "Pending", "Rejected"))
CONNECTOR = st.sampled_from((1,))
CONNECTOR_OR_NONE = st.sampled_from((1, None))
ID_TAG = st.sampled_from(("A", "B"))
RESET_TYPE = st.sampled_from(("Soft", "Hard"))
STANDING = st.sampled_from(("Accepted", "Blocked", "Expired", "Invalid"))
TRANSACTION_ID = st.sampled_from(("X", "Y"))


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


class CoreCharger(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.run = self.stage.open()

    def teardown(self):
        self.run.finish()

    @rule(idTag=ID_TAG, status=STANDING, settle=SETTLE)
    def set_standing(self, idTag, status, settle):
        """models/ocpp16/core.model:129"""
        self.run.event("SetStanding", idTag=idTag, status=status, settle=settle)

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
        """models/ocpp16/core.model:236"""
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

        CORE-RSTA-013, CORE-BOOT-015, CORE-RSTA-001, CORE-RSTA-010, CORE-RSTA-007
        """
        self.run.call("RemoteStartTransaction", connectorId=connectorId, idTag=idTag, settle=settle)

    @rule(transactionId=TRANSACTION_ID, settle=SETTLE)
    def remote_stop_transaction(self, transactionId, settle):
        """models/ocpp16/core.model:479  CORE-BOOT-016, CORE-RSTO-001, CORE-RSTO-002"""
        self.run.call("RemoteStopTransaction", transactionId=transactionId, settle=settle)

    @rule(connectorId=CONNECTOR_OR_NONE, type=AVAILABILITY_TYPE, settle=SETTLE)
    def change_availability(self, connectorId, type, settle):
        """models/ocpp16/core.model:488

        CORE-AVAIL-001, CORE-AVAIL-003, CORE-AVAIL-005, CORE-AVAIL-002, CORE-AVAIL-009
        """
        self.run.call("ChangeAvailability", connectorId=connectorId, type=type, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def unlock_connector(self, connectorId, settle):
        """models/ocpp16/core.model:518  CORE-UNL-008, CORE-UNL-001, CORE-UNL-003, CORE-UNL-004"""
        self.run.call("UnlockConnector", connectorId=connectorId, settle=settle)

    @rule(type=RESET_TYPE, settle=SETTLE)
    def reset(self, type, settle):
        """models/ocpp16/core.model:529  CORE-RST-001, CORE-RST-002, CORE-RST-010"""
        self.run.call("Reset", type=type, settle=settle)

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
        """Time for BootAgain, GiveUp, GiveUpMeanwhile, GiveUpIdentification"""
        self.run.wait()


def test_core_charger(stage):
    stage.explore(CoreCharger)
