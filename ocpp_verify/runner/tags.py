"""Identifiers for a run: the tags of a file, and which token of the model stands for which."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocpp_verify.errors import WrongInput

STANDINGS = ("Accepted", "Blocked", "Expired", "Invalid")
_LONGEST = 20  # characters of an idTag (CiString20Type)


@dataclass(frozen=True, slots=True)
class Tag:
    """An identifier, what the CSMS says about it, and its group."""

    id: str
    standing: str
    parent: str | None = None


def own_tags(count: int, standing: str) -> tuple[Tag, ...]:
    """Identifiers that no CSMS has on record."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return tuple(Tag(f"OV-TAG-{letters[at % 26]}{at // 26 or ''}", standing) for at in range(count))


def read_tags(file: Path) -> tuple[Tag, ...]:
    """Tags from a YAML, JSON or TOML file, as `T1: Accepted` or `T1: {status: Accepted}`.

    Raises WrongInput for what cannot be read.
    """
    try:
        content = _content(file)
    except OSError as problem:
        raise WrongInput(
            f"{file} cannot be read: {(problem.strerror or str(problem)).lower()}",
            help="name a YAML, JSON or TOML file with tags",
        ) from None
    except ValueError as problem:
        raise WrongInput(
            f"{file} is not well-formed: {str(problem).splitlines()[0]}",
            help="write one tag a line, as in `T1: Accepted`",
        ) from None
    if isinstance(content, Mapping) and isinstance(content.get("tags"), Mapping):
        content = content["tags"]
    if not isinstance(content, Mapping) or not content:
        raise WrongInput(f"{file} holds no tags", help="write one tag a line, as in `T1: Accepted`")
    return tuple(_tag(file, str(name), entry) for name, entry in content.items())


def _content(file: Path) -> Any:
    text = file.read_text(encoding="utf-8")
    match file.suffix:
        case ".toml":
            return tomllib.loads(text)
        case ".json":
            return json.loads(text)
        case _:
            import yaml

            try:
                return yaml.safe_load(text)
            except yaml.YAMLError as problem:
                raise ValueError(str(problem)) from None


def _tag(file: Path, name: str, entry: object) -> Tag:
    parent: object = None
    if isinstance(entry, Mapping):
        parent = entry.get("parentIdTag")
        entry = entry.get("status")
    if not name or len(name) > _LONGEST:
        raise WrongInput(
            f"{file}: `{name}` is no idTag", help=f"an idTag has 1 to {_LONGEST} characters"
        )
    if entry not in STANDINGS:
        raise WrongInput(
            f"{file}: `{entry}` is no status of tag `{name}`",
            help=f"it is one of {', '.join(STANDINGS)}",
        )
    return Tag(name, str(entry), None if parent is None else str(parent))


def selections(tags: Sequence[Tag], tokens: int) -> tuple[tuple[Tag, ...], ...]:
    """Which tags the model's tokens stand for, run by run: the first of each is accepted if any is.

    Together the selections hold every status that there is, twice if there are more tags of it; a
    tag nobody knows fills what is left.
    """
    good = [each for each in tags if each.standing == "Accepted"]
    kinds: dict[str, list[Tag]] = {}
    for each in tags:
        if each.standing != "Accepted":
            kinds.setdefault(each.standing, []).append(each)
    if "Invalid" not in kinds:
        kinds["Invalid"] = [Tag("OV-UNKNOWN", "Invalid")]
    first = good[:1]
    others = [*(each for same in kinds.values() for each in same[:2]), *good[1:2]]
    room = max(1, tokens - len(first))
    chosen = [(*first, *others[at : at + room]) for at in range(0, len(others), room)]
    return tuple(_filled(each, [*good, *others], tokens) for each in chosen)


def _filled(chosen: tuple[Tag, ...], spare: Sequence[Tag], tokens: int) -> tuple[Tag, ...]:
    rest = [each for each in spare if each not in chosen]
    more = [Tag(f"OV-UNKNOWN-{at}", "Invalid") for at in range(tokens)]
    return (*chosen, *rest, *more)[:tokens]
