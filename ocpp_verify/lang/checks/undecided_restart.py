"""OV213: a restart leaves a variable undecided."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, error
from ocpp_verify.lang import syntax as s
from ocpp_verify.lang.facts import Program, Restarts

CODE, TITLE = "OV213", "a restart leaves a variable undecided"


def check(program: Program) -> Iterator[Diagnostic]:
    """A role restarts whose variable starts with `any` value: it has no one value to return to."""
    restarts: dict[str, Restarts] = {}
    for fact in program.found(Restarts):
        restarts.setdefault(fact.role, fact)
    for unit in program.units:
        for item in unit.items:
            if not isinstance(item, s.StateDecl) or item.initial is not None:
                continue
            is_kept = item.persistent or item.config or item.trait
            if is_kept or item.owner not in restarts:
                continue
            yield error(
                CODE,
                f"a restart gives `{item.name.text}` no value",
                item.name.at,
                label="starts with any value",
                other=restarts[item.owner].at,
                other_label=f"the {item.owner} restarts",
                help="make it `persistent`, or let it start with one value",
            )
