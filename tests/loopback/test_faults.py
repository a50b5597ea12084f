"""`test` finds the faults that the peers can be given, and nothing where they have none."""

import pytest

from ocpp_verify.ir.model import Role
from ocpp_verify.reporters import live_text
from tests.loopback.fault_table import BEYOND, BUDGET, OPEN, case_of, is_found
from tests.loopback.quick_tests import Case, play
from tests.peers.faults import FAULTS, Fault

pytestmark = [pytest.mark.loopback, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.mark.parametrize(
    "fault",
    [each for each in FAULTS if each.id not in OPEN.union(BEYOND)],
    ids=lambda each: each.id,
)
def test_a_fault_is_found(fault: Fault) -> None:
    assert is_found(play(case_of(fault, 1)))


@pytest.mark.parametrize("seed", range(1, 21))
@pytest.mark.parametrize("role", ["charger", "csms"])
def test_a_peer_without_a_fault_raises_no_alarm(role: Role, seed: int) -> None:
    result = play(Case(role, seed, BUDGET[role])).result
    assert result.verdict == "pass", live_text.render(result)
