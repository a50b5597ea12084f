"""The page behind a code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path


def _folders() -> Iterator[Traversable]:
    """Where pages may be: in the repository, then in the installed package."""
    package = files("ocpp_verify")
    if isinstance(package, Path):
        yield package.parent / "docs" / "checks"
    yield package / "shipped" / "docs" / "checks"


def explain(code: str) -> str | None:
    """The page of a code such as `OV102`, as Markdown; None if there is none.

    >>> explain("ov102").splitlines()[0]
    '# OV102: unknown name'
    """
    code = code.upper()
    if not re.fullmatch(r"[A-Z]+[0-9]+", code):
        return None
    for folder in _folders():
        page = folder / f"{code}.md"
        if page.is_file():
            return page.read_text(encoding="utf-8")
    return None


def codes() -> tuple[str, ...]:
    """All codes that have a page, in order."""
    found = {
        page.name.removesuffix(".md")
        for folder in _folders()
        if folder.is_dir()
        for page in folder.iterdir()
        if re.fullmatch(r"[A-Z]+[0-9]+\.md", page.name)
    }
    return tuple(sorted(found))
