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

# What the charger or its peer does, each at the end of a shortest way.
CLAUSES = (
    # models/ocpp16/core.model:145
    "GoDown",
    # models/ocpp16/core.model:164  CORE-BOOT-001, CORE-BOOT-014
    "BootNotification",
    # models/ocpp16/core.model:167  CORE-BOOT-003
    "BootNotification.Accepted",
    # models/ocpp16/core.model:170  CORE-BOOT-024
    "BootNotification.Pending",
    # models/ocpp16/core.model:172  CORE-BOOT-001, CORE-BOOT-014
    "BootNotification.Rejected",
    # models/ocpp16/core.model:259  CORE-AUTH-002
    "TakeTag",
    # models/ocpp16/core.model:264  CORE-AUTH-004, CORE-AUTH-010
    "StopByTag",
    # models/ocpp16/core.model:276  CORE-AUTH-011, CORE-AUTH-018
    "IgnoreTag",
    # models/ocpp16/core.model:285  CORE-AUTH-002
    "Authorize",
    # models/ocpp16/core.model:311  CORE-AUTH-015, CORE-OFF-001
    "AuthorizeOffline",
    # models/ocpp16/core.model:315  CORE-OFF-004
    "RefuseOffline",
    # models/ocpp16/core.model:322  CORE-START-009, CORE-RSTA-008
    "GiveUp",
    # models/ocpp16/core.model:331  CORE-START-001, CORE-START-015
    "StartTransaction queued",
    # models/ocpp16/core.model:379  CORE-STOP-001, CORE-STOP-023
    "StopTransaction(reason=EVDisconnected, idTag=none) queued",
    # models/ocpp16/core.model:399  CORE-MET-012
    "MeterValues(transactionId=none)",
    # models/ocpp16/core.model:408  CORE-STAT-001, CORE-STAT-016
    "StatusNotification(connectorId=none, status=Available)",
    "StatusNotification(connectorId=none, status=Unavailable)",
    "StatusNotification(status=Available)",
    # models/ocpp16/core.model:430  CORE-RSTA-001, CORE-RSTA-010, CORE-RSTA-007
    "RemoteStartTransaction(connectorId=none).Accepted",
    "RemoteStartTransaction.Accepted",
    # models/ocpp16/core.model:435  CORE-RSTA-013
    "RemoteStartTransaction(connectorId=none).Rejected",
    "RemoteStartTransaction.Rejected",
    # models/ocpp16/core.model:444
    "RemoteStopTransaction.Rejected",
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
    # models/ocpp16/core.model:473  CORE-UNL-001
    "UnlockConnector.Unlocked",
    # models/ocpp16/core.model:484  CORE-RST-001, CORE-RST-002
    "Reset(type=Soft).Accepted",
    "Reset(type=Hard).Accepted",
    # models/ocpp16/core.model:492  CORE-RST-004, CORE-RST-006
    "Reboot",
)

# Steps that the charger must not take because one condition does not hold: all others do.
REFUSALS = (
    # models/ocpp16/core.model:146
    ("GoDown", "power == Failing"),
    # models/ocpp16/core.model:165
    ("BootNotification", "power == On"),
    ("BootNotification", "boot_due"),
    # models/ocpp16/core.model:177
    ("BootAgain", "power == On"),
    ("BootAgain", "online"),
    ("BootAgain", "registration in {Rejected, Pending}"),
    # models/ocpp16/core.model:185
    ("Heartbeat", "power == On"),
    ("Heartbeat", "registration == Accepted"),
    # models/ocpp16/core.model:250
    ("Close", "service[connectorId] == Leaving"),
    ("Close", "use[connectorId] == Idle"),
    # models/ocpp16/core.model:260
    ("TakeTag", "reader != none"),
    ("TakeTag", "startable(connectorId) or waiting(connectorId)"),
    # models/ocpp16/core.model:265
    ("StopByTag", "running(connectorId)"),
    ("StopByTag", "reader == user[connectorId]"),
    # models/ocpp16/core.model:277
    ("IgnoreTag", "exists t: IdTag . reader == t and (usable(t) implies not ready())"),
    # models/ocpp16/core.model:286
    ("Authorize", "power == On"),
    ("Authorize", "registration == Accepted"),
    (
        "Authorize",
        "if connectorId == none then reader == idTag else exists c: Connector . connectorId == c and use[c] == Presented and user[c] == idTag",
    ),
    # models/ocpp16/core.model:312
    ("AuthorizeOffline", "use[connectorId] == Presented"),
    ("AuthorizeOffline", "not online"),
    ("AuthorizeOffline", "power == On"),
    # models/ocpp16/core.model:316
    ("RefuseOffline", "use[connectorId] == Presented"),
    ("RefuseOffline", "not (ready() and online)"),
    # models/ocpp16/core.model:323
    ("GiveUp", "use[connectorId] in {Presented, Authorized}"),
    ("GiveUp", "not plugged[connectorId]"),
    ("GiveUp", "power == On"),
    # models/ocpp16/core.model:328
    ("GiveUpIdentification", "use[connectorId] == Engaged"),
    ("GiveUpIdentification", "power == On"),
    # models/ocpp16/core.model:332
    ("StartTransaction", "power == On"),
    ("StartTransaction", "plugged[connectorId]"),
    ("StartTransaction", "not fault[connectorId]"),
    (
        "StartTransaction",
        "use[connectorId] == Authorized and user[connectorId] == idTag or freeCharging and use[connectorId] == Idle and service[connectorId] != Inoperative and resetting == none",
    ),
    # models/ocpp16/core.model:381  CORE-STOP-004
    ("StopTransaction", "ending[connectorId] == reason"),
    ("StopTransaction", "idTag == (if reason == Local then user[connectorId] else none)"),
    # models/ocpp16/core.model:396
    ("Leave", "use[connectorId] == Finished"),
    # models/ocpp16/core.model:400
    ("MeterValues", "power == On"),
    ("MeterValues", "registration == Accepted"),
    ("MeterValues", "transactionId == known[connectorId]"),
    # models/ocpp16/core.model:409
    ("StatusNotification", "power == On"),
    ("StatusNotification", "registration == Accepted"),
    (
        "StatusNotification",
        "if connectorId == none then status == stationStatus() or stationClosing() and status == Available else exists c: Connector . connectorId == c and (status == status(c) or status == pending[c])",
    ),
    # models/ocpp16/core.model:431
    ("RemoteStartTransaction.Accepted", "startable(chosen) or waiting(chosen)"),
    ("RemoteStartTransaction.Accepted", "power == On"),
    ("RemoteStartTransaction.Accepted", "registration == Accepted"),
    # models/ocpp16/core.model:440  CORE-RSTO-001
    (
        "RemoteStopTransaction.Accepted",
        "exists c: Connector . running(c) and known[c] == transactionId",
    ),
    # models/ocpp16/core.model:462
    (
        "ChangeAvailability.Scheduled",
        "exists c: Connector . (connectorId == none or connectorId == c) and use[c] != Idle",
    ),
    # models/ocpp16/core.model:493
    ("Reboot", "power == On"),
    ("Reboot", "resetting != none"),
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
        """models/ocpp16/core.model:118"""
        self.run.event("SetStanding", idTag=idTag, status=status, settle=settle)

    @rule(settle=SETTLE)
    def network_up(self, settle):
        """models/ocpp16/core.model:128"""
        self.run.event("NetworkUp", settle=settle)

    @rule(settle=SETTLE)
    def network_down(self, settle):
        """models/ocpp16/core.model:132"""
        self.run.event("NetworkDown", settle=settle)

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
        """models/ocpp16/core.model:220"""
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

        CORE-RSTA-013, CORE-BOOT-015, CORE-RSTA-001, CORE-RSTA-010, CORE-RSTA-007
        """
        self.run.call("RemoteStartTransaction", connectorId=connectorId, idTag=idTag, settle=settle)

    @rule(transactionId=TRANSACTION_ID, settle=SETTLE)
    def remote_stop_transaction(self, transactionId, settle):
        """models/ocpp16/core.model:437  CORE-BOOT-016, CORE-RSTO-001, CORE-RSTO-002"""
        self.run.call("RemoteStopTransaction", transactionId=transactionId, settle=settle)

    @rule(connectorId=CONNECTOR_OR_NONE, type=AVAILABILITY_TYPE, settle=SETTLE)
    def change_availability(self, connectorId, type, settle):
        """models/ocpp16/core.model:446

        CORE-AVAIL-001, CORE-AVAIL-003, CORE-AVAIL-005, CORE-AVAIL-002, CORE-AVAIL-009
        """
        self.run.call("ChangeAvailability", connectorId=connectorId, type=type, settle=settle)

    @rule(connectorId=CONNECTOR, settle=SETTLE)
    def unlock_connector(self, connectorId, settle):
        """models/ocpp16/core.model:470  CORE-UNL-008, CORE-UNL-001, CORE-UNL-003, CORE-UNL-004"""
        self.run.call("UnlockConnector", connectorId=connectorId, settle=settle)

    @rule(type=RESET_TYPE, settle=SETTLE)
    def reset(self, type, settle):
        """models/ocpp16/core.model:481  CORE-RST-001, CORE-RST-002, CORE-RST-010"""
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
        """Time for BootAgain, GiveUp, GiveUpIdentification"""
        self.run.wait()


def test_core_charger(stage):
    stage.explore(CoreCharger)
