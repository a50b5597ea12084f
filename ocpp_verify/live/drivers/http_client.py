"""One JSON request over HTTP, in a thread, with an outcome instead of exceptions."""

from __future__ import annotations

import asyncio
import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from ocpp_verify.errors import WrongInput
from ocpp_verify.live.drivers.outcome import Done, Outcome, Refused, Unavailable

_LARGEST_ANSWER = 1_000_000  # bytes
_NO_SUCH_THING = (404, 405, 501)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response; the body is cut at a million bytes."""

    status: int
    body: str


@dataclass(frozen=True, slots=True)
class HttpBase:
    """An address below which requests go; `timeout` in seconds for each step of a request."""

    url: str
    timeout: float = 30.0

    def __post_init__(self) -> None:
        parts = self._parts()
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
            raise WrongInput(
                f"`{self.url}` is no HTTP address", help="write http://host:port or with a path"
            )

    async def post(self, path: str, document: Mapping[str, object]) -> Answer | Unavailable:
        """POST `document` as JSON; a connection that fails is `Unavailable`."""
        return await self._request("POST", path, json.dumps(dict(document)))

    async def get(self, path: str) -> Answer | Unavailable:
        """GET `path`; a connection that fails is `Unavailable`."""
        return await self._request("GET", path, None)

    def _parts(self) -> SplitResult:
        try:
            parts = urlsplit(self.url)
            _ = parts.port  # raises where it is no number
        except ValueError:
            return SplitResult("", "", "", "", "")
        return parts

    async def _request(self, method: str, path: str, body: str | None) -> Answer | Unavailable:
        try:
            return await asyncio.to_thread(self._blocking, method, path, body)
        except TimeoutError:
            return Unavailable(f"{self.url} does not answer within {self.timeout:g} s")
        except (OSError, http.client.HTTPException) as reason:
            return Unavailable(f"{self.url}: {reason or type(reason).__name__}")

    def _blocking(self, method: str, path: str, body: str | None) -> Answer:
        parts = self._parts()
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        connection = kind(parts.hostname or "", parts.port, timeout=self.timeout)
        try:
            headers = {"Content-Type": "application/json"} if body is not None else {}
            target = f"{parts.path.rstrip('/')}/{path}"
            connection.request(method, target, body, headers)
            response = connection.getresponse()
            return Answer(
                response.status, response.read(_LARGEST_ANSWER).decode("utf-8", "replace")
            )
        finally:
            connection.close()


def outcome_of(answer: Answer | Unavailable) -> Outcome:
    """2xx is done; 404, 405 and 501 say that there is no such thing; all else refuses."""
    if isinstance(answer, Unavailable):
        return answer
    said = answer.body.strip()[:500]
    if 200 <= answer.status <= 299:
        return Done(said)
    why = f"HTTP {answer.status}" + (f": {said}" if said else "")
    return Unavailable(why) if answer.status in _NO_SUCH_THING else Refused(why)
