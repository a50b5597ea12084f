"""Searches, reasons and names that generated tests rest on."""

from functools import cache
from pathlib import Path

import pytest

from ocpp_verify.ir.clauses import clause_name
from ocpp_verify.ir.conditions import guards_of, reasons, single_conditions
from ocpp_verify.ir.model import Role
from ocpp_verify.ir.show import Shower
from ocpp_verify.ir.system import State
from ocpp_verify.live.planner import Plan, Planner, Purpose
from ocpp_verify.live.refusals import refusals
from ocpp_verify.runner.live import start_states
from ocpp_verify.runner.playground import Circumstances, lowered, planner_for, setup_for
from ocpp_verify.runner.purposes import clauses
from ocpp_verify.semantics.ground import holds, take

LOWERING = lowered(Path("models/ocpp16/core.model"))


@cache
def made(role: Role) -> tuple[Planner, State, tuple[Purpose, ...]]:
    setup = setup_for(LOWERING, role, Circumstances(module=""))
    purposes = (*clauses(LOWERING, role), *refusals(LOWERING, role))
    planner = planner_for(LOWERING, role, setup, purposes)
    return planner, start_states(LOWERING, setup)[0], purposes


def plan_to(role: Role, name: str, expansions: int = 20_000) -> Plan | None:
    planner, start, purposes = made(role)
    [purpose] = [each for each in purposes if each.name == name]
    return planner.way(planner.search(start), purpose, expansions)


def walked(start: State, commands: tuple[int, ...]) -> State:
    """The state after the commands, each of which has to be possible."""
    state = start
    for number in commands:
        after = take(LOWERING.system.commands[number], state)
        assert after is not None, LOWERING.system.commands[number].label
        state = after
    return state


@pytest.mark.parametrize("role", ["charger", "csms"])
def test_every_way_that_a_search_finds_can_be_gone(role: Role) -> None:
    planner, start, purposes = made(role)
    search = planner.search(start)
    found = 0
    for each in purposes:
        plan = planner.way(search, each, 2000)
        if plan is None:
            continue
        found += 1
        state = walked(start, plan.commands)
        if each.goal is not None:
            assert holds(each.goal, state)
        else:
            assert plan.commands[-1] in each.commands
    assert found > 20


def test_what_follows_by_itself_is_let_happen_first() -> None:
    plan = plan_to("charger", "StartTransaction.Accepted")
    assert plan is not None
    assert not plan.hasty
    labels = [LOWERING.system.commands[number].label for number in plan.commands]
    stimuli = [each.action for each in labels if each.actor == "environment"]
    assert sorted(stimuli) == ["NetworkUp", "PlugIn", "PresentTag"]


def test_a_search_goes_on_where_it_stopped() -> None:
    planner, start, purposes = made("charger")
    search = planner.search(start)
    [far] = [each for each in purposes if each.name == "StopTransaction(reason=Local)"]
    assert planner.way(search, far, 10) is None
    assert planner.way(search, far, 20_000) is not None


def test_answers_that_only_please_the_system_under_test_are_not_counted_on() -> None:
    names = {each.name for each in made("charger")[2]}
    assert "Reset(type=Soft).Accepted" in names
    assert "Reset(type=Soft).Rejected" not in names
    assert "BootNotification.Rejected" in names  # ours to give
    assert "BootNotification.Rejected" not in {each.name for each in made("csms")[2]}


def test_a_reason_is_what_alone_keeps_a_condition_from_holding() -> None:
    guards = guards_of(LOWERING.model, "RemoteStartTransaction.Accepted")
    shower = Shower(LOWERING.model.definitions)
    shown = {
        shower.expr(reason)
        for condition, _ in single_conditions(guards)
        for reason, _ in reasons(condition)
    }
    assert {"not fault[chosen]", "service[chosen] == Operative", "power == On"} <= shown


def test_a_refusal_is_a_state_in_which_the_step_is_not_permitted() -> None:
    plan = plan_to("charger", "RemoteStartTransaction.Accepted without not fault[chosen]")
    assert plan is not None
    state = walked(made("charger")[1], plan.commands)
    accepted = [
        command
        for command in LOWERING.system.commands
        if (command.label.action, command.label.outcome) == ("RemoteStartTransaction", "Accepted")
        and command.label.phase == "reply"
    ]
    assert all(take(command, state) is None for command in accepted)


def test_names_leave_out_identifiers_and_hidden_choices() -> None:
    names = {clause_name(LOWERING.model, each.label) for each in LOWERING.system.commands}
    assert {"StopTransaction(reason=Local)", "Authorize.Blocked", "GiveUp"} <= names
    assert "ChangeAvailability(connectorId=none, type=Operative).Accepted" in names
    assert not any("idTag=A" in name or "transactionId=X" in name for name in names)
