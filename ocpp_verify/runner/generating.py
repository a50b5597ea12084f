"""From model files to the texts of generated tests."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from ocpp_verify.diagnostics import render
from ocpp_verify.errors import WrongInput
from ocpp_verify.ir.lower import Lowering, lower
from ocpp_verify.ir.model import ROLES, Event, Role, SetLink, Update
from ocpp_verify.ir.system import State
from ocpp_verify.live.planner import Planner
from ocpp_verify.live.refusals import refusals
from ocpp_verify.runner.live import start_states
from ocpp_verify.runner.playground import Circumstances, planner_for, setup_for
from ocpp_verify.runner.project import MODEL, Project, open_project, shipped_models
from ocpp_verify.runner.purposes import clauses
from ocpp_verify.semantics.ground import take
from ocpp_verify.testgen.emitters.stateful import emit, emit_conftest
from ocpp_verify.testgen.rules import Clause, Refusal, standings, test_module

EXPANSIONS = 20_000
"""States that are looked at for what can be reached."""

SECOND = "B"
"""The identifier of which a CSMS may say anything."""


def generate(
    models: Sequence[Path], sut: str, roles: Sequence[Role] = ROLES
) -> dict[PurePosixPath, str]:
    """The texts by file, relative to the folder of generated tests, in a fixed order.

    Raises WrongInput for a model that has errors.
    """
    written = {PurePosixPath("conftest.py"): emit_conftest(sut)}
    for file in _files(models or (shipped_models(),)):
        project = open_project([file])
        if project.model is None or project.has_errors:
            raise WrongInput(_first_error(project), help=f"run ocpp-verify check {file}")
        lowering = lower(project.model, on_the_wire=True)
        for role in roles:
            name = next(each for each in project.files if Path(each).name == file.name)
            module = test_module(
                project.model,
                project.specs,
                *_chances(lowering, role),
                Path(name).as_posix(),
                role,
            )
            folder = PurePosixPath(file.resolve().parent.name)
            written[folder / f"{module.name}.py"] = emit(module)
    return dict(sorted(written.items()))


def _chances(lowering: Lowering, role: Role) -> tuple[list[Clause], list[Refusal]]:
    """What comes about not far from the beginning, each with the first standing that lets it."""
    showing, refusing = clauses(lowering, role), refusals(lowering, role)
    setup = setup_for(lowering, role, Circumstances(module=""))
    planner = planner_for(lowering, role, setup, [*showing, *refusing])
    found: dict[str, str | None] = {}
    for standing in _standings(lowering, role):
        known = setup
        if standing is not None:
            known = replace(setup, standing={**setup.standing, SECOND: standing})
        search = planner.search(_begun(lowering, planner, start_states(lowering, known)[0]))
        for each in (*showing, *refusing):
            plan = planner.way(search, each, EXPANSIONS)
            if plan is not None and not plan.hasty:
                found.setdefault(each.name, standing)
    return (
        [
            Clause(each.name, _action(each.name), found[each.name], each.at, each.rules)
            for each in showing
            if each.name in found
        ],
        [
            Refusal(*_parts(each.name), found[each.name], each.at, each.rules)
            for each in refusing
            if each.name in found
        ],
    )


def _begun(lowering: Lowering, planner: Planner, start: State) -> State:
    """The state once the link is there and all that follows by itself has happened."""
    model = lowering.model
    names = {
        each.name
        for each in model.actions
        if isinstance(each, Event) and each.updates == tuple(_links_up(each))
    }
    commands = lowering.system.commands
    connected = (take(command, start) for command in commands if command.label.action in names)
    return planner.search(next((each for each in connected if each is not None), start)).rest()


def _links_up(event: Event) -> Iterator[Update]:
    return (each for each in event.updates if isinstance(each, SetLink) and each.up)


def _standings(lowering: Lowering, role: Role) -> tuple[str | None, ...]:
    """What a CSMS may say of the second identifier, the refusals first."""
    known = standings(lowering.model) if role == "csms" else ()
    return (*known[1:], *known[:1]) or (None,)


def _action(clause: str) -> str:
    return re.split(r"[ (.]", clause, maxsplit=1)[0]


def _parts(refusal: str) -> tuple[str, str]:
    step, _, condition = refusal.partition(" without ")
    return step, condition


def _files(models: Sequence[Path]) -> list[Path]:
    found: dict[Path, None] = {}
    for each in models:
        files = sorted(each.glob(f"*{MODEL}")) if each.is_dir() else [each]
        if not files:
            raise WrongInput(f"{each} holds no `{MODEL}` file", help="name a model or its folder")
        found |= dict.fromkeys(files)
    return list(found)


def _first_error(project: Project) -> str:
    wrong = next(each for each in project.diagnostics if each.severity == "error")
    return render(wrong, project.sources)
