"""From a model to its ground system.

Every action becomes guarded commands, one per values of its parameters. A call in flight is one cell
per role, its *slot*: nothing, in flight, or answered and on its way back. A slot remembers only what
can still matter:

- arguments that no reply, receipt or loss reads are forgotten at once;
- an answer whose arrival changes nothing is received in the moment it is sent;
- a call waits *behind* an answer only if that answer still changes something when it arrives.

Each of these merges states that no further run can tell apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from ocpp_verify.ir.expr import Const, Expr, Param, VarRef, free_params, walk
from ocpp_verify.ir.formula import (
    NO,
    YES,
    after,
    among,
    cells_of,
    choice,
    every,
    negation,
    some,
    term_after,
)
from ocpp_verify.ir.grounding import Env, Grounding
from ocpp_verify.ir.model import (
    ONLINE,
    ROLES,
    Assign,
    Call,
    ClearQueue,
    Event,
    ForEach,
    Hidden,
    Model,
    Parameter,
    Queue,
    Reaction,
    Reply,
    Restart,
    Role,
    SetLink,
    Update,
    Variable,
    peer,
)
from ocpp_verify.ir.properties import Monitor, Pattern, Scenario, Watch
from ocpp_verify.ir.system import (
    Cell,
    Command,
    Copy,
    Formula,
    GroundDuty,
    Index,
    Label,
    System,
    Term,
)
from ocpp_verify.ir.types import Value, domain

Args = tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class InFlight:
    """A call on its way or being handled. `behind`: an answer sent earlier arrives first."""

    call: str
    args: Args
    behind: bool = False

    def __str__(self) -> str:
        return f"{_shown(self.call, self.args)} {'behind' if self.behind else 'in flight'}"


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer on its way back."""

    call: str
    args: Args
    outcome: str
    answer: Args

    def __str__(self) -> str:
        return f"{_shown(self.call, self.args)}.{self.outcome} on its way"


@dataclass(frozen=True, slots=True)
class Stored:
    """A queued call."""

    call: str
    args: Args

    def __str__(self) -> str:
        return _shown(self.call, self.args)


def _shown(call: str, args: Args) -> str:
    return f"{call}({', '.join(f'{name}={value}' for name, value in args)})"


def assignments(params: Sequence[Parameter]) -> Iterator[Args]:
    """All values of the parameters, in the order of their domains."""
    for values in product(*(domain(each.type) for each in params)):
        yield tuple((each.name, value) for each, value in zip(params, values, strict=True))


def _updates_owner(model: Model, updates: Sequence[Update], role: str) -> tuple[Update, ...]:
    """The updates that a reply makes at `role`; a reply has no effect on the link."""
    kept: list[Update] = []
    for update in updates:
        match update:
            case Assign():
                if model.variable(update.variable).owner == role:
                    kept.append(update)
            case ForEach():
                inner = _updates_owner(model, update.updates, role)
                if inner:
                    kept.append(ForEach(update.name, update.over, update.condition, inner))
            case Restart() | ClearQueue():
                if update.role == role:
                    kept.append(update)
            case SetLink():
                pass
    return tuple(kept)


def _params_of_updates(updates: Sequence[Update]) -> frozenset[str]:
    names: frozenset[str] = frozenset()
    for update in updates:
        match update:
            case Assign():
                names |= free_params(update.value).union(
                    *(free_params(each) for each in update.indices)
                )
            case ForEach():
                names |= (
                    free_params(update.condition) | _params_of_updates(update.updates)
                ) - {update.name}
            case Restart() | SetLink() | ClearQueue():
                pass
    return names


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a call's slot has to remember."""

    call: Call
    flight: tuple[Parameter, ...]
    back: tuple[Parameter, ...]
    stored: tuple[Parameter, ...]
    silent_receipt: dict[str, bool] = field(default_factory=dict)
    answer_kept: dict[str, tuple[Parameter, ...]] = field(default_factory=dict)
    same_receipt: dict[str, str] = field(default_factory=dict)


def _shape(
    model: Model, call: Call, watched: Sequence[Watch | Pattern], on_the_wire: bool
) -> _Shape:
    lost = _params_of_updates(call.lost)
    receipts: dict[str, tuple[Update, ...]] = {
        reply.name: _updates_owner(model, reply.updates, call.sender) for reply in call.replies
    }
    patterns = [each.pattern if isinstance(each, Watch) else each for each in watched]
    seen_reply = _args_watched(patterns, call.name, ("reply",))
    seen_receipt = _args_watched(patterns, call.name, ("received", "lost"))
    watches_receipt = any(
        each.action == call.name and each.phase in ("received", "lost") for each in patterns
    )
    at_receipt = lost | seen_receipt
    for updates in receipts.values():
        at_receipt |= _params_of_updates(updates)
    at_reply = free_params(call.silent) | at_receipt | seen_reply
    for reply in call.replies:
        at_reply |= free_params(reply.guard)
        at_reply |= _params_of_updates(_updates_owner(model, reply.updates, call.receiver))
    at_sending = _args_watched(patterns, call.name, ("sent",)).union(
        *(free_params(each.computed) for each in call.params if each.computed is not None)
    )
    stored = tuple(
        each
        for each in call.params
        if call.queued
        and each.computed is None
        and (
            each.name in at_sending | at_reply
            or (on_the_wire and not each.internal)
        )
    )
    kept_in_queue = {each.name for each in stored}
    silent_receipt = {
        name: not updates and not call.lost and not watches_receipt
        for name, updates in receipts.items()
    }
    answer_kept = {
        reply.name: tuple(
            each
            for each in reply.params
            if each.name in _params_of_updates(receipts[reply.name]) | seen_receipt
        )
        for reply in call.replies
    }
    return _Shape(
        call,
        tuple(
            each for each in call.params if each.name in at_reply and each.name not in kept_in_queue
        ),
        tuple(
            each
            for each in call.params
            if each.name in at_receipt and each.name not in kept_in_queue
        ),
        stored,
        silent_receipt,
        answer_kept,
        _same_receipts(call, receipts, apart=watches_receipt),
    )


def _same_receipts(
    call: Call, receipts: dict[str, tuple[Update, ...]], *, apart: bool
) -> dict[str, str]:
    """For each outcome the first one whose arrival does the same."""
    first: dict[object, str] = {}
    return {
        reply.name: reply.name
        if apart
        else first.setdefault(
            (_bare(receipts[reply.name]), tuple((each.name, each.type) for each in reply.params)),
            reply.name,
        )
        for reply in call.replies
    }


def _bare(updates: Sequence[Update]) -> tuple[object, ...]:
    """The updates without their places and rules, to compare what they do."""
    bare: list[object] = []
    for update in updates:
        match update:
            case Assign():
                bare.append((update.variable, update.indices, update.value))
            case ForEach():
                inner = _bare(update.updates)
                bare.append((update.name, update.over, update.condition, inner))
            case Restart() | SetLink() | ClearQueue():
                bare.append(update)
    return tuple(bare)


def _args_watched(
    patterns: Sequence[Pattern], call: str, phases: tuple[str, ...]
) -> frozenset[str]:
    return frozenset(
        name
        for each in patterns
        if each.action == call and each.phase in phases
        for name, value in each.args
        if value is not None
    )


def _restrict(args: Args, params: Sequence[Parameter]) -> Args:
    names = {each.name for each in params}
    return tuple((name, value) for name, value in args if name in names)


class Lowering:
    """A model's ground system, and the translation of further expressions over its cells.

    Monitors add their ghosts as cells and their updates to the steps they watch; `bad` holds, for
    each monitor, the condition under which a step is enabled that breaks one of its assertions,
    `bad_steps` the same by command, and `seen`, for each monitor and watch of it, the condition
    under which a step is enabled that the watch is about.
    Scenarios add one cell of progress each; `goals` holds the condition that a scenario is complete.
    """

    def __init__(
        self,
        model: Model,
        monitors: Sequence[Monitor] = (),
        scenarios: Sequence[Scenario] = (),
        *,
        on_the_wire: bool = False,
    ) -> None:
        self.model = model
        self._monitors = tuple(monitors)
        self._scenarios = tuple(scenarios)
        watched: list[Watch | Pattern] = [
            watch for monitor in monitors for watch in monitor.watches
        ]
        watched += [
            item for each in scenarios for item in each.items if isinstance(item, Pattern)
        ]
        self._shapes = {call.name: _shape(model, call, watched, on_the_wire) for call in model.calls()}
        self._queues = {queue.role: queue for queue in model.queues}
        self._cells: list[Cell] = []
        self._build_cells()
        self.grounding = Grounding(tuple(self._cells))
        self._sizes = self.grounding.sizes
        self._reactions = self._reaction_instances()
        self._commands: list[Command] = []
        self.bad_steps: dict[str, list[tuple[int, Formula]]] = {
            monitor.name: [] for monitor in monitors
        }
        self._seen: dict[tuple[str, int], list[Formula]] = {
            (monitor.name, at): [] for monitor in monitors for at in range(len(monitor.watches))
        }
        for action in model.actions:
            match action:
                case Event():
                    self._simple(action, "environment", visible=True)
                case Hidden():
                    self._simple(action, action.role, visible=False)
                case Call():
                    self._call(action)
        self._marks()
        self.bad = {
            name: some(part for _, part in parts) for name, parts in self.bad_steps.items()
        }
        self.seen = {watch: some(parts) for watch, parts in self._seen.items()}
        self.goals = {each.name: self._complete(each) for each in scenarios}
        bounds = tuple(
            f"at most {queue.capacity} queued calls at the {queue.role}" for queue in model.queues
        )
        self.system = System(
            model.name,
            tuple(self._cells),
            tuple(self._commands),
            duties=tuple(self._duties()),
            sizes=model.sizes,
            rests_on=bounds,
        )

    # cells ------------------------------------------------------------------------------------

    def _build_cells(self) -> None:
        for variable in self.model.variables:
            self._add_variable(variable, "config" if variable.config or variable.trait else "state")
        self._online = len(self._cells)
        if all(variable.name != ONLINE for variable in self.model.variables):
            self._cells.append(Cell(ONLINE, (False, True), (0,), "link", "link", ONLINE))
        self._slot: dict[Role, int] = {}
        for role in ROLES:
            values: list[object] = [None]
            for shape in self._shapes.values():
                if shape.call.sender == role:
                    values += self._slot_values(shape)
            self._slot[role] = len(self._cells)
            self._cells.append(Cell(f"{role}'s call", tuple(values), (0,), "slot", role))
        self._entries: dict[Role, list[int]] = {role: [] for role in ROLES}
        for queue in self.model.queues:
            stored: list[object] = [None]
            for shape in self._shapes.values():
                if shape.call.queued and shape.call.sender == queue.role:
                    stored += [
                        Stored(shape.call.name, args) for args in assignments(shape.stored)
                    ]
            for at in range(queue.capacity):
                self._entries[queue.role].append(len(self._cells))
                name = f"{queue.role}'s queue[{at}]"
                self._cells.append(Cell(name, tuple(stored), (0,), "queue", queue.role))
        for monitor in self._monitors:
            for ghost in monitor.ghosts:
                self._add_variable(ghost, "ghost")
        self._progress: dict[str, int] = {}
        for scenario in self._scenarios:
            marks = tuple(
                (args, at)
                for args in assignments(scenario.params)
                for at in range(len(scenario.items) + 1)
            )
            starts = tuple(number for number, (_, at) in enumerate(marks) if at == 0)
            self._progress[scenario.name] = len(self._cells)
            self._cells.append(Cell(f"progress of {scenario.name}", marks, starts, "ghost", "monitor"))

    def _add_variable(self, variable: Variable, kind: str) -> None:
        values = domain(variable.type)
        for indices in product(*(each.values for each in variable.indices)):
            if variable.initial is None:
                initial = tuple(range(len(values)))
            else:
                bound = {f"index{at}": value for at, value in enumerate(indices)}
                start = _constant(variable.initial, bound)
                initial = (values.index(start),)
            shown = f"{variable.name}[{', '.join(map(str, indices))}]" if indices else variable.name
            self._cells.append(
                Cell(shown, values, initial, kind, variable.owner, variable.name, tuple(indices))  # type: ignore[arg-type]
            )

    def _slot_values(self, shape: _Shape) -> list[object]:
        name = shape.call.name
        values: list[object] = []
        for args in assignments(shape.flight):
            values += [InFlight(name, args), InFlight(name, args, behind=True)]
        for reply in shape.call.replies:
            if not shape.silent_receipt[reply.name] and shape.same_receipt[reply.name] == reply.name:
                values += [
                    Answered(name, args, reply.name, answer)
                    for args in assignments(shape.back)
                    for answer in assignments(shape.answer_kept[reply.name])
                ]
        return values

    # conditions on the link -------------------------------------------------------------------

    def _slot_is(self, role: Role, *values: object) -> Formula:
        cell = self._slot[role]
        known = self._cells[cell].domain
        return among(cell, (known.index(each) for each in values), self._sizes[cell])

    def _slot_to(self, role: Role, value: object) -> tuple[int, Term]:
        return self._slot[role], Index(self._cells[self._slot[role]].domain.index(value))

    def _up(self) -> Formula:
        return among(self._online, (1,), 2)

    def _answer_waits(self, role: Role) -> Formula:
        """An answer to a call of `role` is on its way."""
        cell = self._slot[role]
        return among(
            cell,
            (
                at
                for at, value in enumerate(self._cells[cell].domain)
                if isinstance(value, Answered)
            ),
            self._sizes[cell],
        )

    def _entry_is(self, cell: int, *values: object) -> Formula:
        known = self._cells[cell].domain
        return among(cell, (known.index(each) for each in values), self._sizes[cell])

    # updates ----------------------------------------------------------------------------------

    def _effects(self, updates: Sequence[Update], env: Env) -> tuple[dict[int, Term], Formula]:
        """Terms by cell and the condition that all assigned values fit.

        What is assigned outright wins over `restart`, and that over what a lost call changes.
        """
        explicit: dict[int, Term] = {}
        restarted: dict[int, Term] = {}
        lost: dict[int, Term] = {}
        fits: list[Formula] = []
        self._collect(updates, env, YES, explicit, restarted, lost, fits)
        return {**lost, **restarted, **explicit}, every(fits)

    def _collect(
        self,
        updates: Sequence[Update],
        env: Env,
        condition: Formula,
        explicit: dict[int, Term],
        restarted: dict[int, Term],
        lost: dict[int, Term],
        fits: list[Formula],
    ) -> None:
        for update in updates:
            match update:
                case Assign():
                    self._assign(update, env, condition, explicit, fits)
                case ForEach():
                    for value in domain(update.over):
                        inner = {**env, update.name: value}
                        here = self.grounding.truth(update.condition, inner)
                        self._collect(
                            update.updates,
                            inner,
                            every((condition, here)),
                            explicit,
                            restarted,
                            lost,
                            fits,
                        )
                case Restart():
                    for number, cell in enumerate(self._cells):
                        variable = cell.variable
                        if cell.owner != update.role or cell.kind != "state":
                            continue
                        if not self.model.variable(variable).persistent:
                            restarted[number] = Index(cell.initial[0])
                case SetLink():
                    explicit[self._online] = Index(int(update.up))
                    if not update.up:
                        for role in ROLES:
                            self._lose(role, explicit, lost)
                case ClearQueue():
                    for number in self._entries[update.role]:
                        explicit[number] = Index(0)

    def _assign(
        self,
        update: Assign,
        env: Env,
        condition: Formula,
        into: dict[int, Term],
        fits: list[Formula],
    ) -> None:
        choices = [self.grounding.cases(each, env) for each in update.indices]
        for indices in product(*choices):
            here = every(
                (condition, *(each[at] for each, at in zip(choices, indices, strict=True)))
            )
            cell = self.grounding.cell(update.variable, tuple(indices))
            term, fit = self.grounding.term(cell, update.value, env)
            fits.append(some((negation(here), fit)))
            stays = into.get(cell, Copy(cell, tuple(range(self._sizes[cell]))))
            into[cell] = choice(here, term, stays)

    def _lose(self, role: Role, explicit: dict[int, Term], lost: dict[int, Term]) -> None:
        cell = self._slot[role]
        explicit[cell] = Index(0)
        for shape in self._shapes.values():
            call = shape.call
            if call.sender != role or not call.lost:
                continue
            for number, value in enumerate(self._cells[cell].domain):
                if not isinstance(value, InFlight | Answered) or value.call != call.name:
                    continue
                here = among(cell, (number,), self._sizes[cell])
                for env, where in self._known_args(shape, dict(value.args)):
                    condition = every((here, where))
                    inner, _ = self._effects(call.lost, env)
                    for target, term in inner.items():
                        stays = lost.get(target, Copy(target, tuple(range(self._sizes[target]))))
                        lost[target] = choice(condition, term, stays)

    def _known_args(
        self, shape: _Shape, kept: Mapping[str, Value]
    ) -> Iterator[tuple[dict[str, Value], Formula]]:
        """The arguments of a call in flight, with the condition that tells them."""
        if not shape.call.queued:
            yield dict(kept), YES
            return
        head = self._entries[shape.call.sender][0]
        for args in assignments(shape.stored):
            yield {**kept, **dict(args)}, self._entry_is(head, Stored(shape.call.name, args))

    # commands ---------------------------------------------------------------------------------

    def _emit(
        self,
        label: Label,
        guard: Formula,
        updates: dict[int, Term],
        phases: tuple[str, ...],
        source: Event | Hidden | Call | Reply,
        rules: tuple[str, ...] = (),
    ) -> None:
        """Add the command, with what reactions, monitors and scenarios do at this step."""
        if guard == NO:
            return
        self._react(updates)
        known = {**dict(label.args), **dict(label.answer)}
        for monitor in self._monitors:
            for at, watch in enumerate(monitor.watches):
                if watch.pattern.phase not in phases:
                    continue
                env = self._binds(watch.pattern, watch.params, label, known)
                if env is None:
                    continue
                holds = self.grounding.truth(watch.asserted, env)
                matched = self._matches(watch.pattern, env, known)
                number = len(self._commands)
                broken = every((guard, matched, negation(holds)))
                if broken != NO:
                    self.bad_steps[monitor.name].append((number, broken))
                self._seen[monitor.name, at].append(every((guard, matched)))
                ghosts, _ = self._effects(watch.updates, env)
                for cell, term in ghosts.items():
                    stays = updates.get(cell, Copy(cell, tuple(range(self._sizes[cell]))))
                    updates[cell] = choice(matched, term, stays)
        for scenario in self._scenarios:
            cell = self._progress[scenario.name]
            marks = self._cells[cell].domain
            table = []
            for number, mark in enumerate(marks):
                args, at = mark  # type: ignore[misc]
                item = scenario.items[at] if at < len(scenario.items) else None
                hit = (
                    isinstance(item, Pattern)
                    and item.phase in phases
                    and self._fits(item, dict(args), label, known)
                )
                table.append(number + 1 if hit else number)
            if table != list(range(len(marks))):
                updates[cell] = Copy(cell, tuple(table))
        self._commands.append(
            Command(
                label,
                guard,
                tuple(sorted(updates.items())),
                source.at,
                rules or source.rules,
            )
        )

    def _react(self, updates: dict[int, Term]) -> None:
        """Let the model's reactions follow the updates."""
        added: dict[int, Term] = {}
        for reaction, env, values, reads in self._reactions:
            if not reads & updates.keys():
                continue
            changed = some(
                every((now, negation(after(now, updates, self._sizes))))
                for now in values.values()
            )
            if changed == NO:
                continue
            effects, _ = self._effects(reaction.updates, env)
            for cell, term in effects.items():
                stays = added.get(cell, updates.get(cell, Copy(cell, tuple(range(self._sizes[cell])))))
                added[cell] = choice(changed, term_after(term, updates, self._sizes), stays)
        updates.update(added)

    def _reaction_instances(
        self,
    ) -> list[tuple[Reaction, Env, dict[Value, Formula], frozenset[int]]]:
        instances = []
        for reaction in self.model.reactions:
            for args in assignments(reaction.params):
                env = dict(args)
                values = self.grounding.cases(reaction.body, env)
                reads = frozenset[int]().union(*(cells_of(each) for each in values.values()))
                instances.append((reaction, env, values, reads))
        return instances

    def _fits(
        self, pattern: Pattern, env: Env, label: Label, known: Mapping[str, Value]
    ) -> bool:
        if pattern.action != label.action:
            return False
        if pattern.outcome not in (None, "_", label.outcome):
            return False
        return all(
            value is None or known.get(name) == _constant(value, env)
            for name, value in pattern.args
        )

    def _binds(
        self,
        pattern: Pattern,
        params: Sequence[Parameter],
        label: Label,
        known: Mapping[str, Value],
    ) -> dict[str, Value] | None:
        """Values for the names that the step binds; None if the pattern is about other steps."""
        if pattern.action != label.action or pattern.outcome not in (None, "_", label.outcome):
            return None
        env: dict[str, Value] = {}
        for name, value in pattern.args:
            if isinstance(value, Param) and any(each.name == value.name for each in params):
                if env.setdefault(value.name, known[name]) != known[name]:
                    return None
        return env

    def _matches(self, pattern: Pattern, env: Env, known: Mapping[str, Value]) -> Formula:
        parts = []
        for name, value in pattern.args:
            if value is None:
                continue
            parts.append(self.grounding.cases(value, env).get(known[name], negation(YES)))
        return every(parts)

    def _simple(self, action: Event | Hidden, actor: str, *, visible: bool) -> None:
        for args in assignments(action.params):
            env = dict(args)
            guard = self.grounding.truth(action.guard, env)
            updates, fits = self._effects(action.updates, env)
            label = Label("step", action.name, args, actor, action.role, visible)  # type: ignore[arg-type]
            self._emit(label, every((guard, fits)), updates, ("step",), action)

    def _call(self, call: Call) -> None:
        shape = self._shapes[call.name]
        if call.queued:
            self._store(call, shape)
            self._send_stored(call, shape)
        else:
            self._send(call, shape)
        for reply in call.replies:
            self._answer(call, shape, reply)

    def _launch(self, call: Call, kept: Args) -> tuple[int, Term]:
        """The slot with the call in it, behind an answer that is on its way to the same side."""
        cell, plain = self._slot_to(call.sender, InFlight(call.name, kept))
        _, behind = self._slot_to(call.sender, InFlight(call.name, kept, behind=True))
        return cell, choice(self._answer_waits(call.receiver), behind, plain)

    def _send(self, call: Call, shape: _Shape) -> None:
        free = every((self._up(), self._slot_is(call.sender, None)))
        for args in assignments(call.params):
            env = dict(args)
            guard = self.grounding.truth(call.guard, env)
            updates, fits = self._effects(call.updates, env)
            cell, term = self._launch(call, _restrict(args, shape.flight))
            updates[cell] = term
            label = Label("sent", call.name, args, call.sender, call.sender, visible=True)
            self._emit(label, every((free, guard, fits)), updates, ("sent",), call)

    def _store(self, call: Call, shape: _Shape) -> None:
        entries = self._entries[call.sender]
        room = self._entry_is(entries[-1], None)
        for args in assignments([each for each in call.params if each.computed is None]):
            env = dict(args)
            guard = self.grounding.truth(call.guard, env)
            updates, fits = self._effects(call.updates, env)
            for at, cell in enumerate(entries):
                entry = Stored(call.name, _restrict(args, shape.stored))
                number = self._cells[cell].domain.index(entry)
                first = [self._entry_is(cell, None)]
                if at:
                    first.append(negation(self._entry_is(entries[at - 1], None)))
                stays = Copy(cell, tuple(range(self._sizes[cell])))
                updates[cell] = choice(every(first), Index(number), stays)
            label = Label("queued", call.name, args, call.sender, call.sender, visible=False)
            self._emit(label, every((room, guard, fits)), updates, ("queued",), call)

    def _send_stored(self, call: Call, shape: _Shape) -> None:
        queue = self._queues[call.sender]
        free = every((self._up(), self._slot_is(call.sender, None), self._queue_open(queue)))
        computed = [each for each in call.params if each.computed is not None]
        head = self._entries[call.sender][0]
        for args in assignments(shape.stored):
            env = dict(args)
            here = self._entry_is(head, Stored(call.name, args))
            cases = [
                self.grounding.cases(each.computed, env)  # type: ignore[arg-type]
                for each in computed
            ]
            for values in product(*cases):
                known = {
                    **env,
                    **{each.name: value for each, value in zip(computed, values, strict=True)},
                }
                told = every(case[value] for case, value in zip(cases, values, strict=True))
                full = tuple(
                    (each.name, known[each.name]) for each in call.params if each.name in known
                )
                cell, term = self._launch(call, _restrict(full, shape.flight))
                label = Label("sent", call.name, full, call.sender, call.sender, visible=True)
                self._emit(label, every((free, here, told)), {cell: term}, ("sent",), call)

    def _queue_open(self, queue: Queue) -> Formula:
        return every(self.grounding.truth(each.expr, {}) for each in queue.guards)

    def _answer(self, call: Call, shape: _Shape, reply: Reply) -> None:
        receipt = _updates_owner(self.model, reply.updates, call.sender)
        at_reply = _updates_owner(self.model, reply.updates, call.receiver)
        silent = shape.silent_receipt[reply.name]
        for kept in assignments(shape.flight):
            waiting = every(
                (self._up(), self._slot_is(call.sender, InFlight(call.name, kept)))
            )
            for known, where in self._known_args(shape, dict(kept)):
                for answer in assignments(reply.params):
                    env = {**known, **dict(answer)}
                    guard = every(
                        (
                            waiting,
                            where,
                            self.grounding.truth(reply.guard, env),
                            negation(self.grounding.truth(call.silent, env)),
                        )
                    )
                    updates, fits = self._effects(at_reply, env)
                    if silent:
                        self._free(call, updates)
                    else:
                        cell, term = self._slot_to(
                            call.sender,
                            Answered(
                                call.name,
                                _restrict(tuple(known.items()), shape.back),
                                shape.same_receipt[reply.name],
                                _restrict(answer, shape.answer_kept[reply.name]),
                            ),
                        )
                        updates[cell] = term
                    args = tuple(
                        (each.name, known[each.name])
                        for each in call.params
                        if each.name in known
                    )
                    label = Label(
                        "reply",
                        call.name,
                        args,
                        call.receiver,
                        call.receiver,
                        visible=True,
                        outcome=reply.name,
                        answer=answer,
                    )
                    self._emit(
                        label,
                        every((guard, fits)),
                        updates,
                        ("reply",),
                        reply,
                        reply.rules or call.rules,
                    )
        if silent or shape.same_receipt[reply.name] != reply.name:
            return
        for kept in assignments(shape.back):
            for answer in assignments(shape.answer_kept[reply.name]):
                arrives = every(
                    (
                        self._up(),
                        self._slot_is(
                            call.sender, Answered(call.name, kept, reply.name, answer)
                        ),
                    )
                )
                for known, where in self._known_args(shape, dict(kept)):
                    env = {**known, **dict(answer)}
                    updates, fits = self._effects(receipt, env)
                    self._free(call, updates)
                    self._unblock(peer(call.sender), updates)
                    args = tuple(known.items())
                    label = Label(
                        "received",
                        call.name,
                        args,
                        call.sender,
                        call.sender,
                        visible=False,
                        outcome=reply.name,
                        answer=answer,
                    )
                    self._emit(
                        label, every((arrives, where, fits)), updates, ("received",), reply
                    )

    def _free(self, call: Call, updates: dict[int, Term]) -> None:
        """The call is over: its slot is free and, if it was stored, the queue moves up."""
        updates[self._slot[call.sender]] = Index(0)
        if call.queued:
            entries = self._entries[call.sender]
            for cell, following in zip(entries, entries[1:], strict=False):
                updates[cell] = Copy(following, tuple(range(self._sizes[following])))
            updates[entries[-1]] = Index(0)

    def _unblock(self, role: Role, updates: dict[int, Term]) -> None:
        """The answer that a call of `role` was behind has arrived."""
        cell = self._slot[role]
        values = self._cells[cell].domain
        table = tuple(
            values.index(InFlight(value.call, value.args))
            if isinstance(value, InFlight) and value.behind
            else number
            for number, value in enumerate(values)
        )
        if table != tuple(range(len(values))):
            updates[cell] = Copy(cell, table)

    # duties -----------------------------------------------------------------------------------

    def _duties(self) -> Iterator[GroundDuty]:
        seconds = {each.name: each.seconds for each in self.model.settings}
        for duty in self.model.duties:
            action = self.model.action(duty.action)
            owner = action.sender if isinstance(action, Call) else action.role
            for args in assignments(duty.params):
                env = dict(args)
                parts = [self.grounding.truth(duty.while_, env)]
                if isinstance(action, Call) and action.queued:
                    parts.append(self._entry_is(self._entries[action.sender][-1], None))
                elif isinstance(action, Call):
                    parts += [self._up(), self._slot_is(action.sender, None)]
                done = tuple(
                    number
                    for number, command in enumerate(self._commands)
                    if command.label.action == duty.action
                    and command.label.phase in ("step", "queued" if getattr(action, "queued", False) else "sent")
                    and all(dict(command.label.args).get(name) == value for name, value in args)
                )
                pending = every(parts)
                if pending == negation(YES):
                    continue
                within = duty.within
                yield GroundDuty(
                    _shown(duty.action, args),
                    owner,
                    pending,
                    done,
                    within.seconds if within.name is None else seconds[within.name],
                    within.name,
                    duty.at,
                    duty.rules,
                    duty.advice,
                )
        for shape in self._shapes.values():
            yield from self._duty_to_answer(shape)
        for queue in self.model.queues:
            head = self._entries[queue.role][0]
            pending = every(
                (
                    self._up(),
                    self._slot_is(queue.role, None),
                    self._queue_open(queue),
                    negation(self._entry_is(head, None)),
                )
            )
            done = tuple(
                number
                for number, command in enumerate(self._commands)
                if command.label.phase == "sent"
                and self._shapes[command.label.action].call.queued
                and command.label.role == queue.role
            )
            yield GroundDuty(
                f"send what is queued at the {queue.role}", queue.role, pending, done, None, None, queue.at
            )

    def _duty_to_answer(self, shape: _Shape) -> Iterator[GroundDuty]:
        call = shape.call
        waiting = []
        for kept in assignments(shape.flight):
            here = self._slot_is(call.sender, InFlight(call.name, kept))
            for known, where in self._known_args(shape, dict(kept)):
                excused = self.grounding.truth(call.silent, known)
                waiting.append(every((here, where, negation(excused))))
        done = tuple(
            number
            for number, command in enumerate(self._commands)
            if command.label.phase == "reply" and command.label.action == call.name
        )
        yield GroundDuty(
            f"answer {call.name}",
            call.receiver,
            every((self._up(), some(waiting))),
            done,
            None,
            None,
            call.at,
            call.rules,
        )

    # scenarios --------------------------------------------------------------------------------

    def _marks(self) -> None:
        """Steps that note that a condition of a scenario holds."""
        for scenario in self._scenarios:
            cell = self._progress[scenario.name]
            for number, mark in enumerate(self._cells[cell].domain):
                args, at = mark  # type: ignore[misc]
                item = scenario.items[at] if at < len(scenario.items) else None
                if item is None or isinstance(item, Pattern):
                    continue
                here = among(cell, (number,), self._sizes[cell])
                condition = self.grounding.truth(item, dict(args))
                label = Label(
                    "step", f"mark {scenario.name} {at + 1}", (), "environment", "monitor", False
                )
                self._commands.append(
                    Command(label, every((here, condition)), ((cell, Index(number + 1)),), scenario.at)
                )

    def _complete(self, scenario: Scenario) -> Formula:
        cell = self._progress[scenario.name]
        return among(
            cell,
            (
                number
                for number, (_, at) in enumerate(self._cells[cell].domain)  # type: ignore[misc]
                if at == len(scenario.items)
            ),
            self._sizes[cell],
        )

    def formula(self, expr: Expr, env: Env | None = None) -> Formula:
        """An expression over the model's variables as a formula over the cells."""
        return self.grounding.truth(expr, env or {})


def _constant(expr: Expr, env: Env) -> Value:
    """The value of an expression that reads no variable."""
    if isinstance(expr, Const):
        return expr.value
    assert not any(isinstance(node, VarRef) for node in walk(expr)), expr
    cases = Grounding(()).cases(expr, env)
    (value,) = cases
    return value


def lower(
    model: Model,
    monitors: Sequence[Monitor] = (),
    scenarios: Sequence[Scenario] = (),
    *,
    on_the_wire: bool = False,
) -> Lowering:
    """The ground system of a model, with these monitors and scenarios watching.

    `on_the_wire`: queued calls keep all they will show on the wire, as a tester needs it; otherwise
    only what can still matter.
    """
    return Lowering(model, monitors, scenarios, on_the_wire=on_the_wire)
