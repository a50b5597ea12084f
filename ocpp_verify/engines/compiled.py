"""One state at a time, fast: the commands of a system as generated Python functions.

Commands are sorted into a decision tree over the cells that their guards compare with few values,
so that a step looks only at the commands that those cells leave possible.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, assert_never, cast

from ocpp_verify.ir.formula import every
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
    State,
    System,
    Term,
)

Successors: TypeAlias = list[tuple[int, State]]
_Guard: TypeAlias = Callable[[State], bool]
_Effect: TypeAlias = Callable[[State], State]
_Collect: TypeAlias = Callable[[State, Successors], None]

_LEAF = 3  # as few commands are tried one after the other
_DEPTH = 6
_COPIES = 4  # in so many places a command may occur


class CompiledSystem:
    """The commands of a system, or those with the given indices, as Python functions.

    Commands keep their indices in the system. Making one takes about 0.3 ms per command; the
    functions of single commands are made when they are first used.
    """

    def __init__(self, system: System, commands: Iterable[int] | None = None) -> None:
        chosen = range(len(system.commands)) if commands is None else sorted(set(commands))
        self.system = system
        self.commands = tuple(chosen)
        self._collect = _compile_tree(system, self.commands)
        self._guards: dict[int, _Guard] = {}
        self._effects: dict[int, _Effect] = {}

    def successors(self, state: State) -> Successors:
        """Enabled commands by index with the state after each, in order of declaration."""
        found: Successors = []
        self._collect(state, found)
        if len(found) > 1:
            found.sort(key=_by_command)
        return found

    def enabled(self, state: State, command: int) -> bool:
        """Whether the command's guard holds, also of a command that was not chosen."""
        guard = self._guards.get(command)
        if guard is None:
            source = f"def guard(s):\n    return {_condition(self.system.commands[command].guard)}"
            guard = self._guards[command] = cast("_Guard", _define(source, "guard"))
        return guard(state)

    def apply(self, state: State, command: int) -> State:
        """The state after the command, whose guard is not asked."""
        effect = self._effects.get(command)
        if effect is None:
            source = "\n".join(_effect(command, self.system.commands[command]))
            effect = cast("_Effect", _define(source, f"a{command}"))
            self._effects[command] = effect
        return effect(state)

    def subset(self, indices: Iterable[int]) -> CompiledSystem:
        """The same system, of which `successors` takes these commands only."""
        return CompiledSystem(self.system, indices)


def _by_command(step: tuple[int, State]) -> int:
    return step[0]


@dataclass(frozen=True, slots=True)
class _Case:
    """A command and what is left of its guard: sets of values by cell, and other conditions.

    `copies` of it are in the tree, one for each combination of values that led to it.
    """

    number: int
    cells: dict[int, tuple[int, ...]]
    others: tuple[Formula, ...]
    copies: int = 1

    def may_split(self, cell: int) -> bool:
        return cell in self.cells and self.copies * len(self.cells[cell]) <= _COPIES

    def without(self, cell: int) -> _Case:
        return _Case(
            self.number,
            {each: values for each, values in self.cells.items() if each != cell},
            self.others,
            self.copies * len(self.cells[cell]),
        )

    def condition(self) -> str:
        atoms = [_condition(Is(cell, values)) for cell, values in self.cells.items()]
        return " and ".join(atoms + [_condition(each, nested=True) for each in self.others])


def _compile_tree(system: System, commands: Sequence[int]) -> _Collect:
    """A function that appends what `successors` returns, in any order."""
    sizes = [len(cell.domain) for cell in system.cells]
    cases = [case for number in commands for case in _cases(number, system.commands[number], sizes)]
    lines: list[str] = []
    for case in cases:
        lines += _effect(case.number, system.commands[case.number])
    tree = _Tree(sizes, lines)
    root = tree.function(cases, _DEPTH)
    return cast("_Collect", _define("\n".join(lines), root))


def _cases(number: int, command: Command, sizes: Sequence[int]) -> Iterator[_Case]:
    """The command in a form to sort by; none if its guard never holds."""
    guard = every((command.guard,))
    if isinstance(guard, Bool) and not guard.value:
        return
    cells: dict[int, tuple[int, ...]] = {}
    others = []
    for part in guard.args if isinstance(guard, All) else (guard,):
        match part:
            case Is(cell, values) | No(Is(cell, values)):
                inside = frozenset(values)
                if isinstance(part, No):
                    inside = frozenset(range(sizes[cell])) - inside
                known = cells.get(cell, range(sizes[cell]))
                cells[cell] = tuple(value for value in known if value in inside)
                if not cells[cell]:
                    return
            case Bool():
                pass  # true, or `every` would have made all of it false
            case _:
                others.append(part)
    yield _Case(number, cells, tuple(others))


class _Tree:
    """Writes one function per node of the decision tree to `lines`."""

    def __init__(self, sizes: Sequence[int], lines: list[str]) -> None:
        self._sizes = sizes
        self._lines = lines
        self._count = 0

    def function(self, cases: Sequence[_Case], depth: int) -> str:
        """The name of a function that tries the cases."""
        body: list[str] = []
        rest = list(cases)
        while (cell := self._best(rest, depth)) is not None:
            picked = [case for case in rest if case.may_split(cell)]
            rest = [case for case in rest if not case.may_split(cell)]
            branches = []
            for value in range(self._sizes[cell]):
                fitting = [case.without(cell) for case in picked if value in case.cells[cell]]
                branches.append(self.function(fitting, depth - 1) if fitting else "None")
            table = f"t{self._count}"
            self._count += 1
            self._lines.append(f"{table} = ({', '.join(branches)},)")
            body += [f"branch = {table}[s[{cell}]]", "if branch: branch(s, out)"]
        for case in rest:
            found = f"out.append(({case.number}, a{case.number}(s)))"
            condition = case.condition()
            body.append(f"if {condition}: {found}" if condition else found)
        name = f"f{self._count}"
        self._count += 1
        self._lines.append(f"def {name}(s, out):")
        self._lines += [f"    {each}" for each in body or ["pass"]]
        return name

    def _best(self, cases: Sequence[_Case], depth: int) -> int | None:
        """The cell whose value rules out most; None if trying one after the other is as good."""
        if depth == 0 or len(cases) <= _LEAF:
            return None
        saved: Counter[int] = Counter()
        for case in cases:
            for cell, values in case.cells.items():
                if case.may_split(cell):
                    saved[cell] += 1000 - 1000 * len(values) // self._sizes[cell]
        if not saved:
            return None
        cell, gain = max(saved.items(), key=lambda item: (item[1], -item[0]))
        return cell if gain > 1500 else None


def _effect(number: int, command: Command) -> list[str]:
    """A function from the state before the command to the one after it."""
    moved = [f"    t[{cell}] = {_value(term)}" for cell, term in command.updates]
    return [f"def a{number}(s):", "    t = list(s)", *moved, "    return tuple(t)"]


def _value(term: Term) -> str:
    match term:
        case Index():
            return repr(term.value)
        case Copy():
            if all(value == at for at, value in enumerate(term.table)):
                return f"s[{term.cell}]"
            return f"{term.table!r}[s[{term.cell}]]"
        case Choice():
            yes, no = _value(term.yes), _value(term.no)
            return f"({yes} if {_condition(term.condition)} else {no})"
        case _:
            assert_never(term)


def _condition(formula: Formula, nested: bool = False) -> str:
    match formula:
        case Bool():
            return repr(formula.value)
        case Is():
            if len(formula.values) == 1:
                return f"s[{formula.cell}] == {formula.values[0]}"
            return f"s[{formula.cell}] in {formula.values!r}"
        case No(Is() as body):
            return _condition(body).replace(" == ", " != ").replace(" in ", " not in ")
        case No():
            text = f"not {_condition(formula.body, nested=True)}"
        case All():
            text = " and ".join(_condition(each, nested=True) for each in _cheap(formula.args))
        case Any():
            text = " or ".join(_condition(each, nested=True) for each in _cheap(formula.args))
        case _:
            assert_never(formula)
    return f"({text})" if nested else text


def _cheap(parts: Iterable[Formula]) -> list[Formula]:
    """Single comparisons first."""
    return sorted(parts, key=lambda part: not isinstance(part, Is))


def _define(source: str, name: str) -> object:
    """What `name` is after the generated definitions; they have a name space of their own."""
    names: dict[str, object] = {}
    exec(source, names)
    return names[name]
