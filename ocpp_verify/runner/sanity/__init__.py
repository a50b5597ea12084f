"""Sanity analyses: what a model or spec does that its author hardly meant. They change no verdict.

One module each, one line in `ALL`, one page `docs/checks/<CODE>.md`.
"""

from __future__ import annotations

from ocpp_verify.runner.sanity import (
    constant,
    forbidden_duty,
    never_enabled,
    unanswerable,
    unused,
    unused_choice,
    vacuous,
)
from ocpp_verify.runner.sanity.subject import Analysis, Subject

ALL: tuple[Analysis, ...] = (
    never_enabled,
    vacuous,
    forbidden_duty,
    unanswerable,
    unused,
    constant,
    unused_choice,
)

__all__ = ["ALL", "Analysis", "Subject"]
