"""Generated tests in a folder, run by pytest against a good and a faulty charger at the same time.

The chargers are those of the repository: programs of their own that know nothing of the models.
"""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from ocpp_verify.errors import WrongInput
from ocpp_verify.runner.generating import generate
from ocpp_verify.runner.project import shipped_models

PEERS = "tests.peers.sut"
MODULE = "test_reservation_charger.py"
FAULT = "CP-V1"
FAULT_DOES = "lets another tag start on a reserved connector"
FAULT_BREAKS = "RES-USE-001"
_PLACE = re.compile(r"\s+# \S+\.model:\d+(.*)")
_REFUSAL = re.compile(r'\s+\("(.*)", "(.*)"\),')
_CLAUSE = re.compile(r'\s+"(.*)",')
_SHRUNK = "Failing test case"
_FINDING = "expected one of"


@dataclass(frozen=True, slots=True)
class Failure:
    """A test that failed, and what it printed."""

    test: str
    message: str
    rules: tuple[str, ...] = ()
    """Those that the test is about."""

    @property
    def is_shrunk(self) -> bool:
        """Whether it is the shortest of many runs."""
        return _SHRUNK in self.message

    @property
    def is_finding(self) -> bool:
        """Whether it says what the charger did that it must not."""
        return _FINDING in self.message


@dataclass(frozen=True, slots=True)
class Tested:
    """One run of the tests. `fault` is what is wrong with the charger; empty for the good one."""

    fault: str
    command: str
    passed: int
    skipped: int
    failures: tuple[Failure, ...]
    broken: str
    """What went wrong with the run itself; empty if nothing did."""

    @property
    def verdict(self) -> str:
        """`pass`, `fail` or `inconclusive`."""
        if self.broken or not self.passed:
            return "inconclusive"
        return "fail" if self.failures else "pass"


def repository() -> Path | None:
    """The root of the repository, which has the peers; None for an installed package."""
    root = shipped_models().parents[1]
    return root if (root / "tests" / "peers" / "sut.py").is_file() else None


def write_tests(folder: Path) -> tuple[Path, ...]:
    """Generate the tests of a charger with Reservation into the folder; the files that are there then."""
    written = []
    model = shipped_models() / "reservation.model"
    for file, text in generate((model,), PEERS, ("charger",)).items():
        place = folder / file
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text.encode("utf-8"))
        except OSError as problem:
            raise WrongInput(
                f"{place} cannot be written: {(problem.strerror or str(problem)).lower()}",
                help="name a folder with `-o` that you may write to",
            ) from None
        written.append(place)
    return tuple(written)


def run_tests(
    root: Path, file: Path, faults: Sequence[str], folder: Path, seconds: float
) -> tuple[Tested, ...]:
    """Run the file once per fault, all at once. What still runs when the time is over is ended."""
    began = monotonic()
    rules = _rules(file)
    results = [folder / f"{fault or 'good'}.junit.xml" for fault in faults]
    started: list[subprocess.Popen[str]] = []
    try:
        for fault, result in zip(faults, results, strict=True):
            result.unlink(missing_ok=True)
            started.append(_start(root, file, fault, result))
        found = []
        for fault, process, result in zip(faults, started, results, strict=True):
            left = max(0.1, began + seconds - monotonic())
            try:
                printed, _ = process.communicate(timeout=left)
            except subprocess.TimeoutExpired:
                found.append(_broken(file, fault, f"not finished within {seconds:g} s"))
                continue
            found.append(_tested(file, fault, process.returncode, printed, result, rules))
        return tuple(found)
    finally:
        for process in started:
            if process.poll() is None:
                process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=5)
        for result in results:
            result.unlink(missing_ok=True)


def _start(root: Path, file: Path, fault: str, result: Path) -> subprocess.Popen[str]:
    command = [
        *(sys.executable, "-m", "pytest", "-q", "--color=no", "-p", "no:cacheprovider"),
        *("-c", str(root / "pyproject.toml"), "--rootdir", str(root)),
        *("--junitxml", str(result.resolve()), str(file.resolve())),
        *_options(fault),
    ]
    return subprocess.Popen(
        command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def _tested(
    file: Path,
    fault: str,
    code: int,
    printed: str,
    result: Path,
    rules: Mapping[str, tuple[str, ...]],
) -> Tested:
    if code not in (0, 1) or not result.is_file():
        last = printed.strip().splitlines()[-1:] or [f"exit code {code}"]
        return _broken(file, fault, last[0])
    cases = list(ET.fromstring(result.read_text(encoding="utf-8")).iter("testcase"))
    failures = tuple(_failures(cases, rules))
    skipped = sum(each.find("skipped") is not None for each in cases)
    passed = len(cases) - skipped - len(failures)
    return Tested(fault, _command(file, fault), passed, skipped, failures, "")


def _failures(
    cases: Sequence[ET.Element], rules: Mapping[str, tuple[str, ...]]
) -> Iterator[Failure]:
    for each in cases:
        for kind in ("failure", "error"):
            found = each.find(kind)
            if found is not None:
                name = each.get("name", "")
                yield Failure(name, _told(found.text or ""), rules.get(name, ()))


def _rules(file: Path) -> dict[str, tuple[str, ...]]:
    """The rules that the comments of a generated file name, by test."""
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    found: dict[str, tuple[str, ...]] = {}
    rules: tuple[str, ...] = ()
    for line in text.splitlines():
        if match := _PLACE.fullmatch(line):
            rules = tuple(each.strip() for each in match[1].split(",") if each.strip())
        elif match := _REFUSAL.fullmatch(line):
            found[f"test_refuses[{match[1]}-{match[2]}]"] = rules
        elif match := _CLAUSE.fullmatch(line):
            found[f"test_shows[{match[1]}]"] = rules
    return found


def _told(text: str) -> str:
    """What the assertion says, without the lines of code that pytest shows around it."""
    marked = [line[1:].removeprefix("       ") for line in text.splitlines() if line[:2] == "E "]
    return "\n".join(marked) or text.strip()


def _broken(file: Path, fault: str, why: str) -> Tested:
    return Tested(fault, _command(file, fault), 0, 0, (), why)


def _command(file: Path, fault: str) -> str:
    return " ".join(("pytest", str(file), *_options(fault)))


def _options(fault: str) -> tuple[str, ...]:
    """A few failures say enough; to shorten the runs of all of them takes a while."""
    return (f"--ocpp-fault={fault}", "--maxfail=3") if fault else ()
