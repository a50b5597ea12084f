"""A short script to where a run failed: planned anew, without the detours that led there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from ocpp_verify.ir.model import Event, Hidden, peer
from ocpp_verify.live.conversation import Conversation
from ocpp_verify.live.pathfinder import Pathfinder
from ocpp_verify.live.script import Deed, Script
from ocpp_verify.live.tester import Tester

_EXPANSIONS = 2_000


def shortcut(
    tester: Tester, pathfinder: Pathfinder, askable: Callable[[str], bool]
) -> Script | None:
    """The shortest way to what was believed before the last choice of the run, and that choice; None
    where no way is found that is shorter than the run.
    """
    if len(tester.script) < 3:
        return None
    way = pathfinder.approach(tester.stood[0], tester.stood[-1], expansions=_EXPANSIONS)
    if way is None:
        return None
    found = (*_deeds(tester.conversation, way, askable), tester.script[-1])
    return found if len(found) < len(tester.script) else None


def _deeds(
    conversation: Conversation, way: Iterable[int], askable: Callable[[str], bool]
) -> Iterator[Deed]:
    """The choices among the steps. A step that takes its time is waited for."""
    oracle = conversation.oracle
    ours = peer(conversation.sut)
    pause = 0.0
    for number in way:
        label = oracle.system.commands[number].label
        deed: Deed | None = None
        if label.phase == "reply":
            if label.actor == ours and label.outcome not in ("Accepted", ""):
                deed = Deed("answer", label.action, (), label.outcome, label.answer)
        elif label.phase == "sent":
            if label.actor == ours:
                deed = Deed("call", label.action, label.args)
            elif askable(label.action):
                deed = Deed("ask", label.action, label.args)
        elif label.phase == "step":
            action = oracle.lowering.model.action(label.action)
            if any(conversation.is_link_event(label.action, up=up) for up in (True, False)):
                deed = Deed("link", label.action)
            elif isinstance(action, Event) and action.role == conversation.sut:
                deed = Deed("event", label.action, oracle.outer(label.action, label.args))
            elif label.actor == conversation.sut:
                assert isinstance(action, Hidden)
                pause += oracle.bounds(number)[1]
            else:
                deed = Deed("own", label.action, label.args)
        if deed is not None:
            yield replace(deed, after=pause)
            pause = 0.0
