"""Two-phase commit (Gray and Lamport, Consensus on Transaction Commit) as TLC counts it.

With three resource managers TLC reports 1146 states generated, 288 distinct states and depth 11.
Generated are the initial state and the result of every enabled action in every distinct state.
"""

from __future__ import annotations

import pytest

from ocpp_verify.engines.explicit import ExplicitEngine, Search
from ocpp_verify.ir.system import All, Cell, Command, Formula, Index, Is, Label, System, Term
from ocpp_verify.semantics.explore import explore
from ocpp_verify.semantics.ground import replay
from ocpp_verify.semantics.result import Budget, Question, Reached, Unreachable

WORKING, PREPARED, COMMITTED, ABORTED = range(4)
RM_STATES = ("working", "prepared", "committed", "aborted")
TM_STATES = ("init", "committed", "aborted")


def two_phase_commit(managers: int) -> System:
    """The specification TwoPhase: `prepared[r]` is "r in tmPrepared", `says[r]` its message."""
    cells: list[Cell] = []
    commands: list[Command] = []

    def cell(name: str, domain: tuple[object, ...]) -> int:
        cells.append(Cell(name, domain, (0,), "state", "charger", name))
        return len(cells) - 1

    def action(name: str, guard: tuple[Formula, ...], *updates: tuple[int, Term]) -> None:
        label = Label("step", name, (), "charger", "charger", False)
        whole = guard[0] if len(guard) == 1 else All(guard)
        commands.append(Command(label, whole, updates))

    each = range(managers)
    rm = [cell(f"rm[{r}]", RM_STATES) for r in each]
    tm = cell("tm", TM_STATES)
    prepared = [cell(f"prepared[{r}]", (False, True)) for r in each]
    says = [cell(f"says[{r}]", (False, True)) for r in each]
    commit = cell("commit", (False, True))
    abort = cell("abort", (False, True))
    idle = Is(tm, (0,))
    action("TMCommit", (idle, *(Is(prepared[r], (1,)) for r in each)),
           (tm, Index(1)), (commit, Index(1)))  # fmt: skip
    action("TMAbort", (idle,), (tm, Index(2)), (abort, Index(1)))
    for r in each:
        action(f"TMRcvPrepared({r})", (idle, Is(says[r], (1,))), (prepared[r], Index(1)))
        action(f"RMPrepare({r})", (Is(rm[r], (WORKING,)),),
               (rm[r], Index(PREPARED)), (says[r], Index(1)))  # fmt: skip
        action(f"RMChooseToAbort({r})", (Is(rm[r], (WORKING,)),), (rm[r], Index(ABORTED)))
        action(f"RMRcvCommitMsg({r})", (Is(commit, (1,)),), (rm[r], Index(COMMITTED)))
        action(f"RMRcvAbortMsg({r})", (Is(abort, (1,)),), (rm[r], Index(ABORTED)))
    return System(f"two-phase commit, {managers}", tuple(cells), tuple(commands))


DISAGREE = Question("one commits, another aborts", All((Is(0, (COMMITTED,)), Is(1, (ABORTED,)))))
ALL_COMMIT = Question("all commit", All(tuple(Is(r, (COMMITTED,)) for r in range(3))))


def test_three_managers_have_288_states_as_tlc_counts() -> None:
    system = two_phase_commit(3)
    search = Search(system)
    assert search.run() is None
    assert len(search.store) == 288
    assert search.transitions + 1 == 1146
    found = ExplicitEngine().explore(system, [DISAGREE, ALL_COMMIT], Budget())
    assert (found.states, found.depth, found.complete) == (288, 11, True)
    assert found.fired == (True,) * len(system.commands)
    assert isinstance(found.answers[DISAGREE.name], Unreachable)
    answer = found.answers[ALL_COMMIT.name]
    assert isinstance(answer, Reached)
    # 3 prepare, 3 are noticed, 1 decision, 3 commit.
    assert len(answer.trace) == 10
    assert replay(system, answer.trace) is None


def test_the_plain_search_counts_the_same() -> None:
    found = explore(two_phase_commit(3), [DISAGREE])
    assert (len(found.distance), found.transitions + 1, len(found.levels)) == (288, 1146, 11)
    assert found.shortest == {DISAGREE.name: None}


@pytest.mark.parametrize("managers", [1, 2, 4, 5, 6])
def test_other_sizes_agree_with_a_count_by_hand(managers: int) -> None:
    found = ExplicitEngine().explore(two_phase_commit(managers), [], Budget())
    # Each manager apart from the coordinator, which stays, commits or aborts:
    #   idle: working, aborted, or has sent its message and is or is not noticed        4 ways
    #   aborted: the same 4, or has sent, noticed or not, and then aborted              6 ways
    #   committed: all have sent and are noticed, prepared or committed                 2 ways
    assert found.states == 4**managers + 6**managers + 2**managers
