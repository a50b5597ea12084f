"""From model files to the texts of generated tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from ocpp_verify.diagnostics import render
from ocpp_verify.errors import WrongInput
from ocpp_verify.ir.model import ROLES
from ocpp_verify.runner.project import MODEL, Project, open_project, shipped_models
from ocpp_verify.testgen.emitters.stateful import emit, emit_conftest
from ocpp_verify.testgen.rules import test_module


def generate(models: Sequence[Path], sut: str) -> dict[PurePosixPath, str]:
    """The texts by file, relative to the folder of generated tests, in a fixed order.

    Raises WrongInput for a model that has errors.
    """
    written = {PurePosixPath("conftest.py"): emit_conftest(sut)}
    for file in _files(models or (shipped_models(),)):
        project = open_project([file])
        if project.model is None or project.has_errors:
            raise WrongInput(_first_error(project), help=f"run ocpp-verify check {file}")
        for role in ROLES:
            name = next(each for each in project.files if Path(each).name == file.name)
            module = test_module(project.model, project.specs, Path(name).as_posix(), role)
            folder = PurePosixPath(file.resolve().parent.name)
            written[folder / f"{module.name}.py"] = emit(module)
    return dict(sorted(written.items()))


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
