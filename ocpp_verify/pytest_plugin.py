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
    if any(option(config, name) is not None for name in OPTIONS):
        from ocpp_verify.errors import WrongInput

        try:
            _check(config)
        except WrongInput as reason:
            raise pytest.UsageError(str(reason)) from None
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
        __tracebackhide__ = True
        from ocpp_verify.errors import OcppVerifyError
        from ocpp_verify.runner.playing import PROFILES, Playing

        where = _live_of(config, role)
        if (model, role) not in ocpp_grounds:
            file = Path(model) if Path(model).is_absolute() else config.rootpath / model
            try:
                system = None if where is None else _live(config, role, where)
                ocpp_grounds[model, role] = _ground(
                    config, file, role, system, ocpp_rooms, ocpp_sut
                )
            except OcppVerifyError as reason:
                pytest.fail(str(reason), pytrace=False)
        traces = option(config, "trace-dir")
        profile: str | None = PROFILES[0] if where is None else "ocpp-live"
        seed = None
        with suppress(ValueError):
            if config.getoption("--hypothesis-profile"):
                profile = None
            seed = config.getoption("--hypothesis-seed")
        return Playing(
            ocpp_grounds[model, role],
            _test_name(request),
            _given(config),
            profile,
            None if seed is None else int(seed),
            Path(traces) if traces is not None else None,
        )

    return play


def _test_name(request: pytest.FixtureRequest) -> str:
    """The node id as it is to be written where pytest was called."""
    _, _, name = request.node.nodeid.partition("::")
    file = os.path.relpath(request.path, request.config.invocation_params.dir)
    return f"{file}::{name}"


def _live_of(config: pytest.Config, role: Literal["charger", "csms"]) -> str | None:
    """Where the live system of that role is; skips where only one of the other role is named."""
    named = {"charger": option(config, "listen"), "csms": option(config, "csms-url")}
    if any(named.values()) and named[role] is None:
        missing = {"charger": "--ocpp-listen HOST:PORT", "csms": "--ocpp-csms-url URL"}[role]
        pytest.skip(f"no live {role} is named: {missing} does")
    return named[role]


def _address(where: str) -> tuple[str, int]:
    """The address of `--ocpp-listen`."""
    from ocpp_verify.errors import WrongInput

    host, _, port = where.rpartition(":")
    if not port.isdecimal() or not 0 <= int(port) <= 65535:
        raise WrongInput(f"`{where}` is no address", help="write --ocpp-listen HOST:PORT")
    return host.strip("[]") or "127.0.0.1", int(port)


def _live(config: pytest.Config, role: Literal["charger", "csms"], where: str) -> LiveSystem:
    from ocpp_verify.runner.live_playground import LiveSystem

    tags = option(config, "tags")
    return LiveSystem(
        role,
        _address(where) if role == "charger" else where,
        option(config, "bench" if role == "charger" else "operator") or "none",
        option(config, "station"),
        Path(tags) if tags is not None else None,
        dict(_pairs(option(config, "config"))),
        "quick" if option(config, "timing") == "quick" else "normal",
    )


def _check(config: pytest.Config) -> None:
    """Look at what was given before any test runs. Raises WrongInput."""
    from ocpp_verify.errors import WrongInput

    listen, url = option(config, "listen"), option(config, "csms-url")
    if listen is not None:
        _address(listen)
    if url is not None and not url.startswith(("ws://", "wss://")):
        raise WrongInput(
            f"`{url}` is no WebSocket URL", help="write --ocpp-csms-url ws://HOST:PORT"
        )
    timing = option(config, "timing")
    if timing not in (None, "quick", "normal"):
        raise WrongInput(f"unknown timing `{timing}`", help="write --ocpp-timing quick or normal")
    dict(_pairs(option(config, "config")))
    bench, operator, tags = (option(config, name) for name in ("bench", "operator", "tags"))
    if bench is not None:
        from ocpp_verify.live.drivers.bench import parse_bench

        parse_bench(bench)
    if operator is not None:
        from ocpp_verify.live.drivers.operator import parse_operator

        parse_operator(operator, option(config, "station") or "CP1")
    if tags is not None:
        from ocpp_verify.runner.tags import read_tags

        read_tags(Path(tags))


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
    from ocpp_verify.errors import WrongInput
    from ocpp_verify.runner.playground import KEYS, Circumstances, Playground

    named = option(config, "sut")
    module = named or sut
    if module is None:
        pytest.skip("no system is named: --ocpp-listen, --ocpp-csms-url or --ocpp-sut does")
    if not _is_there(module):
        if named is not None:
            raise WrongInput(
                f"there is no module `{module}`", help="write --ocpp-sut PACKAGE.MODULE"
            )
        pytest.skip(
            f"`{module}`, the systems that are started unless others are named, cannot be found: "
            "--ocpp-listen or --ocpp-csms-url names a live system"
        )
    faults = tuple(each for each in (option(config, "fault") or "").split(",") if each)
    keys = {**KEYS, **dict(_pairs(option(config, "config")))}
    return Playground(file, role, Circumstances(module, keys=keys, faults=faults))


def _is_there(module: str) -> bool:
    from importlib.util import find_spec

    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


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
