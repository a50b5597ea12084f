"""A few words of OCPP, enough to try the checks that ask for a vocabulary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ocpp_verify.lang.vocabulary import Message

CHARGER, CSMS = frozenset(("charger",)), frozenset(("csms",))

MESSAGES = (
    Message(
        "Authorize",
        CHARGER,
        {"idTag": None},
        {"expiryDate": None, "parentIdTag": None},
        frozenset(("Accepted", "Blocked", "ConcurrentTx", "Expired", "Invalid")),
    ),
    Message("Heartbeat", CHARGER, {}, {"currentTime": None}),
    Message(
        "Reset",
        CSMS,
        {"type": frozenset(("Hard", "Soft"))},
        {},
        frozenset(("Accepted", "Rejected")),
    ),
)


@dataclass(frozen=True, slots=True)
class Words:
    """A vocabulary for tests."""

    messages: Mapping[str, Message] = field(
        default_factory=lambda: {each.name: each for each in MESSAGES}
    )
    configuration_keys: frozenset[str] = frozenset(
        ("ConnectionTimeOut", "StopTransactionOnInvalidId")
    )
    rules: frozenset[str] | None = frozenset(("CORE-AUTH-001", "CORE-AUTH-002"))
