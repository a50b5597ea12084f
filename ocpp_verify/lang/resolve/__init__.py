"""Syntax -> names, types, links: a `Program` of facts and the model and specs they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ocpp_verify.ir.model import Model, Role, Setting
from ocpp_verify.ir.properties import Spec
from ocpp_verify.lang import syntax as s
from ocpp_verify.lang.facts import Duplicate, Fact, Program
from ocpp_verify.lang.resolve.actions import Actions
from ocpp_verify.lang.resolve.expressions import Expressions
from ocpp_verify.lang.resolve.linking import attach, chains_of, in_order, profile_of, unrelated
from ocpp_verify.lang.resolve.names import (
    DefinitionSymbol,
    Names,
    ReadingSymbol,
    SettingSymbol,
    VariableSymbol,
)
from ocpp_verify.lang.resolve.specs import Specs
from ocpp_verify.lang.resolve.updates import Clauses, rule_names
from ocpp_verify.lang.resolve.variables import definition, reading, variable
from ocpp_verify.lang.vocabulary import Vocabulary
from ocpp_verify.source import Place


def resolve(
    units: Sequence[s.Unit],
    *,
    sizes: Mapping[str, int],
    readings: Mapping[str, str],
    vocabulary: Vocabulary | None,
    found: Sequence[Fact] = (),
) -> Program:
    """Link the profiles among `units` into one model and resolve the specs against it.

    `found` are facts from finding the files.
    """
    facts = list(found)
    profiles = in_order([unit for unit in units if unit.profile], facts)
    chains = chains_of(profiles)
    unrelated(profiles, chains, facts)
    names = Names(profiles, chains, sizes, readings, facts)
    names.broken |= frozenset[str]().union(*(unit.broken for unit in units))
    attach(profiles, names)
    items = [(profile_of(unit), item) for unit in profiles for item in unit.items]
    queues = {item.role for _, item in items if isinstance(item, s.QueueDecl)}
    expressions = Expressions(names)
    clauses = Clauses(expressions, frozenset(queues))
    actions = Actions(clauses)
    model = _model(profiles, items, names, expressions, actions, sizes)
    resolver = Specs(actions, clauses, [profile_of(unit) for unit in profiles])
    specs: list[Spec] = []
    for unit in units:
        if unit.spec is not None:
            spec = resolver.resolve(unit)
            if spec is not None:
                specs.append(spec)
    types = {name: symbol.type for name, symbol in names.types.items()}
    return Program(
        tuple(units), tuple(dict.fromkeys(facts)), types, model, tuple(specs), vocabulary
    )


def _model(
    profiles: Sequence[s.Unit],
    items: Sequence[tuple[str, s.ModelItem]],
    names: Names,
    expressions: Expressions,
    actions: Actions,
    sizes: Mapping[str, int],
) -> Model | None:
    if not profiles:
        return None
    values = names.values.values()
    variables = [
        variable(expressions, each, names.chains[each.profile])
        for each in values
        if isinstance(each, VariableSymbol)
    ]
    definitions = [
        definition(expressions, each) for each in values if isinstance(each, DefinitionSymbol)
    ]
    resolved = [actions.resolve(each) for each in names.actions.values()]
    duties = actions.duties(
        [(profile, item) for profile, item in items if isinstance(item, s.DutyDecl)],
        [(profile, item) for profile, item in items if isinstance(item, s.RefineDuty)],
    )
    queues = {}
    places: dict[Role, Place] = {}
    for profile, item in items:
        if isinstance(item, s.QueueDecl):
            if item.role in places:
                name = s.Name(f"queue {item.role}", item.at)
                names.facts.append(Duplicate("the", name, places[item.role]))
                continue
            places[item.role] = item.at
            queues[item.role] = actions.queue(profile, item)
    reactions = [
        actions.reaction(profile, item)
        for profile, item in items
        if isinstance(item, s.ReactionDecl)
    ]
    return Model(
        _name(profiles),
        tuple(profile_of(unit) for unit in profiles),
        tuple(each.type for each in names.types.values()),
        tuple(each for each in variables if each is not None),
        tuple(resolved),
        duties,
        tuple(queues.values()),
        tuple(each for each in reactions if each is not None),
        tuple(each for each in definitions if each is not None),
        tuple(reading(each) for each in values if isinstance(each, ReadingSymbol)),
        tuple(
            Setting(
                each.decl.name.text,
                each.decl.owner,
                each.decl.seconds,
                each.at,
                rule_names(each.decl.rules),
            )
            for each in values
            if isinstance(each, SettingSymbol)
        ),
        tuple(
            (name, len(each.type.values)) for name, each in names.types.items() if each.type.is_sort
        ),
        tuple(unit.file for unit in profiles),
    )


def _name(profiles: Sequence[s.Unit]) -> str:
    """The profiles that no other one extends, joined by `+`."""
    extended = {
        unit.profile.extends.text for unit in profiles if unit.profile and unit.profile.extends
    }
    return "+".join(profile_of(unit) for unit in profiles if profile_of(unit) not in extended)
