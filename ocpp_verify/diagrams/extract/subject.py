"""What a state diagram is about: `status(1)`, `registration`, `held[1]`, or `use[1], plugged[1]`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from ocpp_verify.diagnostics import did_you_mean
from ocpp_verify.diagrams.extract.alike import Alike, interchangeable
from ocpp_verify.errors import WrongInput
from ocpp_verify.ir.expr import Const, Expr, VarRef
from ocpp_verify.ir.formula import NO, every
from ocpp_verify.ir.lower import Lowering, assignments
from ocpp_verify.ir.model import ONLINE, Model, Parameter
from ocpp_verify.ir.properties import Property, Transitions
from ocpp_verify.ir.show import shown_value
from ocpp_verify.ir.system import Formula
from ocpp_verify.ir.types import BOOL, Type, Value, domain

_FORM = re.compile(r"\s*([A-Za-z_]\w*)\s*(?:\[([^\[\]()]*)\]|\(([^\[\]()]*)\))?\s*")
_OUTER_COMMA = re.compile(r",(?![^\[(]*[\])])")

Args = tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Watched:
    """An expression with values for its parameters.

    `over`: the types of its parameters or indices, of which it singles out a value each.
    """

    body: Expr
    type: Type
    args: Args = ()
    over: tuple[Type, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """Expressions whose joint value is the node of a diagram.

    Attributes:
        instances: one per values of parameters; a table is drawn for all of its values at once.
        table: the `transitions` that says which changes are permitted, if there is one.
    """

    title: str
    instances: tuple[tuple[Watched, ...], ...]
    table: Transitions | None = None


def cases(lowering: Lowering, watched: Sequence[Watched]) -> dict[str, Formula]:
    """The joint values as they are shown, each with its condition."""
    return {_shown(values): here for values, here in _cases(lowering, watched)}


def alike(lowering: Lowering, subject: Subject) -> Alike:
    """Which of its values differ only in the names of interchangeable things."""
    parts = {
        _shown(values): values for each in subject.instances for values, _ in _cases(lowering, each)
    }
    singled_out = {of for watched in subject.instances for each in watched for of in each.over}
    sorts = tuple(interchangeable(each.type, singled_out) for each in subject.instances[0])
    return Alike(parts, sorts)


def _shown(values: tuple[Value, ...]) -> str:
    return ", ".join(map(shown_value, values))


def _cases(
    lowering: Lowering, watched: Sequence[Watched]
) -> Iterator[tuple[tuple[Value, ...], Formula]]:
    parts = [lowering.grounding.cases(each.body, dict(each.args)) for each in watched]
    for values in product(*parts):
        here = every(part[value] for part, value in zip(parts, values, strict=True))
        if here != NO:
            yield values, here


def parse_subject(model: Model, properties: Sequence[Property], text: str) -> Subject:
    """The subject that the text names. Raises WrongInput where it names none."""
    tables = [each for each in properties if isinstance(each, Transitions)]
    for table in tables:
        if table.name == text.strip():
            over = tuple(each.type for each in table.params)
            instances = tuple(
                (Watched(table.body, table.type, args, over),) for args in assignments(table.params)
            )
            return Subject(table.name, instances, table)
    watched = tuple(_watched(model, part) for part in _OUTER_COMMA.split(text))
    title = ", ".join(_written(part) for part in _OUTER_COMMA.split(text))
    return Subject(title, (watched,))


def with_table(lowering: Lowering, subject: Subject, properties: Sequence[Property]) -> Subject:
    """The subject with the `transitions` about the same expression, if the specs have one."""
    if subject.table is not None or len(subject.instances[0]) != 1:
        return subject
    ground = lowering.grounding
    (watched,) = subject.instances[0]
    wanted = ground.cases(watched.body, dict(watched.args))
    for each in properties:
        if isinstance(each, Transitions) and any(
            ground.cases(each.body, dict(args)) == wanted for args in assignments(each.params)
        ):
            return Subject(subject.title, subject.instances, each)
    return subject


def names(model: Model) -> dict[str, str]:
    """Everything that can be drawn as a state diagram: each name with how to write it."""
    found = {
        each.name: _form(each.name, "[]", list(each.indices))
        for each in model.variables
        if not each.trait
    }
    for each in model.definitions:
        found[each.name] = _form(each.name, "()", [param.type for param in each.params])
    found.setdefault(ONLINE, ONLINE)
    return found


def _form(name: str, brackets: str, types: Sequence[Type]) -> str:
    if not types:
        return name
    firsts = ", ".join(shown_value(domain(each)[0]) for each in types)
    return f"{name}{brackets[0]}{firsts}{brackets[1]}"


def _written(part: str) -> str:
    return re.sub(r"\s*([\[\](),])\s*", r"\1", part.strip()).replace(",", ", ")


def _watched(model: Model, text: str) -> Watched:
    known = names(model)
    match = _FORM.fullmatch(text)
    if match is None:
        raise WrongInput(
            f"`{text.strip()}` is no expression that can be drawn",
            help="write a variable such as `held[1]` or a definition such as `status(1)`",
        )
    name = match[1]
    if name not in known:
        raise WrongInput(
            f"the model has no variable or definition `{name}`",
            help=did_you_mean(name, known) or "`ocpp-verify draw --list` shows what can be drawn",
        )
    given = [each.strip() for each in (match[2] or match[3] or "").split(",") if each.strip()]
    for definition in model.definitions:
        if definition.name == name:
            over = tuple(each.type for each in definition.params)
            values = _values(name, known[name], over, given)
            return Watched(
                definition.body, definition.type, _bound(definition.params, values), over
            )
    if name == ONLINE and all(each.name != ONLINE for each in model.variables):
        _values(name, known[name], [], given)
        return Watched(VarRef(ONLINE, (), BOOL), BOOL)
    variable = model.variable(name)
    values = _values(name, known[name], list(variable.indices), given)
    indices = tuple(Const(value, of) for value, of in zip(values, variable.indices, strict=True))
    read = VarRef(name, indices, variable.type)
    return Watched(read, variable.type, over=tuple(variable.indices))


def _bound(params: Iterable[Parameter], values: Iterable[Value]) -> Args:
    return tuple((each.name, value) for each, value in zip(params, values, strict=True))


def _values(name: str, form: str, types: Sequence[Type], given: Sequence[str]) -> list[Value]:
    """The values that the arguments name; where there is only one choice they may be left out."""
    if not given and all(len(domain(each)) == 1 for each in types):
        return [domain(each)[0] for each in types]
    if len(given) != len(types):
        wanted = f"{len(types)} value{'' if len(types) == 1 else 's'}" if types else "no values"
        raise WrongInput(f"`{name}` takes {wanted}, not {len(given)}", help=f"write `{form}`")
    values: list[Value] = []
    for text, of in zip(given, types, strict=True):
        known = {shown_value(value): value for value in domain(of)}
        if text not in known:
            raise WrongInput(
                f"`{text}` is no value of {of}",
                help=did_you_mean(text, known) or f"it has {', '.join(known)}",
            )
        values.append(known[text])
    return values
