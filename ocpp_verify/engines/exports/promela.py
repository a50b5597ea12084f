"""Promela for SPIN: one process, one d_step per command, so that stored states can be compared.

SPIN stores two states more than the system has: those before the initial values are chosen. Make the
verifier with `spin -a -o2`, which keeps cells that are only written, and compile it with
`-DSAFETY -DNOREDUCE`; reductions would store fewer.
"""

from __future__ import annotations

from typing import assert_never

from ocpp_verify.ir.system import (
    All,
    Any,
    Bool,
    Choice,
    Command,
    Copy,
    Formula,
    Index,
    Is,
    No,
    System,
    Term,
)

EXTRA_STATES = 2
"""How many states SPIN stores above those of the system."""


def to_promela(system: System, never: Formula | None = None) -> str:
    """The system as Promela; `never` is asserted not to hold in any state.

    Raises ValueError for a domain of more than 256 values, which a byte cannot hold.
    """
    lines = [f"/* {system.name} */"]
    for number, cell in enumerate(system.cells):
        if len(cell.domain) > 256:
            raise ValueError(f"{cell.name} has {len(cell.domain)} values, a byte holds 256")
        kind = "bit" if len(cell.domain) <= 2 else "byte"
        lines.append(f"{kind} c{number};  /* {cell.name} */")
    widest = max((len(command.updates) for command in system.commands), default=0)
    lines += [f"hidden byte t{number};" for number in range(widest)]
    lines += ["", "active proctype system() {", "start:", "  skip;", "  atomic {"]
    for number, cell in enumerate(system.cells):
        if len(cell.initial) == 1:
            lines.append(f"    c{number} = {cell.initial[0]};")
        else:
            options = " ".join(f":: c{number} = {value}" for value in cell.initial)
            lines.append(f"    if {options} fi;")
    lines += [*_check(system, never), "  };", "  do"]
    for command in system.commands:
        lines.append(f"  :: d_step {{ {_step(command, never)} }}  /* {command.label} */")
    lines += ["  od", "}", ""]
    return "\n".join(lines)


def _check(system: System, never: Formula | None) -> list[str]:
    """Values that are no initial state lead back to the start: where SPIN blocks, it stores."""
    back = " ".join(f"c{number} = 0;" for number in range(len(system.cells)))
    lines = [f"    if :: {_formula(system.initial)} -> skip :: else -> {back} goto start fi;"]
    if never is not None:
        lines.append(f"    assert(!({_formula(never)}));")
    return lines


def _step(command: Command, never: Formula | None) -> str:
    parts = [f"{_formula(command.guard)} ->"]
    parts += [f"t{at} = {_term(term)};" for at, (_, term) in enumerate(command.updates)]
    parts += [f"c{cell} = t{at};" for at, (cell, _) in enumerate(command.updates)]
    if not command.updates:
        parts.append("skip;")
    parts += [f"t{at} = 0;" for at in range(len(command.updates))]
    if never is not None:
        parts.append(f"assert(!({_formula(never)}));")
    return " ".join(parts)


def _formula(formula: Formula) -> str:
    match formula:
        case Bool():
            return "true" if formula.value else "false"
        case Is():
            return _or([f"c{formula.cell} == {value}" for value in formula.values])
        case No():
            return f"!({_formula(formula.body)})"
        case All():
            return "(" + " && ".join(_formula(each) for each in formula.args) + ")"
        case Any():
            return _or([_formula(each) for each in formula.args])
        case _:
            assert_never(formula)


def _or(parts: list[str]) -> str:
    return "(" + " || ".join(parts) + ")"


def _term(term: Term) -> str:
    match term:
        case Index():
            return str(term.value)
        case Copy():
            if term.table == tuple(range(len(term.table))):
                return f"c{term.cell}"
            text = str(term.table[-1])
            for value, target in reversed(list(enumerate(term.table[:-1]))):
                if str(target) != text:
                    text = f"(c{term.cell} == {value} -> {target} : {text})"
            return text
        case Choice():
            return f"({_formula(term.condition)} -> {_term(term.yes)} : {_term(term.no)})"
        case _:
            assert_never(term)
