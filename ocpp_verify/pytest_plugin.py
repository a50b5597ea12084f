"""The pytest plugin: loaded by every pytest run that has ocpp-verify installed, so it stays light."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import pytest

if TYPE_CHECKING:
    from ocpp_verify.ir.model import Role
    from ocpp_verify.runner.playground import Playground
    from ocpp_verify.runner.playing import Playing


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("ocpp", "ocpp-verify: generated tests of chargers and CSMSs")
    group.addoption("--ocpp-sut", metavar="MODULE", help="module of built-in systems to test")
    group.addoption("--ocpp-fault", metavar="ID", action="append", default=[], help="fault of it")


@pytest.fixture(scope="session")
def ocpp_stages() -> dict[tuple[str, str], Playground]:
    """Stages by model and role, kept for the session."""
    return {}


@pytest.fixture
def ocpp_stage(
    request: pytest.FixtureRequest, ocpp_stages: dict[tuple[str, str], Playground], ocpp_sut: str
) -> Callable[[str, str], Playing]:
    def play(model: str, role: str) -> Playing:
        from pathlib import Path

        from ocpp_verify.runner.playground import Circumstances, Playground
        from ocpp_verify.runner.playing import Playing

        if (model, role) not in ocpp_stages:
            lab = Circumstances(ocpp_sut, faults=tuple(request.config.getoption("--ocpp-fault")))
            ocpp_stages[model, role] = Playground(Path(model), cast("Role", role), lab)
        return Playing(
            ocpp_stages[model, role],
            request.node.nodeid,
            seed=request.config.getoption("--hypothesis-seed", None),
        )

    return play
