"""Sequence diagrams of recorded conversations: frames as they went over the wire."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, assert_never

from ocpp_verify.diagrams.extract.sequence import BENCH, OPERATOR, lifelines_of
from ocpp_verify.diagrams.pictures import (
    Divider,
    Message,
    NoteBlock,
    SequenceDiagram,
    SequenceItem,
)
from ocpp_verify.ir.model import Role, peer
from ocpp_verify.ocpp.facts import Malformed, UnknownType
from ocpp_verify.ocpp.framing import CallFrame, ErrorFrame, ResultFrame, decode

_SHOWN = 160
_CALL = re.compile(r"(\w+)\((.*)\)", re.DOTALL)


class Entry(Protocol):
    """A line of a log. Mark `->` is what the tester sent, `<-` what it received, `*` the rest."""

    @property
    def at(self) -> float: ...
    @property
    def mark(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def step(self) -> str: ...


class Remark(Protocol):
    """What is wrong: a finding, said once the frames are drawn that show it."""

    @property
    def kind(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def rules(self) -> tuple[str, ...]: ...


def sequence_of_log(
    entries: Sequence[Entry], sut: Role, findings: Sequence[Remark] = (), title: str = ""
) -> SequenceDiagram:
    """The diagram of a conversation with the system under test, in seconds since its first entry.

    A finding stands where the log says `kind: message`, and at the end if it does not.
    """
    recording = _Recording(sut, entries[0].at if entries else 0.0, list(findings))
    for number, entry in enumerate(entries, start=1):
        recording.add(number, entry)
    for each in recording.findings:
        recording.items.append(_finding(each, None))
    items = recording.items
    labelled = tuple(
        type(line)(line.id, f"{line.label} (under test)") if line.id == sut else line
        for line in lifelines_of(items)
    )
    return SequenceDiagram(title, labelled, tuple(items))


@dataclass(slots=True)
class _Recording:
    sut: Role
    start: float
    findings: list[Remark]
    items: list[SequenceItem] = field(default_factory=list)
    names: dict[tuple[Role, str], str] = field(default_factory=dict)
    """By caller and message id, the name of the call."""

    def add(self, number: int, entry: Entry) -> None:
        match entry.mark:
            case "->":
                self._frame(number, entry, peer(self.sut))
            case "<-":
                self._frame(number, entry, self.sut)
            case _:
                self._happening(number, entry)

    def _frame(self, number: int, entry: Entry, source: Role) -> None:
        target = peer(source)
        moment = f"{entry.at - self.start:.1f} s"
        content = decode(entry.text).content
        match content:
            case CallFrame():
                self.names[source, content.id] = content.action
                detail = _joined(_payload(content.payload), moment)
                self.items.append(Message(source, target, content.action, detail, "call", number))
            case ResultFrame():
                name = self.names.pop((target, content.id), "answer to nothing")
                outcome = _outcome(content.payload)
                text = f"{name}.{outcome}" if outcome else f"{name} answer"
                detail = _joined(_payload(content.payload), moment)
                self.items.append(Message(source, target, text, detail, "reply", number))
            case ErrorFrame():
                name = self.names.pop((target, content.id), "answer to nothing")
                detail = _joined(content.description, moment)
                text = f"{name}: {content.code}"
                self.items.append(Message(source, target, text, detail, "reply", number))
            case Malformed():
                detail = _joined(_cut(entry.text), content.why, moment)
                self.items.append(Message(source, target, "no message", detail, "call", number))
            case UnknownType():
                detail = _joined(_cut(entry.text), moment)
                self.items.append(Message(source, target, "unknown type", detail, "call", number))
            case _:
                assert_never(content)

    def _happening(self, number: int, entry: Entry) -> None:
        for each in self.findings:
            if entry.text == f"{each.kind}: {each.message}":
                self.findings.remove(each)
                self.items.append(_finding(each, number))
                return
        moment = f"{entry.at - self.start:.1f} s"
        match = _CALL.fullmatch(entry.step or entry.text)
        if match is not None:
            source = BENCH if self.sut == "charger" else OPERATOR
            detail = _joined(match[2], moment)
            self.items.append(Message(source, self.sut, match[1], detail, "call", number))
        else:
            self.items.append(Divider(f"{entry.text}, {moment}", number))


def _finding(each: Remark, number: int | None) -> NoteBlock:
    tone = "plain" if each.kind == "advice" else "bad"
    return NoteBlock((), f"{each.kind}: {each.message}", tone, number, each.rules)  # type: ignore[arg-type]


def _payload(payload: object) -> str:
    """The fields as `name=value`; objects in them as JSON."""
    if not isinstance(payload, Mapping):
        return _cut(json.dumps(payload, ensure_ascii=False))
    return _cut(", ".join(f"{name}={_field(value)}" for name, value in payload.items()))


def _field(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _outcome(payload: object) -> str:
    """The status of an answer, also where it stands inside `idTagInfo`."""
    if not isinstance(payload, Mapping):
        return ""
    for holder in (payload, payload.get("idTagInfo")):
        if isinstance(holder, Mapping) and isinstance(holder.get("status"), str):
            return str(holder["status"])
    return ""


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _joined(*texts: str) -> str:
    return "\n".join(each for each in texts if each)
