"""The texts of generated tests: the same every time, well formed, in the model's words."""

import ast
import re
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest

from ocpp_verify.ir.conditions import shown_reasons
from ocpp_verify.ir.model import Event, Hidden, Model
from ocpp_verify.runner.generating import generate
from ocpp_verify.runner.project import open_project
from ocpp_verify.testgen.rules import snake

ROOT = Path(__file__).parents[2]
HELPERS = {"choose_identifier", "reach", "tempt", "wait", "teardown", "__init__"}


@pytest.fixture(scope="module")
def texts() -> dict[PurePosixPath, str]:
    return generate((), "tests.peers.sut")


def modules(texts: dict[PurePosixPath, str]) -> dict[str, str]:
    return {file.name: text for file, text in texts.items() if file.name.startswith("test_")}


def model_of(text: str) -> Model:
    file = next(
        node.value.value
        for node in ast.parse(text).body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "MODEL"
    )
    model = open_project([ROOT / str(file)]).model
    assert model is not None
    return model


def methods(text: str) -> list[ast.FunctionDef]:
    [machine] = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
    return [node for node in machine.body if isinstance(node, ast.FunctionDef)]


def test_the_committed_modules_are_what_the_models_give(texts: dict[PurePosixPath, str]) -> None:
    for file, text in texts.items():
        assert (ROOT / "generated_tests" / file).read_text(encoding="utf-8") == text, (
            f"{file} is out of date: ./dev generate"
        )


def test_the_same_models_give_the_same_bytes_in_another_process(
    texts: dict[PurePosixPath, str], tmp_path: Path
) -> None:
    subprocess.run(
        [sys.executable, "-m", "ocpp_verify", "generate", "--all", "-o", str(tmp_path)],
        check=True,
        capture_output=True,
        cwd=ROOT,
        env={"PYTHONHASHSEED": "12345", "PATH": ""},
    )
    for file, text in texts.items():
        assert (tmp_path / file).read_bytes() == text.encode("utf-8")


def test_there_is_a_module_for_each_profile_and_role(texts: dict[PurePosixPath, str]) -> None:
    assert set(modules(texts)) == {
        f"test_{profile}_{role}.py"
        for profile in ("core", "reservation")
        for role in ("charger", "csms")
    }


def test_modules_are_formatted_and_lint_clean(
    texts: dict[PurePosixPath, str], tmp_path: Path
) -> None:
    for file, text in texts.items():
        compile(text, str(file), "exec")
        place = tmp_path / "generated_tests" / file
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    settings = ["--config", str(ROOT / "pyproject.toml")]
    for command in (["format", "--check"], ["check", "--ignore", "D,N803"]):
        told = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *settings, "--no-cache", str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert told.returncode == 0, told.stdout + told.stderr


def test_rules_are_named_after_the_actions_of_the_model(texts: dict[PurePosixPath, str]) -> None:
    for text in modules(texts).values():
        actions = {snake(each.name) for each in model_of(text).actions}
        names = {each.name.removeprefix("answer_") for each in methods(text)} - HELPERS
        assert names
        assert names <= actions


def test_every_event_of_the_charger_is_a_rule_of_core(texts: dict[PurePosixPath, str]) -> None:
    text = modules(texts)["test_core_charger.py"]
    events = {
        snake(each.name)
        for each in model_of(text).actions
        if isinstance(each, Event) and each.role == "charger"
    }
    assert events <= {each.name for each in methods(text)}


def test_rules_name_their_place_and_their_requirements(texts: dict[PurePosixPath, str]) -> None:
    for text in modules(texts).values():
        model = model_of(text)
        actions = {snake(each.name): each for each in model.actions}
        for method in methods(text):
            action = actions.get(method.name.removeprefix("answer_"))
            if action is None:
                continue
            told = ast.get_docstring(method) or ""
            assert f"{action.at.file}:{action.at.line}" in told
            for rule in action.rules:
                assert rule in told


def test_refusals_are_conditions_of_their_step_in_the_words_of_the_model(
    texts: dict[PurePosixPath, str],
) -> None:
    for text in modules(texts).values():
        model = model_of(text)
        [refusals] = [
            ast.literal_eval(node.value)
            for node in ast.parse(text).body
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "REFUSALS"
        ]
        for step, condition, *_ in refusals:
            assert condition in shown_reasons(model, step)
            action = model.action(re.split(r"[.(]", step)[0])
            assert not isinstance(action, Hidden) or action.after is not None


def test_every_place_is_followed_by_what_stands_there(texts: dict[PurePosixPath, str]) -> None:
    for text in modules(texts).values():
        lines = text.splitlines()
        for at, line in enumerate(lines):
            if line.startswith("    # models/"):
                assert lines[at + 1].startswith(('    "', "    ("))
