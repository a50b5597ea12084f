"""From model files to the texts of generated tests."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from ocpp_verify.diagnostics import render
from ocpp_verify.errors import WrongInput
from ocpp_verify.ir.lower import Lowering, lower
from ocpp_verify.ir.model import ROLES, Role
from ocpp_verify.live.planner import Purpose, temptations
from ocpp_verify.runner.live import Setup, make_planner, start_states
from ocpp_verify.runner.playground import TRAITS
from ocpp_verify.runner.project import MODEL, Project, open_project, shipped_models
from ocpp_verify.testgen.emitters.stateful import emit, emit_conftest
from ocpp_verify.testgen.rules import Temptation, test_module

EXPANSIONS = 8000
"""States that are looked at for temptations."""


def generate(models: Sequence[Path], sut: str) -> dict[PurePosixPath, str]:
    """The texts by file, relative to the folder of generated tests, in a fixed order.

    Raises WrongInput for a model that has errors.
    """
    written = {PurePosixPath("conftest.py"): emit_conftest(sut)}
    for file in _files(models or (shipped_models(),)):
        project = open_project([file])
        if project.model is None or project.has_errors:
            raise WrongInput(_first_error(project), help=f"run ocpp-verify check {file}")
        lowering = lower(project.model, on_the_wire=True)
        for role in ROLES:
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


def _chances(lowering: Lowering, role: Role) -> tuple[list[Temptation], frozenset[str]]:
    """Temptations, requests and answers that come about not far from the beginning."""
    tempting = temptations(lowering, role)
    visible = _visible(lowering)
    setup = Setup(tags={}, standing={}, fixed=TRAITS, ignore_limit=math.inf)
    planner = make_planner(lowering, role, setup, lambda event: True, tempting, lambda action: True)
    start = start_states(lowering, setup)[0]
    reached = planner.reachable(start, [*tempting, *visible], expansions=EXPANSIONS)
    found = []
    for each in tempting:
        step, _, condition = each.name.partition(" forbidden by condition ")
        if each.name in reached:
            found.append(Temptation(step, int(condition.split()[0]), each.at, each.rules))
    return found, reached


def _visible(lowering: Lowering) -> list[Purpose]:
    """A purpose for each request, and for each answer to it."""
    groups: dict[str, list[int]] = {}
    for number, command in enumerate(lowering.system.commands):
        label = command.label
        if label.phase in ("sent", "reply"):
            name = label.action if label.phase == "sent" else f"{label.action}.{label.outcome}"
            groups.setdefault(name, []).append(number)
    commands = lowering.system.commands
    return [
        Purpose(name, "clause", commands[found[0]].at, (), frozenset(found))
        for name, found in groups.items()
    ]


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
