"""What the language has to know about a protocol to check a model's words. The caller provides it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from ocpp_verify.ir.model import Role

Fields = Mapping[str, frozenset[str] | None]
"""Field names of a message, each with the values its schema lists, or None if it lists none."""


@dataclass(frozen=True, slots=True)
class Message:
    """One request and its answer.

    Attributes:
        senders: the roles that may send the request.
        request: the fields of the request that a parameter of a call may name.
        response: the fields of the answer that a parameter of a reply may name.
        outcomes: the values of the answer's status; empty if the answer has no status.
    """

    name: str
    senders: frozenset[Role]
    request: Fields
    response: Fields
    outcomes: frozenset[str] = frozenset()


class Vocabulary(Protocol):
    """Messages by name, configuration keys and the rules of the catalogue.

    `rules` is None if no catalogue is at hand: rule names are then not checked.
    """

    @property
    def messages(self) -> Mapping[str, Message]:
        """Every message of the protocol by name."""
        ...

    @property
    def configuration_keys(self) -> frozenset[str]:
        """Names of the standard configuration keys."""
        ...

    @property
    def rules(self) -> frozenset[str] | None:
        """Ids of the catalogue's rules, without `@`."""
        ...
