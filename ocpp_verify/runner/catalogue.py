"""The behaviour catalogue and the protocol's words, as the language's checks and the reports need them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocpp_verify.errors import WrongInput
from ocpp_verify.lang.vocabulary import Message
from ocpp_verify.ocpp.v16.messages import MESSAGES
from ocpp_verify.ocpp.v16.schemas import Schemas


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the catalogue. `level` is MUST, SHOULD or MAY."""

    id: str
    profile: str
    section: str
    side: str
    level: str
    observable: str
    text: str
    source: str = "ocpp-1.6-ed2"

    @property
    def is_derived(self) -> bool:
        """Whether it is a consequence or customary reading and no sentence of the standard."""
        return self.source == "derived"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All rules by id and all configuration keys by name."""

    rules: Mapping[str, Rule]
    keys: Mapping[str, Mapping[str, Any]]


def read_catalogue(folder: Path) -> Catalogue:
    """The catalogue in `rules.yaml` and `configuration_keys.yaml` of a folder of specs.

    Raises WrongInput where a file is missing or is no catalogue.
    """
    rules = {}
    for row in _rows(folder / "rules.yaml", "rules"):
        rules[row["id"]] = Rule(
            row["id"],
            row["profile"],
            str(row["section"]),
            row["side"],
            row["level"],
            row["observable"],
            row["rule"],
            row.get("source", "ocpp-1.6-ed2"),
        )
    keys = {row["name"]: row for row in _rows(folder / "configuration_keys.yaml", "keys")}
    return Catalogue(rules, keys)


def _rows(file: Path, key: str) -> list[dict[str, Any]]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        content = yaml.load(file.read_text(encoding="utf-8"), Loader=loader)
        rows = content[key]
        if not isinstance(rows, list):
            raise TypeError
    except OSError as problem:
        raise WrongInput(
            f"{file} cannot be read: {problem.strerror}", help="name a folder that has a catalogue"
        ) from None
    except (yaml.YAMLError, KeyError, TypeError) as problem:
        raise WrongInput(
            f"{file} is no catalogue: {str(problem).splitlines()[0]}",
            help=f"it needs a list under `{key}:`",
        ) from None
    return rows


@dataclass(frozen=True, slots=True)
class Words:
    """The protocol's words in the form that the language asks for."""

    messages: Mapping[str, Message]
    configuration_keys: frozenset[str]
    rules: frozenset[str] | None


def words(catalogue: Catalogue | None) -> Words:
    """The vocabulary of OCPP 1.6; without a catalogue, rule ids are not checked."""
    schemas = Schemas()
    messages = {}
    for name, message in MESSAGES.items():
        outcome = schemas.outcome_field(name)
        messages[name] = Message(
            name,
            frozenset(message.senders),
            _fields(schemas, name, "request"),
            _fields(schemas, name, "response"),
            frozenset(outcome.values) if outcome and outcome.is_required else frozenset(),
        )
    keys = frozenset(catalogue.keys) if catalogue else frozenset[str]()
    rules = frozenset(catalogue.rules) if catalogue else None
    return Words(messages, keys, rules)


def _fields(schemas: Schemas, name: str, direction: Any) -> dict[str, frozenset[str] | None]:
    return {
        each.name: frozenset(each.enum) if each.enum else None
        for each in schemas.fields(name, direction)
    }
