"""How long a command takes to start."""

from __future__ import annotations

import subprocess
import sys
from time import perf_counter

from ocpp_verify.runner.bench.figures import Sample, Table, Tell, Work, side_by_side

_ABOUT = (
    "A process from its start to its end. `import click` is what any command line built on click "
    "needs at least."
)
COMMANDS = {
    "python -c pass": ("-c", "pass"),
    "import click": ("-c", "import click"),
    "ocpp-verify --version": ("-m", "ocpp_verify", "--version"),
    "ocpp-verify check --help": ("-m", "ocpp_verify", "check", "--help"),
}


def measure(repeat: int, tell: Tell) -> Table:
    """Each command in turns."""
    works: dict[str, Work] = {name: _work(command) for name, command in COMMANDS.items()}
    rows = side_by_side("start", works, max(repeat, 5), tell)
    by_name = {row.contender: row.figures["seconds"] for row in rows}
    ratio = by_name["ocpp-verify --version"] / by_name["import click"]
    return Table("start", "Starting", _ABOUT, rows, {"version_vs_import_click": ratio})


def _work(arguments: tuple[str, ...]) -> Work:
    def work() -> Sample:
        began = perf_counter()
        subprocess.run((sys.executable, *arguments), check=True, capture_output=True, timeout=60)
        return {"seconds": perf_counter() - began}

    return work
