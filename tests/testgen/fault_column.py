"""Which generated tests find the faults of the peers: `python -m tests.testgen.fault_column`.

Each fault is tested as a user would, with pytest and the default profile, up to the first test that
fails. The results go into the last column of docs/faults.md.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter

from tests.testgen.test_faults_are_found import FOUND

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "faults.md"
COLUMNS = 10
_LIMIT = 600


def column() -> dict[str, str]:
    """What to say of each fault."""
    found = {}
    for fault, profile in FOUND.items():
        found[fault] = _tried(fault, profile)
        print(f"{fault} {found[fault]}", file=sys.stderr, flush=True)  # noqa: T201
    return found


def _tried(fault: str, profile: str) -> str:
    role = "charger" if fault.startswith("CP") else "csms"
    module = f"generated_tests/ocpp16/test_{profile}_{role}.py"
    command = [sys.executable, "-m", "pytest", module, "-x", "-q", "-p", "no:cacheprovider"]
    began = perf_counter()
    done = subprocess.run(
        [*command, f"--ocpp-fault={fault}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=_LIMIT,
        check=False,
    )
    seconds = perf_counter() - began
    name = re.search(r"^FAILED [^:]+::(\S+.*?)(?: - |$)", done.stdout, re.MULTILINE)
    steps = re.search(r"(\d+) steps? of the tester: ", done.stdout)
    if name is None or steps is None:
        return "not found"
    test = name[1].replace("|", "\\|")
    return f"{profile}: `{test}`, {steps[1]} steps, {seconds:.0f} s"


def written(page: str, told: Mapping[str, str]) -> str:
    """The page with these cells in its last column."""
    lines = []
    for line in page.splitlines():
        cells = [each.strip() for each in line.strip("|").split("|")]
        if len(cells) >= COLUMNS and cells[0] in told:
            line = f"| {' | '.join([*cells[: COLUMNS - 1], told[cells[0]]])} |"
        lines.append(line)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), column()), encoding="utf-8")
