"""A scenario as a reader expects it: without power failures and other things that it does not name.

A run of the smaller model is a run of the whole one, since nothing but steps and initial values were
left out. That there is none says nothing: then the whole model is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from ocpp_verify.events import CheckFinished, Event
from ocpp_verify.ir.model import Action, Call, ForEach, SetLink, Update
from ocpp_verify.ir.model import Event as EventAction
from ocpp_verify.ir.properties import Pattern, Scenario
from ocpp_verify.runner.check import Settings, check
from ocpp_verify.runner.overrides import override
from ocpp_verify.runner.playground import TRAITS
from ocpp_verify.runner.project import Project


def find_run(
    project: Project,
    scenario: Scenario,
    seconds: float | None,
    emit: Callable[[Event], None] = lambda event: None,
) -> CheckFinished:
    """Look for an undisturbed run of the scenario, then for any."""
    only = (scenario.name,)
    settings = Settings(seconds=seconds, only=only, sanity=False, witnesses=True, confirm=False)
    few = None if seconds is None else seconds / 3
    result = check(undisturbed(project, scenario), replace(settings, seconds=few), emit)
    if result.interrupted or result.decided[0].evidence is not None:
        return result
    return check(project, settings, emit)


def undisturbed(project: Project, scenario: Scenario) -> Project:
    """The project without what others begin and the scenario does not name.

    That are events, but for those that bring the link up, and requests of the central system. Traits that were not chosen are those of an ordinary product.
    """
    assert project.model is not None
    named = {each.action for each in scenario.items if isinstance(each, Pattern)}
    traits = {each.name for each in project.model.variables if each.trait}
    ordinary = {
        name: str(value).lower()
        for name, value in TRAITS.items()
        if name in traits - project.choices.config.keys()
    }
    actions = tuple(each for each in project.model.actions if _is_kept(each, named))
    model = replace(override(project.model, ordinary), actions=actions)
    return replace(project, model=model)


def _is_kept(action: Action, named: set[str]) -> bool:
    match action:
        case EventAction():
            return action.name in named or _brings_the_link_up(action.updates)
        case Call():
            return action.name in named or action.sender != "csms"
        case _:
            return True


def _brings_the_link_up(updates: Iterable[Update]) -> bool:
    return any(
        (isinstance(each, SetLink) and each.up)
        or (isinstance(each, ForEach) and _brings_the_link_up(each.updates))
        for each in updates
    )
