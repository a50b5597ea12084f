"""The pytest plugin: loaded by every pytest run that has ocpp-verify installed, so it stays light.

An option is taken from the command line, else from the environment (`--ocpp-listen` from
OCPP_VERIFY_LISTEN), else from the ini file (`ocpp_listen`).
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

if TYPE_CHECKING:
    from ocpp_verify.runner.live_playground import LivePlayground, LiveSystem, Room
    from ocpp_verify.runner.playground import Playground
    from ocpp_verify.runner.playing import Playing

OPTIONS: dict[str, tuple[str, str]] = {
    "listen": ("HOST:PORT", "test the live charger that connects here"),
    "bench": (
        "BENCH",
        "who works at the charger: http://…, command:FILE, prompt, python:M:F, none",
    ),
    "csms-url": ("URL", "test the live CSMS there; the URL is without the station's identity"),
    "operator": (
        "OPERATOR",
        "who works at the CSMS: http://…, command:FILE, prompt, python:M:F, none",
    ),
    "station": ("ID", "the identity of the charger, or ours at the CSMS (CP1)"),
    "tags": ("FILE", "each idTag with Accepted, Blocked, Expired or Invalid (YAML, JSON, TOML)"),
    "config": ("KEY=VALUE,…", "what is known of configuration keys, traits and durations"),
    "timing": ("quick|normal", "`quick` for live systems that answer within moments (normal)"),
    "trace-dir": ("DIR", "where the messages of failing runs go"),
    "sut": ("MODULE", "Python module of the systems to start where no live one is named"),
    "fault": ("ID,…", "deviations that those systems are asked to have"),
}
"""What each option takes, and what it is for."""

PROFILES = "ocpp-"
MARKERS = ("ocpp_live: talks to a live charger or CSMS, which takes real time",)

Grounds = dict[tuple[str, str], "Playground | LivePlayground"]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("ocpp", "ocpp-verify: generated tests of chargers and CSMSs")
    for name, (metavar, told) in OPTIONS.items():
        group.addoption(f"--ocpp-{name}", metavar=metavar, help=told)
        parser.addini(f"ocpp_{name.replace('-', '_')}", told)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    for each in MARKERS:
        config.addinivalue_line("markers", each)
    with suppress(ValueError):  # without Hypothesis's own plugin there is no such option
        chosen = config.getoption("--hypothesis-profile")
        if isinstance(chosen, str) and chosen.startswith(PROFILES):
            import hypothesis

            from ocpp_verify.runner.playing import profile

            hypothesis.settings.register_profile(chosen, profile(chosen))


def option(config: pytest.Config, name: str) -> str | None:
    """The option from the command line, the environment or the ini file; None without it."""
    key = name.replace("-", "_")
    given = config.getoption(f"--ocpp-{name}")
    found = given or os.environ.get(f"OCPP_VERIFY_{key.upper()}") or config.getini(f"ocpp_{key}")
    return str(found) if found else None


@pytest.fixture(scope="session")
def ocpp_sut() -> str | None:
    """The module of the systems to start; `conftest.py` beside generated tests names one."""
    return None


@pytest.fixture(scope="session")
def ocpp_rooms() -> Iterator[dict[str, Room]]:
    """The connections with live systems, by role; they last for the session."""
    rooms: dict[str, Room] = {}
    yield rooms
    for each in rooms.values():
        each.close()


@pytest.fixture(scope="session")
def ocpp_grounds() -> Grounds:
    """What was made of a model and a role, kept for the session."""
    return {}


@pytest.fixture
def ocpp_stage(
    request: pytest.FixtureRequest,
    ocpp_sut: str | None,
    ocpp_rooms: dict[str, Room],
    ocpp_grounds: Grounds,
) -> Callable[[str, Literal["charger", "csms"]], Playing]:
    """Gives a generated test its system: `ocpp_stage("models/ocpp16/core.model", "charger")`."""
    config = request.config

    def play(model: str, role: Literal["charger", "csms"]) -> Playing:
        from ocpp_verify.runner.playing import PROFILES, Playing

        system = _live(config, role)
        if (model, role) not in ocpp_grounds:
            file = Path(model) if Path(model).is_absolute() else config.rootpath / model
            ocpp_grounds[model, role] = _ground(config, file, role, system, ocpp_rooms, ocpp_sut)
        traces = option(config, "trace-dir")
        profile: str | None = "ocpp-live" if system is not None else PROFILES[0]
        seed = None
        with suppress(ValueError):
            if config.getoption("--hypothesis-profile"):
                profile = None
            seed = config.getoption("--hypothesis-seed")
        return Playing(
            ocpp_grounds[model, role],
            request.node.nodeid,
            _given(config),
            profile,
            seed,
            Path(traces) if traces is not None else None,
        )

    return play


def _live(config: pytest.Config, role: Literal["charger", "csms"]) -> LiveSystem | None:
    """The live system of that role; skips where only one of the other role is named."""
    named = {"charger": option(config, "listen"), "csms": option(config, "csms-url")}
    if not any(named.values()):
        return None
    where = named[role]
    if where is None:
        missing = {"charger": "--ocpp-listen HOST:PORT", "csms": "--ocpp-csms-url URL"}[role]
        pytest.skip(f"no live {role} is named: {missing} does")
    from ocpp_verify.errors import WrongInput
    from ocpp_verify.runner.live_playground import LiveSystem

    address: tuple[str, int] | str = where
    if role == "charger":
        host, _, port = where.rpartition(":")
        if not port.isdecimal():
            raise WrongInput(f"`{where}` is no address", help="write --ocpp-listen HOST:PORT")
        address = (host.strip("[]") or "127.0.0.1", int(port))
    tags = option(config, "tags")
    return LiveSystem(
        role,
        address,
        option(config, "bench" if role == "charger" else "operator") or "none",
        option(config, "station"),
        Path(tags) if tags is not None else None,
        dict(_pairs(option(config, "config"))),
        "quick" if option(config, "timing") == "quick" else "normal",
    )


def _ground(
    config: pytest.Config,
    file: Path,
    role: Literal["charger", "csms"],
    system: LiveSystem | None,
    rooms: dict[str, Room],
    sut: str | None,
) -> Playground | LivePlayground:
    if system is not None:
        from ocpp_verify.runner.live_playground import LivePlayground, Room

        if role not in rooms:
            rooms[role] = Room(system, connectors=1)
        return LivePlayground(file, system, rooms[role])
    from ocpp_verify.runner.playground import KEYS, Circumstances, Playground

    module = option(config, "sut") or sut
    if module is None:
        pytest.skip("no system is named: --ocpp-listen, --ocpp-csms-url or --ocpp-sut does")
    faults = tuple(each for each in (option(config, "fault") or "").split(",") if each)
    keys = {**KEYS, **dict(_pairs(option(config, "config")))}
    return Playground(file, role, Circumstances(module, keys=keys, faults=faults))


def _pairs(text: str | None) -> Iterator[tuple[str, str]]:
    from ocpp_verify.errors import WrongInput

    for each in filter(None, (text or "").split(",")):
        name, equals, value = each.partition("=")
        if not equals:
            raise WrongInput(f"`{each}` sets nothing", help="write --ocpp-config KEY=VALUE,…")
        yield name.strip(), value.strip()


def _given(config: pytest.Config) -> tuple[str, ...]:
    """Our options as they were given on the command line, to repeat a test with."""
    found = []
    for name in OPTIONS:
        value = config.getoption(f"--ocpp-{name}")
        if value:
            found.append(shlex.join([f"--ocpp-{name}={value}"]))
    return tuple(found)
