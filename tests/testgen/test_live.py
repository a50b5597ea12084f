"""Generated tests against peers that run as processes of their own, in real time."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.loopback, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
CHARGER = "generated_tests/ocpp16/test_core_charger.py"
CSMS = "generated_tests/ocpp16/test_core_csms.py"


def free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def peer(*arguments: str) -> Iterator[dict[str, str]]:
    """A peer in a process; gives the addresses that it tells."""
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    try:
        assert process.stdout is not None
        told = {}
        for _ in range(2 if "tests.peers.csms" in arguments else 1):
            name, _, address = process.stdout.readline().strip().partition(" ")
            told[name] = address
        yield told
    finally:
        process.terminate()
        process.wait(10)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=500,
    )


@contextmanager
def live_charger(*faults: str) -> Iterator[list[str]]:
    """The options for a live charger that connects to us."""
    port = free_port()
    keys = {
        "AuthorizeRemoteTxRequests": "true",
        "ConnectionTimeOut": "3",
        "MeterValueSampleInterval": "0",
    }
    config = [f"--config={key}={value}" for key, value in keys.items()]
    given = [f"--fault={each}" for each in faults]
    address = f"127.0.0.1:{port}"
    with peer("tests.peers.charger", "--csms", f"ws://{address}", *config, *given) as told:
        known = ",".join(f"{key}={value}" for key, value in keys.items())
        yield [
            f"--ocpp-listen={address}",
            f"--ocpp-bench={told['bench']}",
            f"--ocpp-config={known}",
            "--ocpp-timing=quick",
        ]


def test_a_live_charger_passes_along_scenarios_and_clauses() -> None:
    with live_charger() as options:
        told = run(CHARGER, "-k", "cable_first or tag_first or Heartbeat or Unlocked", *options)
    assert told.returncode == 0, told.stdout
    assert "passed" in told.stdout


def test_a_live_charger_that_never_reports_charging_fails() -> None:
    with live_charger("CP-S1") as options:
        told = run(f"{CHARGER}::test_cable_first", *options)
    assert told.returncode == 1, told.stdout
    assert "StatusNotification" in told.stdout
    assert "--ocpp-listen=" in told.stdout


def test_a_live_csms_passes_along_scenarios_and_clauses(tmp_path: Path) -> None:
    tags = tmp_path / "tags.yaml"
    tags.write_text("T1: {status: Accepted}\nT2: {status: Blocked}\n", encoding="utf-8")
    with peer("tests.peers.csms", "--tags", str(tags)) as told:
        result = run(
            CSMS,
            "-k",
            "cable_first or tag_first or (shows and Authorize)",
            f"--ocpp-csms-url={told['csms']}",
            f"--ocpp-operator={told['operator']}",
            f"--ocpp-tags={tags}",
            "--ocpp-timing=quick",
        )
    assert result.returncode == 0, result.stdout
    assert "passed" in result.stdout


def test_no_charger_is_told_without_a_traceback() -> None:
    address = f"127.0.0.1:{free_port()}"
    told = run(f"{CHARGER}::test_cable_first", f"--ocpp-listen={address}", "--ocpp-timing=quick")
    assert told.returncode == 1
    assert "no connection" in told.stdout
    assert "Traceback" not in told.stdout
