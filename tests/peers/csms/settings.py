"""What a CSMS is told when it is built, and its register of identifiers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import yaml

from tests.peers import clock

Registration = Literal["Accepted", "Pending", "Rejected"]
TagStatus = Literal["Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx"]
TAG_STATUSES = frozenset({"Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx"})


@dataclass(frozen=True, slots=True)
class Tag:
    """One identifier on record; `status` is `None` if none was ever stored."""

    status: TagStatus | None
    parent: str | None = None
    expiry: datetime | None = None


@dataclass(frozen=True, slots=True)
class CSMSSettings:
    """The CSMS and what it knows. Durations are in seconds.

    `registrations` are the answers to successive BootNotifications of a station; the last one is
    given from then on. `stations` names the identities that may connect; `None` lets any in.
    """

    port: int = 0
    operator_port: int = 0
    tags: Mapping[str, Tag] = field(default_factory=dict)
    faults: Sequence[str] = ()
    interval: int = 300
    """Heartbeat interval given to an accepted station."""
    retry_interval: int = 1
    """Interval given with Pending and Rejected."""
    registrations: Sequence[Registration] = ("Accepted",)
    stations: frozenset[str] | None = None
    answer_timeout: float = 30.0
    trace: Callable[[str, str, str], None] | None = None
    """Told of every frame: station, direction (`<-` received, `->` sent), text.

    A new connection is told as direction `--` with an empty text.
    """


def tags_from(content: Any) -> dict[str, Tag]:
    """Tags out of a mapping such as `{"T1": {"status": "Accepted", "parentIdTag": "P"}}`.

    `expiryDate` may be added. Raises `ValueError` for anything else.
    """
    if not isinstance(content, dict):
        raise ValueError("tags are a mapping from idTag to status")
    tags = {}
    for id_tag, entry in content.items():
        if not isinstance(entry, dict):
            raise ValueError(f"the entry of tag {id_tag} is not a mapping")
        status = entry.get("status")
        if status is not None and status not in TAG_STATUSES:
            raise ValueError(f"tag {id_tag} has unknown status {status}")
        expiry = entry.get("expiryDate")
        if expiry is not None and not isinstance(expiry, datetime):
            expiry = clock.from_wire(str(expiry))
        parent = entry.get("parentIdTag")
        tags[str(id_tag)] = Tag(status, None if parent is None else str(parent), expiry)
    return tags


def tags_in_file(file: Path) -> dict[str, Tag]:
    """Tags out of a YAML or JSON file."""
    return tags_from(yaml.safe_load(file.read_text(encoding="utf-8")))
