"""The charger as a thing in the street: cables, power, network, and a controller inside."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any, Self

from tests.peers.charger.bench import VERBS, Bench
from tests.peers.charger.configuration import Configuration
from tests.peers.charger.connector import Hardware, Memory
from tests.peers.charger.requests import serve
from tests.peers.charger.settings import ChargerSettings
from tests.peers.charger.station import ResetType, Station, Storage
from tests.peers.charger.transactions import Meter
from tests.peers.faults import Faults
from tests.peers.http_door import ProblemError

DEFAULT_ERROR = "InternalError"
ERROR_CODES = frozenset(
    {
        "ConnectorLockFailure",
        "GroundFailure",
        "HighTemperature",
        "InternalError",
        "OtherError",
        "OverCurrentFailure",
        "OverVoltage",
        "PowerMeterFailure",
        "PowerSwitchFailure",
        "ReaderFailure",
        "ResetFailure",
        "UnderVoltage",
        "WeakSignal",
    }
)


class Charger:
    """A charger with a bench; an asynchronous context that powers it up and takes it away.

    ```python
    async with Charger(ChargerSettings(csms.url)) as charger:
        await charger.act("plug_in", {"connectorId": 1})
    ```
    """

    def __init__(self, settings: ChargerSettings) -> None:
        if not 1 <= settings.connectors <= 16:
            raise ValueError("a charger has 1 to 16 connectors")
        self.settings = settings
        self.faults = Faults("charger", settings.faults)
        numbers = range(1, settings.connectors + 1)
        self._storage = Storage(
            Configuration(settings.connectors, settings.config, self.faults),
            {number: Memory() for number in numbers},
            {number: Meter(settings.power, 1000.0 * number) for number in numbers},
        )
        self._hardware = {number: Hardware() for number in (0, *numbers)}
        self._network = asyncio.Event()
        self._network.set()
        self._is_powered = False
        self._station: Station | None = None
        self._restarting: asyncio.Task[None] | None = None
        self._bench = Bench(self.act, settings.bench_port)

    @property
    def bench_url(self) -> str:
        return self._bench.url

    async def __aenter__(self) -> Self:
        await self._bench.open()
        self._power_up()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._bench.close()
        await self._power_down()

    async def act(self, verb: str, arguments: dict[str, Any]) -> None:
        """Carry out one physical action; raises `ProblemError` if it is unknown or impossible."""
        if verb not in VERBS:
            raise ProblemError(HTTPStatus.NOT_FOUND, f"unknown verb {verb}")
        for name in VERBS[verb]:
            if name not in arguments:
                raise ProblemError(HTTPStatus.BAD_REQUEST, f"{verb} needs {name}")
        match verb:
            case "power_off" | "power_on":
                await self._switch_power(verb == "power_on")
            case "network_down" | "network_up":
                self._switch_network(verb == "network_up")
            case "present_tag":
                self._present(arguments)
            case "fault" | "clear_fault":
                self._fault(verb == "fault", arguments)
            case _:
                self._handle_cable(verb, arguments["connectorId"])

    # Power and network.

    def _power_up(self) -> None:
        self._is_powered = True
        self._boot()

    def _boot(self) -> None:
        self._station = Station(
            self.settings,
            self.faults,
            self._storage,
            self._hardware,
            self._network,
            self._restart,
            serve,
        )
        self._station.start()

    async def _power_down(self) -> None:
        self._is_powered = False
        restarting, self._restarting = self._restarting, None
        if restarting is not None:
            restarting.cancel()
            await asyncio.gather(restarting, return_exceptions=True)
        station, self._station = self._station, None
        if station is not None:
            await station.shut(is_abrupt=True)

    async def _switch_power(self, is_on: bool) -> None:
        _need(self._is_powered != is_on, f"power is {'on' if is_on else 'off'} already")
        if is_on:
            self._power_up()
        else:
            await self._power_down()

    def _switch_network(self, is_up: bool) -> None:
        _need(self._network.is_set() != is_up, f"network is {'up' if is_up else 'down'} already")
        if is_up:
            self._network.set()
            return
        self._network.clear()
        if self._station is not None:
            self._station.line.cut()

    def _restart(self, kind: ResetType) -> None:
        self._restarting = asyncio.create_task(self._carry_out_reset(kind))

    async def _carry_out_reset(self, kind: ResetType) -> None:
        station = self._station
        assert station is not None
        is_hard = kind == "Hard"
        grace = self.settings.hard_reset_grace if is_hard else self.settings.reset_grace
        await station.line.flush(grace)
        self._station = None
        try:
            await station.shut(is_abrupt=False)
        except asyncio.CancelledError:
            # The power failed in the middle of it.
            await station.shut(is_abrupt=True)
            raise
        await asyncio.sleep(self.settings.delay(self.settings.reset_time))
        if self._is_powered:
            self._restarting = None
            self._boot()

    # At the charger.

    def _connector(self, number: object) -> int:
        is_known = type(number) is int and number in self._storage.connectors
        _need(is_known, f"there is no connector {number}")
        assert isinstance(number, int)
        return number

    def _present(self, arguments: dict[str, Any]) -> None:
        id_tag = arguments["idTag"]
        if not isinstance(id_tag, str) or not 0 < len(id_tag) <= 20:
            raise ProblemError(HTTPStatus.BAD_REQUEST, "idTag is a text of 1 to 20 characters")
        number = arguments.get("connectorId")
        if number is not None:
            number = self._connector(number)
        if self._station is not None:
            self._station.identification.present(id_tag, number)

    def _fault(self, is_new: bool, arguments: dict[str, Any]) -> None:
        number = arguments["connectorId"]
        if number != 0:
            number = self._connector(number)
        errors = self._hardware[number].errors
        code = arguments.get("errorCode")
        if code is not None and code not in ERROR_CODES:
            raise ProblemError(HTTPStatus.BAD_REQUEST, f"unknown errorCode {code}")
        if is_new:
            code = code or DEFAULT_ERROR
            _need(code not in errors, f"{code} is present already")
            errors.append(code)
        else:
            _need(bool(errors) and (code is None or code in errors), "there is no such error")
            # Without a code every error goes.
            gone = [code] if code is not None else list(errors)
            if self.faults.has("CP-S14"):
                gone = list(errors)
            for error in gone:
                errors.remove(error)
        if self._station is not None:
            self._station.fault_changed(number)

    def _handle_cable(self, verb: str, argument: object) -> None:
        number = self._connector(argument)
        hardware = self._hardware[number]
        station = self._station
        match verb:
            case "plug_in":
                _need(not hardware.plugged, f"connector {number} is plugged already")
                hardware.plugged = hardware.ev_ready = True
                if station is not None:
                    station.plugged_in(station.connectors[number])
                else:
                    self._storage.connectors[number].finishing = None
                    self._storage.connectors[number].held_for = None
            case "plug_out":
                _need(hardware.plugged, f"connector {number} is not plugged")
                hardware.plugged = hardware.ev_ready = False
                if station is not None:
                    station.plugged_out(station.connectors[number])
                else:
                    self._storage.connectors[number].finishing = None
            case _:
                _need(hardware.plugged, f"no vehicle at connector {number}")
                hardware.ev_ready = verb == "ev_ready"
                if station is not None:
                    station.vehicle_changed(station.connectors[number])


def _need(is_possible: bool, otherwise: str) -> None:
    if not is_possible:
        raise ProblemError(HTTPStatus.CONFLICT, otherwise)
