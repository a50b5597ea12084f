"""Certificates are checked again, lemmas come from what was seen, and a solver that fails says so."""

from __future__ import annotations

import pytest
import z3

from ocpp_verify.engines.symbolic import SymbolicEngine, engine
from ocpp_verify.engines.symbolic.encoding import Encoding
from ocpp_verify.engines.symbolic.houdini import Houdini
from ocpp_verify.engines.symbolic.induction import Induction, check_certificate
from ocpp_verify.engines.symbolic.lemmas import Lemma
from ocpp_verify.engines.symbolic.samples import Samples
from ocpp_verify.engines.symbolic.spacer import Proved, Reachable, spacer
from ocpp_verify.ir.formula import every
from ocpp_verify.ir.system import Cell, Command, Index, Is, Label, System
from ocpp_verify.semantics.result import Budget, Open, Question, Unreachable


def _command(name: str, guard, *updates: tuple[int, int]) -> Command:
    label = Label("step", name, (), "charger", "charger", visible=False)
    return Command(label, guard, tuple((cell, Index(value)) for cell, value in updates))


def _cell(name: str, size: int) -> Cell:
    return Cell(name, tuple(range(size)), (0,), "state", "charger", name)


FREE, BUSY, LEFT = (Is(0, (value,)) for value in range(3))
HELD = Is(1, (1,))
SYSTEM = System(
    "door",
    (_cell("use", 3), _cell("held", 2)),
    (
        _command("Take", FREE, (0, 1), (1, 1)),
        _command("Leave", BUSY, (0, 2)),
        _command("Free", every((LEFT, HELD)), (0, 0), (1, 0)),
    ),
)
BUSY_BUT_FREE = every((BUSY, Is(1, (0,))))
LEFT_BUT_FREE = every((LEFT, Is(1, (0,))))


def induction() -> Induction:
    return Induction(Encoding(SYSTEM), 10.0, lambda: False)


def test_a_certificate_is_accepted_only_with_the_lemmas_it_needs() -> None:
    needed = Lemma((0, 1), ((1,), (0,)))
    assert check_certificate(SYSTEM, (), BUSY_BUT_FREE)
    assert not check_certificate(SYSTEM, (), LEFT_BUT_FREE)
    assert check_certificate(SYSTEM, (needed,), LEFT_BUT_FREE)


def test_a_certificate_with_a_false_lemma_is_refused() -> None:
    false = Lemma((0,), ((1,),))
    assert not check_certificate(SYSTEM, (false,), LEFT_BUT_FREE)


def test_houdini_drops_what_steps_break() -> None:
    true, false = Lemma((0, 1), ((1, 2), (0,))), Lemma((0,), ((2,),))
    assert Houdini(induction(), [true, false]).run() == (true,)


def test_samples_suggest_what_they_respect() -> None:
    samples = Samples(SYSTEM, (0, 1))
    samples.add([(0, 0), (1, 1), (2, 1)])
    assert Lemma((0, 1), ((1, 2), (0,))) in samples.pairs()
    assert samples.excluding((1, 1)) is None


def test_spacer_proves_and_says_what_is_reachable() -> None:
    assert spacer(induction(), LEFT_BUT_FREE, (), 10.0) == Proved(rechecked=True)
    assert spacer(induction(), LEFT, (), 10.0) == Reachable()


def test_the_engine_names_its_argument() -> None:
    questions = [Question("a", BUSY_BUT_FREE), Question("b", LEFT_BUT_FREE)]
    answers = SymbolicEngine().explore(SYSTEM, questions, Budget()).answers
    assert answers["a"] == Unreachable("z3: induction over one step, checked again")
    assert answers["b"] == Unreachable("z3: induction with one lemma, checked again")


def test_a_solver_that_fails_leaves_the_question_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> None:
        raise z3.Z3Exception("out of memory")

    monkeypatch.setattr(engine, "Encoding", broken)
    answers = SymbolicEngine().explore(SYSTEM, [Question("a", LEFT)], Budget()).answers
    assert answers["a"] == Open("z3: out of memory")
