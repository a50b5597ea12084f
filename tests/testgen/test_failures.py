"""What a failing generated test says, and that the line to repeat it does so."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.loopback, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
MODULE = "generated_tests/ocpp16/test_core_charger.py"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )


def failure(told: str) -> list[str]:
    """The lines of the finding, without pytest's margin, ids and times of day."""
    lines = [line[1:].strip() for line in told.splitlines() if line.startswith("E ")]
    cleared = [re.sub(r"[0-9a-f-]{36}|\d{4}-\d\d-\d\dT[\d:.]+Z", "*", line) for line in lines]
    assert cleared, told
    return cleared


def repeated(told: str) -> str:
    found = re.search(r"repeat: pytest (.*)", told)
    assert found is not None, told
    return found[1]


@pytest.mark.parametrize(
    ("fault", "test", "requirement", "observed"),
    [
        ("CP-E2", "test_shows[UnlockConnector.Unlocked]", "RPC-SYNC-006", "silence"),
        ("CP-T1", "test_shows[Authorize.Blocked]", "CORE-STAT-001", "silence"),
        (
            "CP-T15",
            "test_shows[StopTransaction(reason=SoftReset, idTag=none)]",
            "CORE-STOP",
            "Soft",
        ),
    ],
)
def test_a_failure_says_what_was_seen_and_what_is_allowed_and_repeats(
    fault: str, test: str, requirement: str, observed: str
) -> None:
    first = run(f"{MODULE}::{test}", f"--ocpp-fault={fault}")
    assert first.returncode == 1, first.stdout
    told = failure(first.stdout)
    assert any(line.startswith("requirements: ") and requirement in line for line in told)
    assert any(line.startswith("observed: ") and observed in line for line in told)
    assert any(re.match(r"\d+ steps? of the tester: ", line) for line in told)
    assert "last messages:" in told
    again = run(*shlex.split(repeated(first.stdout)))
    assert failure(again.stdout) == told


def test_an_exploration_fails_with_its_seed_and_the_same_shortest_run_again() -> None:
    first = run(f"{MODULE}::test_core_charger", "--ocpp-fault=CP-S10", "--hypothesis-seed=3")
    assert first.returncode == 1, first.stdout
    assert "--hypothesis-seed=3" in repeated(first.stdout)
    again = run(*shlex.split(repeated(first.stdout)))
    assert failure(again.stdout) == failure(first.stdout)


def test_without_a_seed_the_default_one_is_named() -> None:
    first = run(f"{MODULE}::test_core_charger", "--ocpp-fault=CP-S10")
    assert "--hypothesis-seed=0" in repeated(first.stdout)
