"""The exceptions a caller of ocpp-verify may meet.

    OcppVerifyError                  what is wrong, and one concrete next move; exit code 1
    |-- WrongInput                   a file, an option or a setting cannot be used; exit code 2
    `-- PeerUnreachable              the system under test or its bench does not answer; exit code 4

What a system under test does wrong is never an exception: it is a fact, and the facts make verdicts.
"""

from __future__ import annotations

from typing import ClassVar


class OcppVerifyError(Exception):
    r"""Something stops the work: `message` says what is wrong, `help` names one next move.

    Both are written for a person: lower case, present tense, no class names.

    >>> str(WrongInput("unknown bench `htp`", help="write `http://host:port`"))
    'unknown bench `htp`\n  = help: write `http://host:port`'
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, help: str = "") -> None:
        super().__init__(message, help)
        self.message = message
        self.help = help

    def __str__(self) -> str:
        return f"{self.message}\n  = help: {self.help}" if self.help else self.message

    def __reduce__(self) -> tuple[object, ...]:
        # `help` is keyword-only, which the inherited pickling does not know; pools pickle errors.
        return _rebuild, (type(self), self.message, self.help)


class WrongInput(OcppVerifyError):  # noqa: N818 - named for what the user did
    """What the user handed over cannot be used as it is."""

    exit_code = 2


class PeerUnreachable(OcppVerifyError):  # noqa: N818 - named for the situation
    """No connection to the other side; says nothing about whether it conforms."""

    exit_code = 4


def _rebuild(kind: type[OcppVerifyError], message: str, help: str) -> OcppVerifyError:
    return kind(message, help=help)
