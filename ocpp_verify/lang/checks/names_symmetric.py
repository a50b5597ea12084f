"""OV116: a value of a symmetric sort by name."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, error
from ocpp_verify.lang.facts import NamesSymmetric, Program

CODE, TITLE = "OV116", "a value of a symmetric sort by name"


def check(program: Program) -> Iterator[Diagnostic]:
    """A value of a symmetric sort is singled out, so its values are not interchangeable."""
    for fact in program.found(NamesSymmetric):
        yield error(
            CODE,
            f"`{fact.value}` is singled out, but {fact.sort} is symmetric",
            fact.at,
            other=fact.declared,
            other_label="its values are interchangeable",
            help="use a parameter or a quantifier, or drop `symmetric`",
        )
