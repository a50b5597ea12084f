"""The declared things of a linked model, and who sees them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar, assert_never

from ocpp_verify.ir.expr import Expr
from ocpp_verify.ir.model import Owner, Parameter, Role
from ocpp_verify.ir.types import BOOL, EnumType, OptionType, RangeType, Type
from ocpp_verify.lang import syntax as s
from ocpp_verify.lang.facts import BadSize, Duplicate, Fact, Read, Unknown, UnknownOption
from ocpp_verify.source import NOWHERE, Place

MOST_VALUES = 1000
"""How many values one type may have."""


@dataclass(frozen=True, slots=True)
class TypeSymbol:
    """A sort or enum at its present size."""

    type: EnumType
    at: Place
    profile: str


@dataclass(frozen=True, slots=True)
class VariableSymbol:
    """A state variable, configuration key or ghost. `type` is None if it did not resolve."""

    decl: s.StateDecl | s.GhostDecl
    owner: Owner
    indices: tuple[EnumType, ...]
    type: Type | None
    profile: str
    config: bool = False

    @property
    def at(self) -> Place:
        """Where it is declared."""
        return self.decl.name.at


@dataclass(frozen=True, slots=True)
class Expanded:
    """A definition ready for use."""

    params: tuple[Parameter, ...]
    body: Expr
    type: Type
    reads: tuple[Read, ...]


@dataclass(slots=True)
class DefinitionSymbol:
    """A definition and its refinements, (profile, body), in the order of linking."""

    decl: s.DefineDecl
    profile: str
    versions: list[tuple[str, s.Expression]]
    expanded: dict[int, Expanded | None] = field(default_factory=dict)

    @property
    def at(self) -> Place:
        """Where it is declared."""
        return self.decl.name.at


@dataclass(frozen=True, slots=True)
class ReadingSymbol:
    """A reading and the alternative in force."""

    decl: s.ReadingDecl
    type: EnumType
    chosen: str
    profile: str

    @property
    def at(self) -> Place:
        """Where it is declared."""
        return self.decl.name.at


@dataclass(frozen=True, slots=True)
class SettingSymbol:
    """A length of time by name."""

    decl: s.DurationDecl
    profile: str

    @property
    def at(self) -> Place:
        """Where it is declared."""
        return self.decl.name.at


@dataclass(slots=True)
class ActionSymbol:
    """An action with its refinements, (profile, refinement), in the order of linking."""

    decl: s.ActionDecl
    profile: str
    refinements: list[tuple[str, s.RefineAction]]
    params: tuple[Parameter, ...] = ()
    reply_params: dict[str, tuple[Parameter, ...]] = field(default_factory=dict)

    @property
    def at(self) -> Place:
        """Where it is declared."""
        return self.decl.name.at

    @property
    def role(self) -> Role:
        """The owner: the sender of a call."""
        return self.decl.sender if isinstance(self.decl, s.CallDecl) else self.decl.role


ValueSymbol = VariableSymbol | DefinitionSymbol | ReadingSymbol | SettingSymbol

S = TypeVar(
    "S", TypeSymbol, VariableSymbol, DefinitionSymbol, ReadingSymbol, SettingSymbol, ActionSymbol
)


class Names:
    """All names of the linked profiles. `visible` is always the set of profiles a text may use."""

    def __init__(
        self,
        units: Sequence[s.Unit],
        chains: Mapping[str, frozenset[str]],
        sizes: Mapping[str, int],
        readings: Mapping[str, str],
        facts: list[Fact],
    ) -> None:
        self.facts = facts
        self.types: dict[str, TypeSymbol] = {}
        self.values: dict[str, ValueSymbol] = {}
        self.actions: dict[str, ActionSymbol] = {}
        self.ghosts: dict[str, str] = {}
        self.broken = frozenset[str]().union(*(unit.broken for unit in units))
        self._owners: dict[str, list[TypeSymbol]] = {}
        self.chains = chains
        self._sizes, self._readings = sizes, readings
        for unit in units:
            self._declare_types(unit)
        for unit in units:
            self._declare_values(unit)
        self._options()

    # declaring --------------------------------------------------------------------------------

    def _declare_types(self, unit: s.Unit) -> None:
        profile = unit.profile.name.text if unit.profile else ""
        for item in unit.items:
            if isinstance(item, s.SortDecl | s.EnumDecl):
                values = self._values_of(item)
                if item.name.text in self.types:
                    first = self.types[item.name.text].at
                    self.facts.append(Duplicate("the type", item.name, first))
                    continue
                is_sort = isinstance(item, s.SortDecl)
                symmetric = isinstance(item, s.SortDecl) and item.symmetric
                of = EnumType(item.name.text, values, is_sort, symmetric)
                symbol = TypeSymbol(of, item.name.at, profile)
                self.types[item.name.text] = symbol
                for value in values:
                    if isinstance(value, str):
                        self._owners.setdefault(value, []).append(symbol)

    def _values_of(self, item: s.SortDecl | s.EnumDecl) -> tuple[str | int, ...]:
        seen: dict[str, Place] = {}
        for name in item.values:
            if name.text in seen:
                self.facts.append(Duplicate("the value", name, seen[name.text]))
            seen.setdefault(name.text, name.at)
        values: tuple[str | int, ...] = tuple(seen)
        if isinstance(item, s.EnumDecl):
            return values
        size = self._sizes.get(item.name.text)
        if size is not None and not 1 <= size <= MOST_VALUES:
            self.facts.append(
                BadSize(
                    f"{item.name.text} cannot have {size} values",
                    NOWHERE,
                    f"a size is a number from 1 to {MOST_VALUES}",
                )
            )
            size = None
        if item.range is not None:
            checked = self._range(item.range)
            low = checked.low if checked else 1
            count = checked.high - checked.low + 1 if checked else 1
            return tuple(range(low, low + (count if size is None else size)))
        if size is None:
            return values
        more = [f"{item.name.text}{number}" for number in range(len(values) + 1, size + 1)]
        return (*values[:size], *more)

    def _declare_values(self, unit: s.Unit) -> None:
        profile = unit.profile.name.text if unit.profile else ""
        visible = self.chains[profile]
        for item in unit.items:
            match item:
                case s.StateDecl():
                    self._value(item.name, self.variable(item, item.owner, profile, visible))
                case s.DefineDecl():
                    versions = [(profile, item.body)]
                    self._value(item.name, DefinitionSymbol(item, profile, versions))
                case s.DurationDecl():
                    self._value(item.name, SettingSymbol(item, profile))
                case s.ReadingDecl():
                    self._value(item.name, self._reading(item, profile))
                case s.EventDecl() | s.HiddenDecl() | s.CallDecl():
                    if item.name.text in self.actions:
                        first = self.actions[item.name.text].at
                        self.facts.append(Duplicate("the action", item.name, first))
                    else:
                        self.actions[item.name.text] = ActionSymbol(item, profile, [])
                case _:
                    pass

    def _value(self, name: s.Name, symbol: ValueSymbol) -> None:
        if name.text in self.values:
            self.facts.append(Duplicate("the name", name, self.values[name.text].at))
        else:
            self.values[name.text] = symbol

    def variable(
        self,
        item: s.StateDecl | s.GhostDecl,
        owner: Owner,
        profile: str,
        visible: frozenset[str],
    ) -> VariableSymbol:
        """The symbol of a declaration; facts about its types."""
        indices: list[EnumType] = []
        for name in item.indices:
            symbol = self.type_symbol(name, visible)
            indices.append(symbol.type if symbol else EnumType(name.text, ()))
        of = self.type(item.type, visible)
        if any(not each.values for each in indices):
            of = None
        config = isinstance(item, s.StateDecl) and item.config
        return VariableSymbol(item, owner, tuple(indices), of, profile, config)

    def _reading(self, item: s.ReadingDecl, profile: str) -> ReadingSymbol:
        seen: dict[str, Place] = {}
        for name in item.alternatives:
            if name.text in seen:
                self.facts.append(Duplicate("the alternative", name, seen[name.text]))
            seen.setdefault(name.text, name.at)
        if item.default.text not in seen:
            self.facts.append(Unknown("alternative", item.default, tuple(seen)))
        chosen = self._readings.get(item.name.text, item.default.text)
        if chosen not in seen:
            if item.name.text in self._readings:
                message = f"the reading `{item.name.text}` has no alternative `{chosen}`"
                self.facts.append(UnknownOption("reading", message, chosen, tuple(seen)))
            chosen = next(iter(seen))
        of = EnumType(item.name.text, tuple(seen))
        symbol = TypeSymbol(of, item.name.at, profile)
        for value in seen:
            self._owners.setdefault(value, []).append(symbol)
        return ReadingSymbol(item, of, chosen, profile)

    def _options(self) -> None:
        sorts = tuple(name for name, each in self.types.items() if each.type.is_sort)
        for name in self._sizes:
            if name not in sorts and name not in self.broken:
                message = f"the model has no sort `{name}` to give a size"
                self.facts.append(UnknownOption("size", message, name, sorts))
        known = tuple(n for n, each in self.values.items() if isinstance(each, ReadingSymbol))
        for name in self._readings:
            if name not in known and name not in self.broken:
                message = f"the model has no reading `{name}`"
                self.facts.append(UnknownOption("reading", message, name, known))

    # looking up -------------------------------------------------------------------------------

    def unknown(self, what: str, name: s.Name, known: Iterable[str], declared_in: str = "") -> None:
        """Notes an unknown name, unless it stands in an item that did not parse."""
        if name.text in self.broken:
            return
        hint = (
            f"it is declared in the profile {declared_in}, which this one does not extend"
            if declared_in
            else ""
        )
        self.facts.append(Unknown(what, name, tuple(known), hint))

    def type_symbol(self, name: s.Name, visible: frozenset[str]) -> TypeSymbol | None:
        """The sort or enum of that name; a fact if there is none."""
        symbol = self.types.get(name.text)
        if symbol is None or symbol.profile not in visible:
            known = [n for n, each in self.types.items() if each.profile in visible]
            self.unknown("type", name, [*known, "bool"], symbol.profile if symbol else "")
            return None
        return symbol

    def type(self, of: s.TypeSyntax, visible: frozenset[str]) -> Type | None:
        """The type that is written; facts about what does not resolve."""
        match of:
            case s.BoolName():
                return BOOL
            case s.TypeName():
                symbol = self.type_symbol(of.name, visible)
                return symbol.type if symbol and symbol.type.values else None
            case s.Range():
                return self._range(of)
            case s.Optional():
                inner = self.type(of.of, visible)
                if inner is None or isinstance(inner, OptionType):
                    return None
                return OptionType(inner)
            case _:
                assert_never(of)

    def _range(self, of: s.Range) -> RangeType | None:
        if of.low > of.high:
            self.facts.append(
                BadSize(f"the range {of.low}..{of.high} is empty", of.at, "write the smaller first")
            )
            return None
        if of.high - of.low >= MOST_VALUES:
            self.facts.append(
                BadSize(
                    f"the range {of.low}..{of.high} has more than {MOST_VALUES} values",
                    of.at,
                    "engines enumerate values: choose a small range",
                )
            )
            return None
        return RangeType(of.low, of.high)

    def owners(self, value: str, visible: frozenset[str]) -> list[TypeSymbol]:
        """The types that have a value of that name."""
        return [each for each in self._owners.get(value, ()) if each.profile in visible]

    def value_names(self, visible: frozenset[str]) -> list[str]:
        """Everything a name in an expression may mean, but for parameters."""
        known = [name for name, each in self.values.items() if each.profile in visible]
        known += [
            name
            for name, owners in self._owners.items()
            if any(each.profile in visible for each in owners)
        ]
        return [*known, "online"]
