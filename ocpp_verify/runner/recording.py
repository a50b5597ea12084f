"""Trace files of live runs, written entry by entry: a crash leaves what was had until then."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from ocpp_verify.errors import WrongInput
from ocpp_verify.live.record import Entry

_TAIL = b"\n  ]\n}\n"
_MOST = 20_000  # entries of one file; a flood must not fill the disk
_LONGEST = 20_000  # characters of one entry


class Journal(list[Entry]):
    """A log that tells somebody about every new entry."""

    def __init__(self, told: Callable[[Entry], None]) -> None:
        super().__init__()
        self._told = told

    def append(self, entry: Entry) -> None:
        """Add the entry."""
        super().append(entry)
        self._told(entry)


class Recording:
    """One trace file. It is well-formed JSON after every entry; `head` comes first in it."""

    def __init__(self, file: Path, head: Mapping[str, Any]) -> None:
        self.file = file
        self._count = 0
        self._stream: BinaryIO | None = None
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._stream = file.open("wb")
        except OSError as problem:
            raise WrongInput(
                f"{file} cannot be written: {(problem.strerror or str(problem)).lower()}",
                help="name a folder that you may write to",
            ) from None
        text = json.dumps(dict(head), indent=2, ensure_ascii=False)
        assert text.endswith("\n}"), "a head has entries"
        self._stream.write(text[:-2].encode("utf-8", "backslashreplace") + b',\n  "entries": [')
        self._stream.write(_TAIL)
        self._stream.flush()

    def __call__(self, entry: Entry) -> None:
        """Write one entry."""
        if self._stream is None or self._count >= _MOST:
            return
        data = {"at": round(entry.at, 4), "mark": entry.mark, "text": entry.text[:_LONGEST]}
        if entry.step:
            data["step"] = entry.step
        line = json.dumps(data, ensure_ascii=False).encode("utf-8", "backslashreplace")
        self._stream.seek(-len(_TAIL), 2)
        self._stream.write((b",\n    " if self._count else b"\n    ") + line + _TAIL)
        self._stream.flush()
        self._count += 1

    def close(self) -> None:
        """Write no more."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def become(self, file: Path, more: Mapping[str, Any]) -> None:
        """Close it under its last name, with more in its head."""
        self.close()
        document = json.loads(self.file.read_text(encoding="utf-8"))
        entries = document.pop("entries")
        text = json.dumps({**document, **more, "entries": entries}, indent=1, ensure_ascii=False)
        file.write_text(text + "\n", encoding="utf-8", errors="backslashreplace")
        if file != self.file:
            self.file.unlink(missing_ok=True)
        self.file = file
