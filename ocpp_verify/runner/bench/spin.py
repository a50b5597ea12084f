"""SPIN as a contender: an independent model checker that gets the same system as Promela."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from time import perf_counter

from ocpp_verify.engines.exports.promela import EXTRA_STATES, to_promela
from ocpp_verify.ir.system import System
from ocpp_verify.runner.bench.figures import Sample

TOOLS = ("spin", "cc")
_MEGABYTE = 1e6
_HASH_BITS, _DEEPEST, _LIMIT = 26, 5_000_000, 1800.0


def missing() -> str:
    """Which tool is not installed; empty if all are."""
    found = [tool for tool in TOOLS if shutil.which(tool) is None]
    return f"not installed: {', '.join(found)}" if found else ""


def run(system: System) -> Sample:
    """Make the verifier and let it search everything.

    `seconds` is the whole way from Promela to the verdict, `search_seconds` the verifier's part of
    it. Raises RuntimeError where a tool fails or the search is cut short.
    """
    text = to_promela(system)
    with tempfile.TemporaryDirectory(prefix="ocpp-verify-spin-") as name:
        folder = Path(name)
        (folder / "model.pml").write_text(text, encoding="utf-8")
        began = perf_counter()
        _call(folder, "spin", "-a", "-o2", "model.pml")
        _call(
            folder,
            "cc",
            "-O2",
            "-w",
            "-DSAFETY",
            "-DNOREDUCE",
            "-DMEMLIM=16000",
            "-o",
            "pan",
            "pan.c",
        )
        built = perf_counter()
        output = _call(folder, "./pan", f"-m{_DEEPEST}", f"-w{_HASH_BITS}", "-E")
        ended = perf_counter()
    states = _number(r"(\d+) states, stored", output) - EXTRA_STATES
    memory = _number(r"([\d.]+)\s+actual memory usage for states", output) * _MEGABYTE
    return {
        "states": states,
        "seconds": ended - began,
        "search_seconds": ended - built,
        "bytes_per_state": memory / states,
    }


def _call(folder: Path, *command: str) -> str:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=_LIMIT, check=False
    )
    output = done.stdout + done.stderr
    if done.returncode != 0 or "max search depth too small" in output or "out of memory" in output:
        raise RuntimeError(f"{command[0]} failed: {output[-500:]}")
    return output


def _number(pattern: str, output: str) -> float:
    found = re.search(pattern, output)
    if found is None:
        raise RuntimeError(f"SPIN did not print {pattern!r}: {output[-500:]}")
    return float(found[1])
