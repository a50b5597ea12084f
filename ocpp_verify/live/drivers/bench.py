"""The bench of a charger: hands that plug, present tags and cut the power."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Protocol, cast

from ocpp_verify.errors import WrongInput
from ocpp_verify.live.drivers.commands import Commands, read_commands
from ocpp_verify.live.drivers.entry_points import make_from
from ocpp_verify.live.drivers.http_client import Answer, HttpBase, outcome_of
from ocpp_verify.live.drivers.outcome import Outcome, Unavailable
from ocpp_verify.live.drivers.terminal import Terminal

VERBS: tuple[str, ...] = (
    "plug_in",
    "plug_out",
    "present_tag",
    "ev_ready",
    "ev_not_ready",
    "fault",
    "clear_fault",
    "power_off",
    "power_on",
    "network_down",
    "network_up",
)
"""The verbs of the bench contract. Arguments are `connectorId` and `idTag`."""

_KINDS = "http://host:port, command:FILE.toml, prompt, python:package.module:factory or none"


class Bench(Protocol):
    """What does things at the charger that no message can do."""

    @property
    def verbs(self) -> frozenset[str]:
        """What this bench can do; the rest is untestable here."""
        ...

    async def do(self, verb: str, arguments: Mapping[str, object]) -> Outcome:
        """Do it and say what came of it; never raises for what the lab does wrong."""
        ...


class HttpBench:
    """`POST {base}/{verb}` with the arguments as JSON; 2xx is done, 404 and 501 mean never.

    All verbs are believed to be possible until `discover` has asked.
    """

    def __init__(
        self, base_url: str, *, verbs: Collection[str] = VERBS, timeout: float = 30.0
    ) -> None:
        self._base = HttpBase(base_url, timeout)
        self._verbs = frozenset(verbs)

    @property
    def verbs(self) -> frozenset[str]:
        return self._verbs

    async def discover(self) -> bool:
        """Take over the verbs that `GET {base}/verbs` lists as a JSON array; False without one."""
        answer = await self._base.get("verbs")
        if not isinstance(answer, Answer) or answer.status != 200:
            return False
        try:
            listed = json.loads(answer.body)
        except (ValueError, RecursionError):
            return False
        if not isinstance(listed, list):
            return False
        self._verbs = frozenset(verb for verb in VERBS if verb in listed)
        return True

    async def do(self, verb: str, arguments: Mapping[str, object]) -> Outcome:
        if verb not in self._verbs:
            return Unavailable(f"the bench has no {verb}")
        return outcome_of(await self._base.post(verb, arguments))


class CommandBench:
    """One shell line per verb; see `Commands` for placeholders and quoting."""

    def __init__(self, commands: Commands) -> None:
        self._commands = commands

    @property
    def verbs(self) -> frozenset[str]:
        return frozenset(verb for verb in VERBS if self._commands.has(verb))

    async def do(self, verb: str, arguments: Mapping[str, object]) -> Outcome:
        return await self._commands.run(verb, arguments)


class PromptBench:
    """Asks a person; can do nothing while nobody sits at the terminal."""

    def __init__(self, terminal: Terminal | None = None) -> None:
        self._terminal = terminal or Terminal.of_process()

    @property
    def verbs(self) -> frozenset[str]:
        return frozenset(VERBS) if self._terminal.has_person else frozenset()

    async def do(self, verb: str, arguments: Mapping[str, object]) -> Outcome:
        return await self._terminal.ask(request_for(verb, arguments))


class NoBench:
    """Nobody is at the charger."""

    @property
    def verbs(self) -> frozenset[str]:
        return frozenset()

    async def do(self, verb: str, arguments: Mapping[str, object]) -> Outcome:
        del arguments
        return Unavailable(f"there is no bench for {verb}")


def request_for(verb: str, arguments: Mapping[str, object]) -> str:
    """The verb as a request to a person.

    >>> request_for("plug_in", {"connectorId": 1})
    'plug the cable into connector 1'
    """
    connector = arguments.get("connectorId")
    place = "the charger" if connector in (None, 0) else f"connector {connector}"
    match verb:
        case "plug_in":
            return f"plug the cable into {place}"
        case "plug_out":
            return f"take the plug out of {place}"
        case "present_tag":
            where = "" if connector in (None, 0) else f" at {place}"
            return f"present the tag {arguments.get('idTag', '(any)')}{where}"
        case "ev_ready":
            return f"let the vehicle at {place} draw energy"
        case "ev_not_ready":
            return f"stop the vehicle at {place} from drawing energy"
        case "fault":
            return f"cause a fault at {place}"
        case "clear_fault":
            return f"clear the fault at {place}"
        case "power_off":
            return "switch the charger's power off"
        case "power_on":
            return "switch the charger's power on"
        case "network_down":
            return "cut the charger's network"
        case "network_up":
            return "restore the charger's network"
        case _:
            details = ", ".join(f"{name} {value}" for name, value in arguments.items())
            return f"do {verb}" + (f" ({details})" if details else "")


def parse_bench(text: str) -> Bench:
    """The bench that an option names; `WrongInput` if it names none.

    >>> parse_bench("none").verbs
    frozenset()
    """
    kind, _, rest = text.partition(":")
    match kind:
        case "http" | "https":
            return HttpBench(text)
        case "command" if rest:
            commands = read_commands(Path(rest), "verbs")
            unknown = sorted(set(commands.lines) - set(VERBS))
            if unknown:
                raise WrongInput(
                    f"{rest}: unknown verb `{unknown[0]}`", help=f"verbs are {', '.join(VERBS)}"
                )
            return CommandBench(commands)
        case "python" if rest:
            # Checked by name only: a user's class need not inherit from ours.
            return cast(Bench, make_from(rest, ("verbs", "do")))
        case "prompt" if not rest:
            return PromptBench()
        case "none" if not rest:
            return NoBench()
        case _:
            raise WrongInput(f"unknown bench `{text}`", help=f"write {_KINDS}")
