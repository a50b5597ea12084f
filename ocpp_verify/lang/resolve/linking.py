"""Profiles: their order, who sees whom, and where refinements go."""

from __future__ import annotations

from collections.abc import Sequence

from ocpp_verify.lang import syntax as s
from ocpp_verify.lang.facts import (
    Duplicate,
    ExtendsCycle,
    Fact,
    RefinesOwn,
    RefinesUnknown,
    Unrelated,
)
from ocpp_verify.lang.resolve.names import DefinitionSymbol, Names


def profile_of(unit: s.Unit) -> str:
    """The name of the unit's profile."""
    return unit.profile.name.text if unit.profile else ""


def in_order(units: Sequence[s.Unit], facts: list[Fact]) -> list[s.Unit]:
    """Bases before their extensions, otherwise as given; facts about what cannot be ordered."""
    by_name: dict[str, s.Unit] = {}
    for unit in units:
        assert unit.profile is not None
        name = unit.profile.name
        if name.text in by_name:
            first = by_name[name.text].profile
            assert first is not None
            facts.append(Duplicate("the profile", name, first.name.at))
        else:
            by_name[name.text] = unit
    ordered: list[s.Unit] = []

    def add(unit: s.Unit, path: tuple[str, ...]) -> None:
        assert unit.profile is not None
        name = unit.profile.name
        if unit in ordered:
            return
        if name.text in path:
            cycle = (*path[path.index(name.text) :], name.text)
            facts.append(ExtendsCycle(cycle, name.at))
            return
        base = unit.profile.extends
        if base is not None and base.text in by_name:
            add(by_name[base.text], (*path, name.text))
        if unit not in ordered:
            ordered.append(unit)

    for unit in by_name.values():
        add(unit, ())
    return ordered


def chains_of(units: Sequence[s.Unit]) -> dict[str, frozenset[str]]:
    """For every profile, the profiles whose declarations it sees: itself and its bases."""
    extends = {
        unit.profile.name.text: unit.profile.extends.text if unit.profile.extends else None
        for unit in units
        if unit.profile
    }
    chains: dict[str, frozenset[str]] = {}
    for name in extends:
        seen: list[str] = []
        here: str | None = name
        while here is not None and here not in seen:
            seen.append(here)
            here = extends.get(here)
        chains[name] = frozenset(seen)
    return chains


def unrelated(
    units: Sequence[s.Unit], chains: dict[str, frozenset[str]], facts: list[Fact]
) -> None:
    """Facts about profiles that share no base with the first one."""
    if not units:
        return
    first = units[0].profile
    assert first is not None
    for unit in units[1:]:
        assert unit.profile is not None
        name = unit.profile.name
        base = unit.profile.extends
        if not chains[name.text] & chains[first.name.text] and (
            base is None or base.text in chains
        ):
            facts.append(Unrelated(name, first.name))


def attach(units: Sequence[s.Unit], names: Names) -> None:
    """Hands every refinement to what it refines."""
    for unit in units:
        profile = profile_of(unit)
        visible = names.chains[profile]
        for item in unit.items:
            if isinstance(item, s.RefineAction):
                action = names.actions.get(item.action.text)
                if action is None or action.profile not in visible:
                    known = [n for n, a in names.actions.items() if a.profile in visible]
                    _unknown(names, "action", item.action, known)
                elif action.profile == profile:
                    names.facts.append(RefinesOwn(item.action, action.at))
                else:
                    action.refinements.append((profile, item))
            elif isinstance(item, s.RefineDefine):
                _define(item, profile, names)


def _define(item: s.RefineDefine, profile: str, names: Names) -> None:
    visible = names.chains[profile]
    symbol = names.values.get(item.name.text)
    if not isinstance(symbol, DefinitionSymbol) or symbol.profile not in visible:
        known = [
            name
            for name, each in names.values.items()
            if isinstance(each, DefinitionSymbol) and each.profile in visible
        ]
        _unknown(names, "definition", item.name, known)
    elif symbol.profile == profile:
        names.facts.append(RefinesOwn(item.name, symbol.at))
    elif [each.text for each in item.words] != [each.name.text for each in symbol.decl.params]:
        params = tuple(each.name.text for each in symbol.decl.params)
        names.facts.append(RefinesOwn(item.name, symbol.at, params))
    else:
        symbol.versions.append((profile, item.body))


def _unknown(names: Names, what: str, name: s.Name, known: Sequence[str]) -> None:
    if name.text not in names.broken:
        names.facts.append(RefinesUnknown(what, name, tuple(known)))
