"""SPIN, an independent model checker, stores as many states of the export as the explicit engine."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ocpp_verify.engines.explicit import ExplicitEngine
from ocpp_verify.engines.exports.promela import EXTRA_STATES, to_promela
from ocpp_verify.ir.lower import lower
from ocpp_verify.ir.system import Bool, Formula, Is, System
from ocpp_verify.semantics.result import Budget, Question, Reached
from tests.agreement.systems import build
from tests.known_answers.test_two_phase_commit import two_phase_commit
from tests.litmus.rules import rule

MISSING = [tool for tool in ("spin", "cc") if shutil.which(tool) is None]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")

LITMUS = [
    "call_behind_an_answer",
    "queue_keeps_order",
    "restart",
    "any_initial",
    "computed_parameter",
]


def spin(text: str, folder: Path) -> str:
    """What the verifier that SPIN makes of the text prints."""
    (folder / "model.pml").write_text(text, encoding="utf-8")

    def run(*command: str) -> str:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=100, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run("spin", "-a", "-o2", "model.pml")
    run("cc", "-O0", "-w", "-DSAFETY", "-DNOREDUCE", "-o", "pan", "pan.c")
    return run("./pan", "-m1000000", "-E")


def stored(output: str) -> int:
    found = re.search(r"(\d+) states, stored", output)
    assert found is not None, output
    assert "max search depth too small" not in output
    return int(found[1])


def agree(system: System, folder: Path) -> None:
    found = ExplicitEngine().explore(system, [], Budget())
    assert found.complete
    assert found.states is not None
    assert stored(spin(to_promela(system), folder)) == found.states + EXTRA_STATES


def test_two_phase_commit(tmp_path: Path) -> None:
    assert stored(spin(to_promela(two_phase_commit(3)), tmp_path)) == 288 + EXTRA_STATES


@pytest.mark.parametrize("seed", [2, 4, 5, 9, 10])
def test_random_systems(seed: int, tmp_path: Path) -> None:
    agree(build(seed), tmp_path)


def test_a_system_without_initial_states(tmp_path: Path) -> None:
    system = build(0)
    agree(System(system.name, system.cells, system.commands, Bool(False)), tmp_path)


@pytest.mark.parametrize("name", LITMUS)
def test_litmus_models(name: str, tmp_path: Path) -> None:
    agree(lower(rule(name).model).system, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 6])
def test_a_forbidden_state_is_found_iff_it_is_reachable(seed: int, tmp_path: Path) -> None:
    system = build(seed)
    cell = max(range(len(system.cells)), key=lambda at: len(system.cells[at].domain))
    for value in range(len(system.cells[cell].domain)):
        goal: Formula = Is(cell, (value,))
        found = ExplicitEngine().explore(system, [Question("goal", goal)], Budget())
        expected = isinstance(found.answers["goal"], Reached)
        folder = tmp_path / str(value)
        folder.mkdir()
        output = spin(to_promela(system, goal), folder)
        assert ("assertion violated" in output) == expected
