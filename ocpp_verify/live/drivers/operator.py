"""The operator of a CSMS: who makes it send the messages that it sends by somebody's will."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Protocol, cast
from urllib.parse import quote

from ocpp_verify.errors import WrongInput
from ocpp_verify.live.drivers.commands import Commands, read_commands
from ocpp_verify.live.drivers.entry_points import make_from
from ocpp_verify.live.drivers.http_client import HttpBase, outcome_of
from ocpp_verify.live.drivers.outcome import Outcome, Unavailable
from ocpp_verify.live.drivers.terminal import Terminal
from ocpp_verify.ocpp.v16.messages import messages_from

ACTIONS: tuple[str, ...] = tuple(message.action for message in messages_from("csms"))
"""The messages that a CSMS may send."""

API = "api/octt/1.6"
"""The path under which CSMSs of this convention take operator actions."""

_KINDS = "http://host:port, command:FILE.toml, prompt, python:package.module:factory or none"


class Operator(Protocol):
    """What makes the CSMS send a message."""

    @property
    def actions(self) -> frozenset[str]:
        """What this operator can do; the rest is untestable here."""
        ...

    async def do(self, action: str, payload: Mapping[str, object]) -> Outcome:
        """Have it sent with this payload; never raises for what the CSMS does wrong."""
        ...


def kebab_case(action: str) -> str:
    """The action as it stands in a path.

    >>> kebab_case("RemoteStartTransaction")
    'remote-start-transaction'
    """
    return re.sub(r"(?<!^)(?=[A-Z])", "-", action).lower()


class HttpOperator:
    """`POST {base}/api/octt/1.6/{station}/{kebab-case-action}` with the payload as the body.

    All actions are believed to be possible unless `actions` says otherwise.
    """

    def __init__(
        self,
        base_url: str,
        station: str,
        *,
        actions: Collection[str] = ACTIONS,
        timeout: float = 30.0,
    ) -> None:
        self._base = HttpBase(base_url, timeout)
        self._station = station
        self._actions = frozenset(actions)

    @property
    def actions(self) -> frozenset[str]:
        return self._actions

    async def do(self, action: str, payload: Mapping[str, object]) -> Outcome:
        if action not in self._actions:
            return Unavailable(f"the operator has no {action}")
        path = f"{API}/{quote(self._station, safe='')}/{kebab_case(action)}"
        return outcome_of(await self._base.post(path, payload))


class CommandOperator:
    """One shell line per action; placeholders are fields of the payload, and `{station}`."""

    def __init__(self, commands: Commands, station: str) -> None:
        self._commands = commands
        self._station = station

    @property
    def actions(self) -> frozenset[str]:
        return frozenset(action for action in ACTIONS if self._commands.has(action))

    async def do(self, action: str, payload: Mapping[str, object]) -> Outcome:
        return await self._commands.run(action, {"station": self._station, **payload})


class PromptOperator:
    """Asks a person; can do nothing while nobody sits at the terminal."""

    def __init__(self, station: str, terminal: Terminal | None = None) -> None:
        self._station = station
        self._terminal = terminal or Terminal.of_process()

    @property
    def actions(self) -> frozenset[str]:
        return frozenset(ACTIONS) if self._terminal.has_person else frozenset()

    async def do(self, action: str, payload: Mapping[str, object]) -> Outcome:
        fields = f" with {json.dumps(dict(payload))}" if payload else ""
        return await self._terminal.ask(f"send {action} to {self._station}{fields}")


class NoOperator:
    """Nobody operates the CSMS."""

    @property
    def actions(self) -> frozenset[str]:
        return frozenset()

    async def do(self, action: str, payload: Mapping[str, object]) -> Outcome:
        del payload
        return Unavailable(f"there is no operator for {action}")


def parse_operator(text: str, station: str) -> Operator:
    """The operator that an option names, for `station`; `WrongInput` if it names none.

    >>> parse_operator("none", "CP1").actions
    frozenset()
    """
    kind, _, rest = text.partition(":")
    match kind:
        case "http" | "https":
            return HttpOperator(text, station)
        case "command" if rest:
            commands = read_commands(Path(rest), "actions")
            unknown = sorted(set(commands.lines) - set(ACTIONS))
            if unknown:
                raise WrongInput(
                    f"{rest}: a CSMS sends no `{unknown[0]}`",
                    help="action names are case-sensitive, as in RemoteStartTransaction",
                )
            return CommandOperator(commands, station)
        case "python" if rest:
            # Checked by name only: a user's class need not inherit from ours.
            return cast(Operator, make_from(rest, ("actions", "do")))
        case "prompt" if not rest:
            return PromptOperator(station)
        case "none" if not rest:
            return NoOperator()
        case _:
            raise WrongInput(f"unknown operator `{text}`", help=f"write {_KINDS}")
