"""What a CSMS says about identifiers that nobody has told us of: it is asked before it is judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ocpp_verify.ir.system import State
from ocpp_verify.live.conversation import Conversation
from ocpp_verify.live.tester import Tester
from ocpp_verify.runner.tags import STANDINGS, Tag


async def ask_standings(tester: Tester, ids: Sequence[str], patience: float) -> dict[str, str]:
    """The status of each identifier, one Authorize after the other, outside of the model.

    Identifiers without a proper answer are left out.
    """
    found = {each: await _ask(tester, each, patience) for each in ids}
    return {name: status for name, status in found.items() if status is not None}


async def _ask(tester: Tester, name: str, patience: float) -> str | None:
    asides = tester.conversation.asides
    message_id = tester.aside("Authorize", {"idTag": name})
    await tester.until(lambda: message_id in asides, patience)
    info = (asides.get(message_id) or {}).get("idTagInfo")
    status = info.get("status") if isinstance(info, Mapping) else None
    return str(status) if status in STANDINGS else None


def with_standings(
    selections: Sequence[Sequence[Tag]], told: Mapping[str, str]
) -> tuple[tuple[Tag, ...], ...]:
    """The same selections, with the standings that the CSMS has told."""
    return tuple(
        tuple(replace(each, standing=told.get(each.id, each.standing)) for each in chosen)
        for chosen in selections
    )


def believe(conversation: Conversation, standings: Mapping[str, str], now: float) -> None:
    """From now on the CSMS has these standings on record, by the model's token."""
    cells = conversation.oracle.system.cells
    known = {
        at: cell.domain.index(standings[str(cell.indices[0])])
        for at, cell in enumerate(cells)
        if cell.variable == "standing" and str(cell.indices[0]) in standings
    }

    def learnt(state: State) -> State:
        return tuple(known.get(at, value) for at, value in enumerate(state))

    conversation.belief.rewrite(learnt, now)


def what_it_means(told: Mapping[str, str]) -> str:
    """A line for the report."""
    accepted = [name for name, status in told.items() if status == "Accepted"]
    if not accepted:
        return (
            "no tag is known to be accepted, so no transaction can start: "
            "`--tags FILE` says what the CSMS has on record"
        )
    return (
        f"the CSMS accepts {' and '.join(accepted)}, of which nobody has told it, so it is not judged "
        "whom it lets in: `--tags FILE` says what it has on record"
    )
