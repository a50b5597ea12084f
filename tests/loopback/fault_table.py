"""Which faults of the peers `test` finds, measured: `python -m tests.loopback.fault_table` writes the page.

The columns of the generated tests are kept as they stand in the page.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ocpp_verify.ir.model import Role
from ocpp_verify.runner.verdicts import Found
from tests.loopback.quick_tests import KEYS, Case, Played, play
from tests.peers.faults import BY_ID, FAULTS, Fault

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
SEEDS = range(1, 6)
BUDGET: Mapping[Role, float] = {"charger": 300.0, "csms": 40.0}
"""Seconds of the fast clock."""

SHORT_SAMPLES = {"MeterValueSampleInterval": "3"}
LETS_ANYBODY_IN_OFFLINE = {"AllowOfflineTxForUnknownId": "true"}
SPECIAL_KEYS: Mapping[str, Mapping[str, str]] = {
    "CP-S10": {"ConnectionTimeOut": "10"},
    "CP-O1": LETS_ANYBODY_IN_OFFLINE,
    "CP-O2": LETS_ANYBODY_IN_OFFLINE,
    "CP-O13": SHORT_SAMPLES,
    "CP-T17": SHORT_SAMPLES,
    "CP-T20": {"StopTransactionOnEVSideDisconnect": "false"},
    "CP-V10": {"SupportedFeatureProfiles": "Core"},
}
"""What the charger is set to where the fault asks for it."""

SPECIAL_LENGTHS: Mapping[str, Mapping[str, str]] = {"CP-V6": {"ReservationLength": "5"}}
"""What the test is told where the fault asks for it (`--config`)."""

BEYOND: Mapping[str, str] = {
    "CP-B6": "the models have no duty to send heartbeats",
    "CP-B7": "the models have no duty to send heartbeats",
    "CP-B8": "the models have no duty to send heartbeats",
    "CP-B10": "values of configuration keys are not in the models",
    "CP-B11": "values of configuration keys are not in the models",
    "CP-B12": "values of configuration keys are not in the models",
    "CP-B13": "values of configuration keys are not in the models",
    "CP-B14": "values of configuration keys are not in the models",
    "CP-R2": "the models know no retry interval, and the tester never withholds an answer so long",
    "CP-R5": "the tester never answers later than MessageTimeout",
    "CP-R6": "the tester gives no CALLERROR of its own accord",
    "CP-R10": "DataTransfer is not in the models",
    "CP-E3": "the tester sends no malformed requests",
    "CP-S14": "a connector of the models has one error at a time",
    "CP-T5": "an identifier has one spelling in a test",
    "CP-T9": "needs a second connector",
    "CP-T10": "needs a second connector",
    "CP-T11": "the tester sends no request that the standard forbids it",
    "CP-T22": "the tester changes no configuration key during a run",
    "CP-O9": "the server of the tester withholds no pongs",
    "CS-12": "idTagInfo of StopTransaction.conf is not in the models",
    "CS-19": "the tester has one connection at a time",
    "CS-25": "the tester sends meter values in order",
    "CS-27": "the tester sends no request that the standard forbids it",
    "CS-31": "what an operator cannot ask for is listed as not shown",
    "CS-E3": "the models let a repeated StartTransaction begin another transaction",
    "CS-E4": "the tester stops no transaction that it has not begun",
}
"""Why a fault is out of reach, if it is."""


OPEN = frozenset(
    (
        "CP-S10",
        "CP-S13",
        "CP-T4",
        "CP-T16",
        "CP-O1",
        "CP-O2",
        "CP-O4",
        "CP-O7",
        "CP-V6",
        "CP-V14",
        "CP-E4",
        "CS-39",
    )
)
"""Within reach, and not found with the first seed: nothing tests that they are."""


def case_of(fault: Fault, seed: int) -> Case:
    """The test of one fault. It ends with the first finding."""
    return Case(
        fault.role,
        seed,
        BUDGET[fault.role],
        (fault.id,),
        keys={**KEYS, **SPECIAL_KEYS.get(fault.id, {})},
        config=SPECIAL_LENGTHS.get(fault.id, {}),
        enough=1,
    )


def is_found(played: Played) -> bool:
    """Whether the test failed. Advice is no failure."""
    return bool(played.result.failures)


def is_named(played: Played) -> bool:
    """Whether a failing finding names a rule that the fault breaks, so that it is no other alarm."""
    broken = {rule for fault in played.case.faults for rule in BY_ID[fault].breaks}
    return any(broken & set(each.finding.rules) for each in played.result.failures)


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one fault with all seeds."""

    fault: Fault
    played: Sequence[Played]

    @property
    def found(self) -> list[Played]:
        return [each for each in self.played if is_found(each)]

    @property
    def named(self) -> list[Played]:
        return [each for each in self.played if is_named(each)]

    def text(self, kept: str) -> str:
        fault = self.fault
        tried = f"{len(self.found)} of {len(self.played)}" if self.played else "not run"
        named = f"{len(self.named)} of {len(self.played)}" if self.played else ""
        cells = [fault.id, fault.what, tried, named]
        if self.found:
            best = min(self.found, key=lambda each: len(_first(each).script))
            first = _first(best)
            rules = ", ".join((first.finding.rules or fault.breaks)[:2])
            cells += [
                f"{first.finding.kind}: {rules}",
                str(best.case.seed),
                str(len(first.script)),
                f"{statistics.median(each.result.seconds for each in self.found):.0f}",
                f"{statistics.median(each.seconds for each in self.found):.1f}",
            ]
        else:
            cells += [BEYOND.get(fault.id) or "open", "", "", "", ""]
        return f"| {' | '.join([*cells, kept])} |"


def _first(played: Played) -> Found:
    """The first failing finding."""
    return played.result.failures[0]


def measure(faults: Iterable[Fault], seeds: Iterable[int]) -> list[Row]:
    """Test each fault with each seed, and say how far it is."""
    rows = []
    for fault in faults:
        tried = () if fault.id in BEYOND else seeds
        row = Row(fault, [play(case_of(fault, seed)) for seed in tried])
        print(f"{fault.id} {len(row.found)} of {len(row.played)}", file=sys.stderr)  # noqa: T201
        rows.append(row)
    return rows


HEAD = """# Faults of the peers, and what finds them

`tests/peers` has a charger and a central system that were written from the standard and know nothing of
`ocpp_verify`. Each can be given faults that real products have shipped; ids without `-E` are those of the
fault catalogue. This page is written by `python -m tests.loopback.fault_table`; no figure in it is made up.

Each fault was tested with the seeds {seeds} on a clock that runs fast, {charger:g} s of it for a charger and
{csms:g} s for a central system at the most; a test ends when its first finding has been made shorter. The
columns: with how many seeds `test` failed, and with how many a finding named a rule that the fault breaks; the finding, with the rules that it names; of the seed with the
shortest run, the number and the choices of the tester in that run; then the median seconds of the fast clock,
and of one core of this machine, that a test took which found it, shortening included.

The last column is about the generated tests in their default profile, up to the first that failed: which one,
the steps of the tester in the run that it tells, and seconds, those of pytest's start included
(`python -m tests.testgen.fault_column`). It is empty where none is known to find the fault.

Charger settings where they differ from `{keys}`: {special}.
"""

COLUMNS = (
    "| fault | what it does | `test` failed | names a broken rule | finding | seed | choices | seconds | CPU seconds "
    "| generated tests |\n|---|---|---|---|---|---|---|---|---|---|"
)


def render(rows: Sequence[Row], seeds: Sequence[int], kept: Mapping[str, str]) -> str:
    """The page."""
    special = {
        **{name: dict(keys) for name, keys in SPECIAL_KEYS.items()},
        **{name: dict(keys) for name, keys in SPECIAL_LENGTHS.items()},
    }
    told = "; ".join(
        f"{name}: {', '.join(f'{key}={value}' for key, value in keys.items())}"
        for name, keys in sorted(special.items())
    )
    head = HEAD.format(
        seeds=f"{seeds[0]} to {seeds[-1]}",
        keys=", ".join(f"{key}={value}" for key, value in KEYS.items()),
        special=told,
        **BUDGET,
    )
    parts = [head]
    for role, title in (("charger", "Chargers"), ("csms", "Central systems")):
        mine = [each for each in rows if each.fault.role == role]
        run = [each for each in mine if each.played]
        always = sum(len(each.named) == len(each.played) for each in run)
        told = (
            f"Of {len(mine)} faults {len(run)} were run. With every seed, a failing finding that names a "
            f"rule which the fault breaks came for {always}; some failing finding came with some seed for "
            f"{sum(bool(each.found) for each in run)}. The others are out of reach of the models or the "
            "tester; the column of findings says why."
        )
        parts.append(f"## {title}\n\n{told}\n\n{COLUMNS}")
        parts += [each.text(kept.get(each.fault.id, "")) for each in mine]
        parts.append("")
    return "\n".join(parts)


def kept_column(page: str) -> dict[str, str]:
    """The last column of the page as it stands, by fault."""
    found = {}
    for line in page.splitlines():
        cells = [each.strip() for each in line.strip("|").split("|")]
        if len(cells) == 10 and cells[0] in BY_ID:
            found[cells[0]] = cells[9]
    return found


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=len(SEEDS), help="how many seeds")
    parser.add_argument("--page", type=Path, default=PAGE, help="the page to write")
    parser.add_argument("faults", nargs="*", help="these faults only, to standard output")
    given = parser.parse_args()
    seeds = range(1, given.seeds + 1)
    chosen = [each for each in FAULTS if not given.faults or each.id in given.faults]
    rows = measure(chosen, seeds)
    page = given.page.read_text(encoding="utf-8") if given.page.exists() else ""
    text = render(rows, seeds, kept_column(page))
    if given.faults:
        print(text)  # noqa: T201
    else:
        given.page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
