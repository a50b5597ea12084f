"""How a generated test plays: once along a scenario, or many times as Hypothesis draws."""

from __future__ import annotations

import re
import secrets
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ocpp_verify.errors import WrongInput
from ocpp_verify.live.runtime import IdleRun, InconclusiveError, Run
from ocpp_verify.runner.live_playground import LivePlayground
from ocpp_verify.runner.playground import Playground

if TYPE_CHECKING:
    import hypothesis
    from hypothesis.stateful import RuleBasedStateMachine

PREFIX = "ocpp-"
"""Of the names of our Hypothesis profiles: others of that name are the user's."""

PROFILES: tuple[str, ...] = ("ocpp-dev", "ocpp-ci", "ocpp-nightly", "ocpp-live")


def profile(name: str) -> hypothesis.settings:
    """The Hypothesis settings of that name.

    `ocpp-dev` takes seconds and `ocpp-ci` a minute, both the same every time unless there is a seed;
    `ocpp-nightly` takes many minutes, other runs each time; `ocpp-live` few, for systems that need
    real time.
    """
    from hypothesis import HealthCheck, Phase, settings

    common = settings(
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        phases=[
            each for each in Phase if each is not Phase.explain
        ],  # it repeats runs by the dozen
    )
    match name:
        case "ocpp-dev":
            return settings(common, max_examples=50, stateful_step_count=30, derandomize=True)
        case "ocpp-ci":
            return settings(common, max_examples=300, stateful_step_count=40, derandomize=True)
        case "ocpp-nightly":
            return settings(common, max_examples=1000, stateful_step_count=40)
        case "ocpp-live":
            return settings(common, max_examples=5, stateful_step_count=15)
        case _:
            raise WrongInput(f"unknown profile `{name}`", help=f"one of {', '.join(PROFILES)}")


@dataclass(frozen=True, slots=True)
class Playing:
    """One test on one playground.

    Attributes:
        test: the node id by which pytest finds the test again from the folder it was called in.
        options: the command line options to find the same system and choices again.
        profile: our Hypothesis profile; None if the user chose one of their own.
        seed: of Hypothesis, if the user gave one.
        trace_dir: where the messages of failing runs go.
    """

    playground: Playground | LivePlayground
    test: str
    options: Sequence[str] = ()
    profile: str | None = PROFILES[0]
    seed: int | None = None
    trace_dir: Path | None = None

    def open(self, seed: int | None = None) -> Run:
        """A run of its own; `finish` ends it and raises what it found."""
        run = self.playground.open(self._repeat(seed))
        if self.trace_dir is not None:
            run.keep(self.trace_dir / f"{re.sub(r'[^A-Za-z0-9]+', '-', self.test)}.jsonl")
        return run

    def explore(self, machine: type[RuleBasedStateMachine]) -> None:
        """Let Hypothesis draw runs of the machine, and shorten one that fails."""
        __tracebackhide__ = True
        import hypothesis
        from hypothesis.stateful import run_state_machine_as_test

        chosen = hypothesis.settings(
            deadline=None, suppress_health_check=list(hypothesis.HealthCheck)
        )
        if self.profile is not None:
            chosen = profile(self.profile)
        seed = self.seed
        if seed is None:
            seed = 0 if chosen.derandomize else secrets.randbelow(2**32)
        # A seed and no stored examples: whoever repeats the test with the seed sees the same.
        chosen = hypothesis.settings(chosen, derandomize=False, database=None)
        attempts = Attempts(self, seed)
        bound: Any = type(machine.__name__, (machine,), {"stage": attempts})
        try:
            run_state_machine_as_test(hypothesis.seed(seed)(bound), settings=chosen)
        except Exception:
            if not attempts.is_spent:
                raise
        # What Hypothesis then calls flaky is only that we ended the search for a shorter run.
        shortest = attempts.shortest()
        if shortest is not None:
            shortest.verdict()

    def scenario(self) -> Scenario:
        """A run along a path that the model has; skips the test where the system takes another."""
        return Scenario(self.open())

    def _repeat(self, seed: int | None) -> str:
        words = ["pytest", self.test, *self.options]
        if seed is not None:
            words.append(f"--hypothesis-seed={seed}")
        return shlex.join(words)


class Scenario:
    """A run that ends with its block."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def __enter__(self) -> Run:
        return self._run

    def __exit__(
        self, kind: type[BaseException] | None, reason: BaseException | None, trace: object
    ) -> None:
        __tracebackhide__ = True
        self._run.close()
        if reason is None or isinstance(reason, InconclusiveError):
            self._run.verdict()
        if isinstance(reason, InconclusiveError):
            import pytest

            pytest.skip(f"inconclusive: {reason}")


ATTEMPTS = 100
"""Runs after the first failing one, to find a shorter one."""


class Attempts:
    """The runs of one exploration. Once so many were tried to shorten a failing one, all that follow
    are idle: Hypothesis itself would try for minutes.
    """

    def __init__(self, playing: Playing, seed: int) -> None:
        self._playing = playing
        self._seed = seed
        self._last: Run | None = None
        self._shortest: Run | None = None
        self._tried = 0

    @property
    def is_spent(self) -> bool:
        """Whether no shorter run is looked for any more."""
        return self._tried >= ATTEMPTS

    def open(self) -> Run | IdleRun:
        """The next run."""
        if self.shortest() is not None:
            self._tried += 1
        if self.is_spent:
            return IdleRun()
        self._last = self._playing.open(self._seed)
        return self._last

    def shortest(self) -> Run | None:
        """The shortest run that failed so far."""
        last, self._last = self._last, None
        if last is not None and last.conversation.failed:
            known = self._shortest
            if known is None or last.length <= known.length:
                self._shortest = last
        return self._shortest
