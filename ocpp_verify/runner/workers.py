"""Jobs in processes of their own, as many at a time as there are processors, heard while they work.

A job begins as a copy of this process (fork), so that only what it tells has to be sent. One that
dies, as by a fault in the native code of a solver, dies alone. Where processes cannot be forked, and
where one is enough, jobs run here, one after the other.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from ocpp_verify.runner.deadline import Deadline

GRACE = 1.0
"""Seconds after the deadline in which a job may still tell what it has found."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do.

    Attributes:
        work: does it; hands what it has to tell to its argument, in the process of the job.
        heard: is given what the job tells, in this process.
        ended: called when it is over, with its exit code if it died.
    """

    work: Callable[[Callable[[object], None]], None]
    heard: Callable[[object], None]
    ended: Callable[[int | None], None]


def processors() -> int:
    """How many processors this process may use."""
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable is not None else os.cpu_count() or 1


def run_jobs(jobs: Sequence[Job], width: int, deadline: Deadline | None = None) -> None:
    """Do the jobs in this order, `width` at a time. Ctrl-C ends those that run and passes through.

    A job that goes on for more than a moment after the deadline is ended: one operation in the native
    code of a solver can take minutes, and asks nobody. That takes a process of its own, so with a
    deadline even a single job has one, where processes can be forked.
    """
    chosen = deadline or Deadline()
    alone = chosen.at is None and (width < 2 or len(jobs) < 2)
    if alone or "fork" not in get_all_start_methods():
        for each in jobs:
            each.work(each.heard)
            each.ended(None)
        return
    context = get_context("fork")
    waiting = list(jobs)
    running: dict[Connection, tuple[Job, BaseProcess]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < width:
                job = waiting.pop(0)
                ours, theirs = context.Pipe(duplex=False)
                started = context.Process(target=_work, args=(job, theirs), daemon=True)
                started.start()
                theirs.close()
                running[ours] = (job, started)
            patience = None if chosen.at is None else chosen.at + GRACE - chosen.clock()
            ready = wait(list(running), patience)
            if not ready:
                return
            for pipe in ready:
                assert isinstance(pipe, Connection)
                job, process = running[pipe]
                try:
                    told = pipe.recv()
                except EOFError:
                    del running[pipe]
                    pipe.close()
                    process.join()
                    job.ended(process.exitcode or None)
                else:
                    job.heard(told)
    finally:
        for _, late in running.values():
            late.terminate()
        for _, late in running.values():
            late.join()


def _work(job: Job, pipe: Connection) -> None:
    """In the process of the job: Ctrl-C is for the one that started it, which then ends this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with pipe:
        job.work(pipe.send)
