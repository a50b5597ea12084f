"""Generated tests against peers that have one fault each: which test finds it."""

import re
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.loopback, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]

FOUND = {
    "CP-B1": "core",
    "CP-E1": "core",
    "CP-E2": "core",
    "CP-E4": "reservation",
    "CP-O7": "core",
    "CP-O8": "core",
    "CP-R8": "core",
    "CP-S1": "core",
    "CP-S2": "core",
    "CP-S10": "core",
    "CP-S17": "core",
    "CP-T1": "core",
    "CP-T4": "core",
    "CP-T6": "core",
    "CP-T8": "core",
    "CP-T9": "core",
    "CP-T10": "reservation",
    "CP-T12": "core",
    "CP-T14": "core",
    "CP-T15": "core",
    "CP-T17": "core",
    "CP-T19": "core",
    "CP-V1": "reservation",
    "CP-V3": "reservation",
    "CP-V6": "reservation",
    "CP-V7": "reservation",
    "CS-7": "core",
    "CS-9": "core",
    "CS-10": "core",
    "CS-14": "core",
    "CS-15": "core",
    "CS-16": "reservation",
    "CS-17": "core",
    "CS-39": "core",
    "CS-E1": "core",
    "CS-E2": "core",
}
"""Each fault with the profile whose module finds it in the default profile of Hypothesis."""


@pytest.mark.parametrize("fault", FOUND)
def test_a_fault_is_found(fault: str, pytester: pytest.Pytester) -> None:
    role = "charger" if fault.startswith("CP") else "csms"
    module = ROOT / "generated_tests" / "ocpp16" / f"test_{FOUND[fault]}_{role}.py"
    result = pytester.runpytest_subprocess(
        f"--rootdir={ROOT}",
        f"--confcutdir={ROOT}",
        "-c",
        str(ROOT / "pyproject.toml"),
        str(module),
        "-x",
        "-q",
        "-p",
        "no:cacheprovider",
        f"--ocpp-fault={fault}",
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    told = result.stdout.str()
    assert "NonconformanceError" in told
    assert re.search(r"\d+ steps? of the tester: ", told)
    assert re.search(rf"repeat: pytest .*--ocpp-fault={fault}", told)
