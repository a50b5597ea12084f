"""`ocpp-verify test` against the independent peers of this repository."""

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from ocpp_verify.cli import main
from ocpp_verify.live.drivers.bench import HttpBench
from ocpp_verify.reporters import live_json, live_junit, live_text
from ocpp_verify.runner.livetest import LiveTest, Options
from ocpp_verify.runner.project import open_project
from ocpp_verify.runner.verdicts import LiveFinished, exit_code
from tests.peers.charger import Charger, ChargerSettings
from tests.peers.csms import CSMS, CSMSSettings, Tag

pytestmark = [pytest.mark.loopback, pytest.mark.slow, pytest.mark.timeout(120)]

QUICK = {"ConnectionTimeOut": "2", "MeterValueSampleInterval": "0"}


async def of_charger(
    budget: float, faults: tuple[str, ...], folder: Path, port: int
) -> LiveFinished:
    bench = HttpBench(f"http://127.0.0.1:{port + 1}")
    options = Options(
        "http", "CP1", seed=1, budget=budget, timing="quick", changes=QUICK, trace_dir=folder
    )
    test = LiveTest(open_project(), options, listen=("127.0.0.1", port), bench=bench)
    settings = ChargerSettings(
        csms=f"ws://127.0.0.1:{port}", station="CP1", faults=faults, bench_port=port + 1
    )
    async with Charger(settings):
        return await test.run()


async def of_csms(budget: float, faults: tuple[str, ...], folder: Path) -> LiveFinished:
    tags = {"T1": Tag("Accepted"), "T2": Tag("Blocked")}
    file = folder / "tags.yaml"
    file.write_text("T1: Accepted\nT2: {status: Blocked}\n", encoding="utf-8")
    async with CSMS(CSMSSettings(tags=tags, faults=faults)) as csms:
        options = Options(
            csms.operator_url, "CP1", file, seed=2, budget=budget, timing="quick", trace_dir=folder
        )
        return await LiveTest(open_project(), options, url=csms.url).run()


def test_a_faultless_csms_passes(tmp_path: Path) -> None:
    result = asyncio.run(of_csms(6, (), tmp_path))
    assert (result.verdict, exit_code(result)) == ("pass", 0)
    document = json.loads(live_json.render(result))
    assert document["verdict"] == "pass"
    assert document["findings"] == []
    assert {"purposes", "transitions", "messages", "outcomes"} == set(document["coverage"])


def test_nobody_there_is_exit_code_4() -> None:
    told = CliRunner().invoke(
        main, ["test", "csms", "ws://127.0.0.1:9", "--station", "CP1", "--budget", "2"]
    )
    assert told.exit_code == 4
    assert "no connection with ws://127.0.0.1:9/CP1" in told.output


def test_wrong_input_is_exit_code_2() -> None:
    told = CliRunner().invoke(main, ["test", "charger", "--profiles", "nothing"])
    assert told.exit_code == 2


@pytest.mark.slow
def test_a_faultless_charger_passes(tmp_path: Path) -> None:
    result = asyncio.run(of_charger(15, (), tmp_path, 19700))
    assert result.verdict == "pass", live_text.render(result)


@pytest.mark.slow
def test_a_charger_that_never_answers_unlock_connector_fails(tmp_path: Path) -> None:
    result = asyncio.run(of_charger(60, ("CP-E2",), tmp_path, 19710))
    assert exit_code(result) == 1
    assert "UnlockConnector" in result.failures[0].finding.message
    assert "again: " in live_text.render(result)
    assert "<failure" in live_junit.render(result)


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["CS-9", "CS-14"])
def test_faults_of_a_csms_are_found(fault: str, tmp_path: Path) -> None:
    result = asyncio.run(of_csms(30, (fault,), tmp_path))
    assert result.verdict == "fail"
    assert list(tmp_path.glob("1-*.trace.json"))
