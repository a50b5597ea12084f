"""Shell lines as drivers: placeholders, quoting, a time-out."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shlex
import signal
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ocpp_verify.errors import WrongInput
from ocpp_verify.live.drivers.outcome import Done, Outcome, Refused, Unavailable

_NOT_FOUND = 127  # what a shell answers for a command that does not exist


@dataclass(frozen=True, slots=True)
class Commands:
    """One shell line per name, or one line for all of them (`every`).

    `{placeholder}` stands for an argument, quoted for the shell, so it must not stand within quotes;
    `{verb}` and `{action}` for the name itself and `{arguments}` for all arguments as one JSON text.
    Braces of the shell are doubled: `${{HOME}}`.
    In a line of its own an argument must be there; in the line for all it may be absent, and is then
    an empty word.
    """

    lines: Mapping[str, str]
    every: str | None = None
    timeout: float = 60.0

    def __post_init__(self) -> None:
        for name, line in [*self.lines.items(), ("every", self.every or "")]:
            _check_line(name, line)

    def has(self, name: str) -> bool:
        """Whether there is a line for `name`."""
        return self.every is not None or name in self.lines

    async def run(self, name: str, arguments: Mapping[str, object]) -> Outcome:
        """Run the line for `name`; exit status 0 is done."""
        line = self.lines.get(name, self.every)
        if line is None:
            return Unavailable(f"no command for {name}")
        words = {key: shlex.quote(_word(value)) for key, value in arguments.items()}
        words |= {"verb": name, "action": name}
        words["arguments"] = shlex.quote(json.dumps(dict(arguments)))
        missing = [each for each in _placeholders(line) if each not in words]
        if missing and name in self.lines:
            return Refused(f"the command for {name} needs {', '.join(missing)}")
        command = line.format_map(words | dict.fromkeys(missing, "''"))
        if "\0" in command or not _is_encodable(command):
            return Refused(f"an argument of {name} cannot stand on a command line")
        return await self._execute(command)

    async def _execute(self, line: str) -> Outcome:
        # A session of its own, so that a time-out ends what the shell has started too.
        process = await asyncio.create_subprocess_shell(
            line,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(self.timeout):
                output, _ = await process.communicate()
        except TimeoutError:
            return Refused(f"the command did not end within {self.timeout:g} s: {line}")
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        said = output.decode("utf-8", "replace").strip()[-500:]
        if process.returncode == 0:
            return Done(said)
        last = said.rpartition("\n")[2]
        why = f"exit status {process.returncode}" + (f": {last}" if last else "")
        return Unavailable(why) if process.returncode == _NOT_FOUND else Refused(why)


def read_commands(path: Path, table: str) -> Commands:
    """The commands in a TOML file: `every = "…"`, `timeout = 60`, and `[table]` with name = line."""
    help_text = f'write `[{table}]` and below it lines such as name = "command {{connectorId}}"'
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as reason:
        raise WrongInput(
            f"cannot read {path}: {reason.strerror or reason}", help="check the name of the file"
        ) from reason
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as reason:
        raise WrongInput(f"{path} is no TOML: {reason}", help=help_text) from reason
    unknown = sorted(set(document) - {"every", "timeout", "verbs", "actions"})
    if unknown:
        raise WrongInput(f"{path}: unknown key `{unknown[0]}`", help=help_text)
    lines, every = document.get(table, {}), document.get("every")
    timeout = document.get("timeout", 60.0)
    if not isinstance(lines, dict) or not all(isinstance(line, str) for line in lines.values()):
        raise WrongInput(f"{path}: `{table}` is no table of command lines", help=help_text)
    if not isinstance(every, str | None):
        raise WrongInput(f"{path}: `every` is no command line", help='write every = "…"')
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or timeout <= 0:
        raise WrongInput(f"{path}: `timeout` is no number of seconds", help="write timeout = 60")
    if not lines and every is None:
        raise WrongInput(f"{path} has no commands", help=help_text)
    return Commands(lines, every, float(timeout))


def _word(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _placeholders(line: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(line) if name is not None]


def _is_encodable(text: str) -> bool:
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        return False
    return True


def _check_line(name: str, line: str) -> None:
    try:
        found = list(string.Formatter().parse(line))
    except ValueError as reason:
        raise WrongInput(
            f"the command for `{name}` has a brace that opens or closes nothing",
            help="double the braces that are the shell's own: {{ and }}",
        ) from reason
    quote = ""
    for text, placeholder, form, conversion in found:
        quote = _quote_after(text, quote)
        if placeholder is not None and quote:
            raise WrongInput(
                f"the command for `{name}` has `{{{placeholder}}}` within quotes",
                help="take the quotes away: arguments are quoted when they are put in",
            )
        if placeholder is not None and (not placeholder.isidentifier() or form or conversion):
            raise WrongInput(
                f"the command for `{name}` has the placeholder `{{{placeholder}}}`",
                help="placeholders are plain names of arguments, as in {connectorId}",
            )


def _quote_after(text: str, quote: str) -> str:
    """The quotation mark that is open after `text`, if `quote` was open before it."""
    is_escaped = False
    for letter in text:
        if is_escaped:
            is_escaped = False
        elif letter == "\\" and quote != "'":
            is_escaped = True
        elif letter == quote:
            quote = ""
        elif letter in "'\"" and not quote:
            quote = letter
    return quote
