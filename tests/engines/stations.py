"""A made-up charging station of any size, for measurements: counted by the agreement of engines."""

from __future__ import annotations

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
    System,
    Term,
)


class _Builder:
    def __init__(self, mirrors: int) -> None:
        self.cells: list[Cell] = []
        self.commands: list[Command] = []
        self.mirrors = mirrors
        self._mirror: dict[int, list[int]] = {}

    def cell(self, name: str, size: int, start: int = 0) -> int:
        """A cell, followed by its mirrors: further cells that always hold the same value."""
        at = len(self.cells)
        for each in (name, *(f"{name}'{number}" for number in range(self.mirrors))):
            self.cells.append(Cell(each, tuple(range(size)), (start,), "state", "charger", each))
        self._mirror[at] = list(range(at, len(self.cells)))
        return at

    def command(self, name: str, guards: list[Formula], **updates: Term) -> None:
        """`updates` by cell number, written c7=...; mirrors follow."""
        guard = guards[0] if len(guards) == 1 else All(tuple(guards))
        written = tuple(
            (each, term) for cell, term in updates.items() for each in self._mirror[int(cell[1:])]
        )
        label = Label("step", name, (), "charger", "charger", False)
        self.commands.append(Command(label, guard, tuple(sorted(written, key=lambda w: w[0]))))


def station(connectors: int, tags: int = 2, mirrors: int = 0) -> System:
    """Each connector has a cable, a tag, a reservation, an availability and a fault flag.

    The states are the same with mirrors and take so many times more bits. 2 connectors and 2 tags
    have some 10^4 states, 3 connectors some 10^6; about 18 commands for a connector and tag.
    """
    made = _Builder(mirrors)
    link = made.cell("link", 3)
    queue = made.cell("queue", 3)
    valid = [made.cell(f"valid{tag}", 2, 1) for tag in range(tags)]
    cable = [made.cell(f"cable{c}", 2) for c in range(connectors)]
    user = [made.cell(f"user{c}", tags + 1) for c in range(connectors)]
    holder = [made.cell(f"holder{c}", tags + 1) for c in range(connectors)]
    usable = [made.cell(f"usable{c}", 3) for c in range(connectors)]
    faulty = [made.cell(f"faulty{c}", 2) for c in range(connectors)]
    up, room = Is(link, (2,)), Is(queue, (0, 1))
    for before, after, name in ((0, 1, "boot"), (1, 2, "accepted"), (2, 0, "lost"), (1, 0, "drop")):
        made.command(name, [Is(link, (before,))], **{f"c{link}": Index(after)})
    made.command("flush", [up, No(Is(queue, (0,)))], **{f"c{queue}": Copy(queue, (0, 0, 1))})
    for tag in range(tags):
        idle = [Any((Is(user[c], (0,)), No(Is(user[c], (tag + 1,))))) for c in range(connectors)]
        made.command(
            f"block{tag}", [up, *idle, Is(valid[tag], (1,))], **{f"c{valid[tag]}": Index(0)}
        )
        made.command(f"allow{tag}", [up, Is(valid[tag], (0,))], **{f"c{valid[tag]}": Index(1)})
    for c in range(connectors):
        free = [Is(user[c], (0,)), Is(faulty[c], (0,))]
        made.command(f"plug{c}", [Is(cable[c], (0,))], **{f"c{cable[c]}": Index(1)})
        made.command(f"unplug{c}", [Is(cable[c], (1,)), free[0]], **{f"c{cable[c]}": Index(0)})
        made.command(f"fault{c}", [Is(faulty[c], (0,))], **{f"c{faulty[c]}": Index(1),
                     f"c{user[c]}": Index(0), f"c{queue}": Choice(Is(user[c], (0,)),
                     Copy(queue, (0, 1, 2)), Copy(queue, (1, 2, 2)))})  # fmt: skip
        made.command(f"repair{c}", [Is(faulty[c], (1,))], **{f"c{faulty[c]}": Index(0)})
        made.command(f"expire{c}", [No(Is(holder[c], (0,)))], **{f"c{holder[c]}": Index(0)})
        made.command(f"off{c}", [up, Is(usable[c], (0,))], **{
            f"c{usable[c]}": Choice(Is(user[c], (0,)), Index(1), Index(2))})  # fmt: skip
        made.command(f"on{c}", [up, No(Is(usable[c], (0,)))], **{f"c{usable[c]}": Index(0)})
        for tag in range(tags):
            mine = tag + 1
            others = [c2 for c2 in range(connectors) if c2 != c]
            known = Any((Is(valid[tag], (1,)), No(up)))
            alone: list[Formula] = [No(Is(user[c2], (mine,))) for c2 in others]
            single: list[Formula] = [No(Is(holder[c2], (mine,))) for c2 in others]
            made.command(
                f"reserve{c}{tag}",
                [
                    up,
                    *free,
                    Is(holder[c], (0,)),
                    Is(usable[c], (0,)),
                    Is(valid[tag], (1,)),
                    *single,
                ],
                **{f"c{holder[c]}": Index(mine)},
            )
            made.command(f"cancel{c}{tag}", [up, Is(holder[c], (mine,))],
                         **{f"c{holder[c]}": Index(0)})  # fmt: skip
            for how in ("local", "remote"):
                made.command(
                    f"{how}{c}{tag}",
                    [known, room, *free, Is(cable[c], (1,)), Is(usable[c], (0,)),
                     Any((Is(holder[c], (0, mine)), Bool(False))), *alone,
                     up if how == "remote" else known],
                    **{f"c{user[c]}": Index(mine), f"c{holder[c]}": Index(0),
                       f"c{queue}": Choice(up, Copy(queue, (0, 1, 2)), Copy(queue, (1, 2, 2)))},
                )  # fmt: skip
                made.command(
                    f"stop {how}{c}{tag}",
                    [Is(user[c], (mine,)), room, known if how == "local" else up],
                    **{f"c{user[c]}": Index(0), f"c{usable[c]}": Copy(usable[c], (0, 1, 1)),
                       f"c{queue}": Choice(up, Copy(queue, (0, 1, 2)), Copy(queue, (1, 2, 2)))},
                )  # fmt: skip
    return System(f"station {connectors}", tuple(made.cells), tuple(made.commands))
