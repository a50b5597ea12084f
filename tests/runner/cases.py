"""Projects made of texts."""

from __future__ import annotations

from collections.abc import Mapping

from ocpp_verify.lang.load import load_text
from ocpp_verify.runner.overrides import override
from ocpp_verify.runner.project import Choices, Project


def project_of(texts: Mapping[str, str], choices: Choices | None = None) -> Project:
    """The project of texts by file name; they must load without a diagnostic."""
    chosen = choices or Choices()
    loaded = load_text(texts, sizes=chosen.sizes, readings=chosen.readings)
    assert not loaded.diagnostics
    assert loaded.model is not None
    model = override(loaded.model, chosen.config)
    return Project(model, loaded.specs, loaded.sources, (), None, tuple(loaded.sources), chosen)
