"""Jobs beside each other: what they tell arrives, and one that dies dies alone."""

from __future__ import annotations

import os

import pytest

from ocpp_verify.runner.deadline import Deadline
from ocpp_verify.runner.workers import Job, processors, run_jobs


def job(said: list[object], ended: list[int | None], *tells: object, dies: bool = False) -> Job:
    def work(tell):
        for each in tells:
            tell(each)
        if dies:
            os._exit(7)

    return Job(work, said.append, ended.append)


@pytest.mark.parametrize("width", [1, 2, 5])
def test_everything_told_is_heard_in_order(width: int) -> None:
    said: list[list[object]] = [[], [], []]
    ended: list[int | None] = []
    run_jobs([job(said[at], ended, at, at + 10) for at in range(3)], width)
    assert said == [[0, 10], [1, 11], [2, 12]]
    assert ended == [None] * 3


def test_a_job_that_dies_leaves_the_others_alone() -> None:
    said: list[object] = []
    ended: list[int | None] = []
    jobs = [job(said, ended, "a", dies=True), job(said, ended, "b"), job(said, ended, "c")]
    run_jobs(jobs, 2)
    assert sorted(map(str, said)) == ["a", "b", "c"]
    assert sorted(map(str, ended)) == ["7", "None", "None"]


@pytest.mark.parametrize("width", [1, 2])
def test_a_job_that_does_not_look_at_the_clock_is_ended(width: int) -> None:
    said: list[object] = []
    ended: list[int | None] = []

    def work(tell):
        tell("begun")
        os.read(os.pipe()[0], 1)

    run_jobs([Job(work, said.append, ended.append)] * 3, width, Deadline.after(0.0))
    assert said == ["begun"] * width
    assert ended == []


def test_an_interruption_ends_the_jobs_and_is_passed_on() -> None:
    def interrupted(said: object) -> None:
        raise KeyboardInterrupt

    def work(tell):
        tell(os.getpid())
        while True:
            os.read(os.pipe()[0], 1)

    started: list[object] = []
    jobs = [Job(work, interrupted, started.append) for _ in range(2)]
    with pytest.raises(KeyboardInterrupt):
        run_jobs(jobs, 2)
    assert started == []


def test_there_is_at_least_one_processor() -> None:
    assert processors() >= 1
