"""The shared pictures as a fixture."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def samples() -> ModuleType:
    return import_module("tests.diagrams.samples")
