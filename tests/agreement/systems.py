"""Random ground systems for hypothesis. Every engine is held against the others on these.

hypothesis chooses the sizes, which commands stay and a seed; the rest comes from the seed. That
is some fifty times faster than drawing every node, and a failure still shrinks to few commands.
Most guards are made to hold in a state that a walk through the system reaches, so that a typical
system has dozens of states in several levels; a few have no initial state, dead commands or one
state.

`build` and `ask` work without hypothesis: `build(7)` is always the same system.
"""

from __future__ import annotations

from random import Random

from hypothesis import strategies as st

from ocpp_verify.ir.system import (
    All,
    Any,
    Bool,
    Cell,
    Choice,
    Command,
    Copy,
    Formula,
    Index,
    Is,
    Label,
    No,
    State,
    System,
    Term,
)
from ocpp_verify.semantics.ground import holds, value
from ocpp_verify.semantics.result import Question

Sizes = tuple[int, ...]
"""The number of domain values of each cell."""


def random_atom(random: Random, sizes: Sizes) -> Formula:
    """`Is` in normal form, over one of the cells with at least two values."""
    cell = random.choice([at for at, size in enumerate(sizes) if size > 1])
    count = 1 if random.random() < 0.6 else random.randint(1, sizes[cell] - 1)
    return Is(cell, tuple(sorted(random.sample(range(sizes[cell]), count))))


def random_formula(random: Random, sizes: Sizes, depth: int = 3) -> Formula:
    """Any formula, constants included; at most 3 ** depth atoms."""
    drawn = random.random()
    if depth == 0 or drawn < 0.3:
        if random.random() < 0.04:
            return Bool(random.random() < 0.5)
        return random_atom(random, sizes)
    if drawn < 0.45:
        return No(random_formula(random, sizes, depth - 1))
    parts = tuple(random_formula(random, sizes, depth - 1) for _ in range(random.randint(2, 3)))
    return All(parts) if drawn < 0.72 else Any(parts)


def formula_at(random: Random, sizes: Sizes, state: State) -> Formula:
    """A formula that holds in `state`, unless luck is bad."""
    for _ in range(6):
        count = random.choice((0, 1, 1, 2, 2, 3))
        parts = tuple(random_formula(random, sizes, random.choice((0, 0, 1, 2))) for _ in range(3))
        guard = Bool(True) if count == 0 else parts[0] if count == 1 else All(parts[:count])
        if holds(guard, state):
            return guard
    return random_atom(random, sizes)


def random_term(random: Random, sizes: Sizes, target: int, depth: int = 2) -> Term:
    """What may be assigned to cell `target`: a value, a counter's next, a copy, a choice."""
    size = sizes[target]
    drawn = random.random()
    if drawn < 0.35:
        return Index(random.randrange(size))
    if drawn < 0.65:
        return Copy(target, tuple((before + 1) % size for before in range(size)))
    if drawn < 0.8 or depth == 0:
        cell = random.randrange(len(sizes))
        return Copy(cell, tuple(random.randrange(size) for _ in range(sizes[cell])))
    yes, no = (random_term(random, sizes, target, depth - 1) for _ in range(2))
    return Choice(random_formula(random, sizes, 1), yes, no)


def label(name: str) -> Label:
    """Of a step that is only a step."""
    return Label("step", name, (), "charger", "charger", False)


def build(seed: int, cells: int = 4, size: int = 4, commands: int = 6, wide: int = 0) -> System:
    """The random system of that seed.

    `size` bounds the domains. `wide` adds that many cells of five values, in an order of their own,
    which move together and so multiply the reachable states by a small number only.
    """
    random = Random(seed)
    sizes = tuple(random.randint(1 if random.random() < 0.15 else 2, size) for _ in range(cells))
    if max(sizes) == 1:
        sizes = (2, *sizes[1:])
    starts = [
        tuple(sorted(random.sample(range(n), min(n, 1 if random.random() < 0.8 else 2))))
        for n in sizes
    ]
    here: State = tuple(random.choice(start) for start in starts)
    first = here
    made = []
    for at in range(commands):
        guard = formula_at(random, sizes, here)
        written = sorted(random.sample(range(cells), random.randint(1, min(cells, 3))))
        updates = tuple((cell, random_term(random, sizes, cell)) for cell in written)
        made.append(Command(label(f"A{at}"), guard, updates))
        if holds(guard, here) and random.random() < 0.8:
            after = list(here)
            for cell, term in updates:
                after[cell] = value(term, here)
            here = tuple(after)
    initial: Formula = Bool(True)
    if random.random() < 0.3:
        initial = random_formula(random, sizes, 2)
        if not holds(initial, first) and random.random() < 0.9:
            initial = No(initial)
    variables = [
        Cell(f"c{at}", tuple(range(n)), start, "state", "charger", f"c{at}")
        for at, (n, start) in enumerate(zip(sizes, starts, strict=True))
    ]
    if wide:
        _widen(random, variables, made, wide)
    return System(f"random {seed}", tuple(variables), tuple(made), initial)


def _widen(random: Random, cells: list[Cell], commands: list[Command], count: int) -> None:
    """Add cells that fill words, moving in step with the commands that are there."""
    base = len(cells)
    for at in range(count):
        start = (random.choice((0, 0, 0, 4)),)
        cells.append(Cell(f"w{at}", tuple(range(5)), start, "state", "csms", f"w{at}"))
    order = random.sample(range(base, base + count), count)
    for at in {0, len(commands) // 2} if commands else ():
        old = commands[at]
        shift = random.randint(1, 4)
        table = tuple((before + shift) % 5 for before in range(5))
        moved = tuple((cell, Copy(cell, table)) for cell in sorted(order))
        commands[at] = Command(old.label, old.guard, old.updates + moved)
    first, last = order[0], order[-1]
    reset = tuple((cell, Index(random.randrange(5))) for cell in sorted(order))
    commands.append(Command(label("Reset"), Is(first, (2, 3)), reset))
    crossing = All((Is(first, (1, 4)), No(Is(last, (0,)))))
    commands.append(Command(label("Move"), crossing, ((last, Copy(first, (0, 0, 3, 1, 2))),)))
    copied = Choice(Is(last, (1, 2)), Copy(last, (4, 3, 2, 1, 0)), Copy(0, _fold(cells[0])))
    commands.append(Command(label("Cross"), Is(last, (0, 2)), ((first, copied),)))


def _fold(cell: Cell) -> tuple[int, ...]:
    return tuple(at % 5 for at in range(len(cell.domain)))


def ask(seed: int, system: System, count: int = 3) -> list[Question]:
    """That many questions: single formulas, and conjunctions that few states satisfy."""
    random = Random(seed)
    sizes = tuple(len(cell.domain) for cell in system.cells)
    made = []
    for at in range(count):
        if random.random() < 0.3:
            goal = random_formula(random, sizes)
        else:
            goal = All(tuple(random_atom(random, sizes) for _ in range(random.randint(2, 4))))
        made.append(Question(f"q{at}", goal))
    return made


@st.composite
def systems(
    draw: st.DrawFn, *, max_cells: int = 5, max_size: int = 5, max_commands: int = 8, wide: int = 0
) -> System:
    """A random system of at most max_size ** max_cells states; `wide` as in `build`, a maximum."""
    seed = draw(st.integers(0, 2**32 - 1))
    cells = max_cells - draw(st.integers(0, max_cells - 1))  # large ones first: they show more
    size = max_size - draw(st.integers(0, max_size - 2))
    commands = max_commands - draw(st.integers(0, max_commands - 1))
    added = draw(st.integers(min(wide, 10), wide)) if wide else 0
    whole = build(seed, cells, size, commands, added)
    dropped = draw(st.sets(st.integers(0, len(whole.commands) - 1), max_size=len(whole.commands)))
    kept = tuple(each for at, each in enumerate(whole.commands) if at not in dropped)
    return System(whole.name, whole.cells, kept, whole.initial)


def questions(system: System, max_count: int = 4) -> st.SearchStrategy[list[Question]]:
    """Some questions about the system."""
    return st.builds(
        lambda seed, count: ask(seed, system, count),
        st.integers(0, 2**32 - 1),
        st.integers(1, max_count),
    )
