"""How a generated test plays: once along a scenario, or many times as Hypothesis draws."""

from __future__ import annotations

import contextlib
import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ocpp_verify.errors import WrongInput
from ocpp_verify.live.runtime import InconclusiveError, Run
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
            return settings(common, max_examples=20, stateful_step_count=20, derandomize=True)
        case "ocpp-ci":
            return settings(common, max_examples=100, stateful_step_count=25, derandomize=True)
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
        test: the node id by which pytest finds the test again.
        options: the command line options to find the same system and choices again.
        profile: our Hypothesis profile; None if the user chose one of their own.
        seed: of Hypothesis, if the user gave one.
        trace_dir: where the messages of failing runs go.
    """

    playground: Playground | LivePlayground
    test: str
    options: Sequence[str] = ()
    profile: str | None = PROFILES[0]
    seed: str | None = None
    trace_dir: Path | None = None

    def open(self, seed: int | str | None = None) -> Run:
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
        seed: int | str | None = self.seed
        if seed is not None:
            chosen = hypothesis.settings(chosen, derandomize=False)
        if seed is None and not chosen.derandomize:
            seed = secrets.randbelow(2**32)
        bound: Any = type(machine.__name__, (machine,), {"stage": _Opener(self, seed)})
        if seed is not None and self.seed is None:
            bound = hypothesis.seed(seed)(bound)
        run_state_machine_as_test(bound, settings=chosen)

    @contextlib.contextmanager
    def scenario(self) -> Iterator[Run]:
        """A run along a path that the model has; skips the test where the system takes another."""
        __tracebackhide__ = True
        import pytest

        run = self.open()
        try:
            yield run
        except InconclusiveError as reason:
            run.close()
            run.verdict()
            pytest.skip(f"inconclusive: {reason}")
        except BaseException:
            run.close()
            raise
        run.finish()

    def _repeat(self, seed: int | str | None) -> str:
        words = ["pytest", self.test, *self.options]
        if seed is not None:
            words.append(f"--hypothesis-seed={seed}")
        return " ".join(words)


@dataclass(frozen=True, slots=True)
class _Opener:
    """Opens the runs of one exploration."""

    playing: Playing
    seed: int | str | None

    def open(self) -> Run:
        return self.playing.open(self.seed)
