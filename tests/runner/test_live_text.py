"""The report of a live test as people read it."""

from __future__ import annotations

from dataclasses import replace

from ocpp_verify.reporters import live_text
from ocpp_verify.runner.verdicts import LiveFinished, LiveStarted, Showing
from ocpp_verify.source import Place


def finished(*shown: bool) -> LiveFinished:
    started = LiveStarted(
        sut="charger",
        address="ws://127.0.0.1:9000/CP1",
        station="CP1",
        lab="none",
        seed=7,
        budget=60.0,
        model="Core",
        profiles=("Core",),
        files=(),
        sizes=(("Connector", 1),),
        readings=(),
        tags=(),
        again="ocpp-verify test charger --seed 7",
    )
    at = Place("core.model", 1, 1, 1)
    return LiveFinished(
        started=started,
        verdict="pass",
        why="",
        found=(),
        showings=tuple(
            Showing(f"Clause{at_}", "clause", at, (), is_shown)
            for at_, is_shown in enumerate(shown)
        ),
        tables=(),
        sent={},
        received={},
        outcomes={},
        observations={},
        config=(),
        durations=(),
        warnings=(),
        runs=1,
        seconds=60.0,
        interrupted=False,
    )


def test_how_much_was_shown_stands_beside_the_verdict() -> None:
    lines = live_text.render(finished(True, False, False)).splitlines()
    assert "pass (1 of 3 purposes shown)" in lines
    assert "not tried for want of time: 2 (-v lists them)" in lines


def test_an_interrupted_test_says_so_beside_the_verdict() -> None:
    result = replace(finished(True, False), interrupted=True)
    lines = live_text.render(result).splitlines()
    assert "pass until it was interrupted (1 of 2 purposes shown)" in lines
