"""The checks: each turns facts about a program into diagnostics, all in one run.

A check is a module with `CODE`, `TITLE` and `check`; its page is `docs/checks/<CODE>.md`. What does
not parse is reported by `lang.parse.mistakes`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from ocpp_verify.diagnostics import Diagnostic
from ocpp_verify.lang.checks import (
    ambiguous,
    bad_size,
    base_missing,
    base_outside,
    cycle,
    disturbance,
    duplicate,
    duty_reads,
    extends_cycle,
    ghost_outside,
    guard_reads,
    internal_param,
    mismatch,
    misused,
    monitor_assigns,
    names_symmetric,
    next_outside,
    no_queue,
    not_constant,
    outcome_not_in_base,
    owes_event,
    refine_assigns,
    refines_own,
    refines_unknown,
    repeated_row,
    spec_of_unknown,
    too_early,
    too_large,
    trait_assigned,
    undecided_restart,
    unknown_action,
    unknown_argument,
    unknown_enum_value,
    unknown_field,
    unknown_key,
    unknown_message,
    unknown_name,
    unknown_option,
    unknown_outcome,
    unknown_rule,
    unknown_status,
    unrelated,
    update_reads,
    weakens,
    wrong_count,
    wrong_owner,
    wrong_phase,
    wrong_sender,
)
from ocpp_verify.lang.facts import Program


class Check(Protocol):
    """What a module of this package provides."""

    @property
    def CODE(self) -> str:  # noqa: N802
        """The stable code of its messages."""
        ...

    @property
    def TITLE(self) -> str:  # noqa: N802
        """What is wrong, in a few words."""
        ...

    def check(self, program: Program) -> Iterator[Diagnostic]:
        """All findings in a program."""
        ...


ALL: tuple[Check, ...] = (
    duplicate,
    unknown_name,
    wrong_count,
    cycle,
    misused,
    mismatch,
    ambiguous,
    not_constant,
    bad_size,
    too_large,
    names_symmetric,
    unknown_option,
    guard_reads,
    update_reads,
    wrong_owner,
    duty_reads,
    disturbance,
    ghost_outside,
    internal_param,
    too_early,
    no_queue,
    owes_event,
    trait_assigned,
    undecided_restart,
    monitor_assigns,
    base_missing,
    extends_cycle,
    refines_unknown,
    refine_assigns,
    outcome_not_in_base,
    refines_own,
    base_outside,
    weakens,
    unrelated,
    spec_of_unknown,
    unknown_message,
    wrong_sender,
    unknown_field,
    unknown_enum_value,
    unknown_status,
    unknown_key,
    unknown_rule,
    next_outside,
    unknown_action,
    wrong_phase,
    unknown_outcome,
    unknown_argument,
    repeated_row,
)

PROFILES: tuple[Check, ...] = (base_missing, extends_cycle, unrelated)
"""The checks that make sense when a base is missing."""
