"""Asking a person at the terminal to do something."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from typing import TextIO

from ocpp_verify.live.drivers.outcome import Done, Outcome, Refused, Unavailable


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where questions are written and answers read; the streams of the process by default."""

    questions: TextIO
    answers: TextIO

    @classmethod
    def of_process(cls) -> Terminal:
        """Standard error and standard input: standard output belongs to the results."""
        return cls(sys.stderr, sys.stdin)

    @property
    def has_person(self) -> bool:
        """Whether somebody can answer."""
        return not self.answers.closed and self.answers.isatty()

    async def ask(self, request: str) -> Outcome:
        """Ask for `request`; Enter is done, `n` and a reason refuses.

        Waits as long as the person takes. A task that is cancelled meanwhile leaves one thread
        behind that reads the next line.
        """
        if not self.has_person:
            return Unavailable("nobody sits at a terminal")
        self.questions.write(f"please {request}, then press Enter (or type n and why not): ")
        self.questions.flush()
        line = await asyncio.to_thread(self.answers.readline)
        if not line:
            return Unavailable("the terminal was closed")
        answer = line.strip()
        if answer[:1].lower() == "n":
            _, _, why = answer.partition(" ")
            return Refused(why.strip() or "the person declined")
        return Done(answer)
