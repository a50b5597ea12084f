"""What a charger says about itself: configuration keys read and written before a test plans."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ocpp_verify.ir.lower import Lowering
from ocpp_verify.ir.system import State
from ocpp_verify.ir.types import EnumType, RangeType, Value, domain
from ocpp_verify.live.conversation import Conversation
from ocpp_verify.live.tester import Tester
from ocpp_verify.ocpp.v16.configuration import Unreadable, is_same_key, read_value
from ocpp_verify.runner.live import Setup

_LATE = 10  # seconds until a lost message is repeated


@dataclass(frozen=True, slots=True)
class Told:
    """What came of reading and writing.

    Attributes:
        keys: as the charger wrote them, by its own spelling.
        warnings: what does not fit the test, each with its cure.
    """

    keys: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def value(self, name: str) -> str | None:
        """The text of a key; None if the charger did not tell it."""
        return next((text for key, text in self.keys.items() if is_same_key(key, name)), None)


async def read_and_set(tester: Tester, changes: Mapping[str, str], patience: float) -> Told:
    """Change keys, then read all; both outside of the model, one call after the other."""
    warnings = []
    for name, value in changes.items():
        answer = await _ask(tester, "ChangeConfiguration", {"key": name, "value": value}, patience)
        status = answer.get("status") if answer is not None else None
        if status == "RebootRequired":
            warnings.append(f"{name}={value} counts after a restart of the charger only")
        elif status != "Accepted":
            warnings.append(
                f"the charger does not take {name}={value} ({status or 'no answer'}); "
                f"set it at the charger, or test without `--set {name}`"
            )
    answer = await _ask(tester, "GetConfiguration", {}, patience)
    if answer is None:
        warnings.append("the charger does not tell its configuration; `--config KEY=VALUE` does")
        return Told({}, tuple(warnings))
    entries = answer.get("configurationKey")
    keys = {
        str(each["key"]): str(each.get("value", ""))
        for each in (entries if isinstance(entries, list) else [])
        if isinstance(each, Mapping) and "key" in each
    }
    return Told(keys, tuple(warnings))


async def _ask(
    tester: Tester, action: str, payload: Mapping[str, Any], patience: float
) -> Mapping[str, Any] | None:
    conversation = tester.conversation
    message_id = tester.aside(action, payload)
    await tester.until(lambda: message_id in conversation.asides, patience)
    return conversation.asides.get(message_id)


def agreed(lowering: Lowering, setup: Setup, told: Told) -> Setup:
    """The set-up with the values of the keys that the model has and the charger told.

    What the command line fixed stays. A duration of 0 or less than that stays as the model has it,
    unless it switches a duty off.
    """
    fixed: dict[str, Value] = {}
    for variable in lowering.model.variables:
        if variable.config and (text := told.value(variable.name)) is not None:
            value = _meaning(variable.type, text)
            if value is not None:
                fixed[variable.name] = value
    settings = dict(setup.timing.settings)
    for setting in lowering.model.settings:
        text = told.value(setting.name) if setting.owner == "charger" else None
        seconds = read_value("integer", text) if text is not None else None
        if isinstance(seconds, int) and seconds >= 0:
            settings[setting.name] = float(seconds)
    if profiles := told.value("SupportedFeatureProfiles"):
        named = {each.strip().lower() for each in profiles.split(",")}
        if any(each.name == "reserves" and each.trait for each in lowering.model.variables):
            fixed["reserves"] = "reservation" in named
    return replace(
        setup,
        fixed={**fixed, **setup.fixed},
        timing=replace(setup.timing, settings=settings),
    )


def _meaning(type_: object, text: str) -> Value | None:
    """The model's value for a configuration text; None if it has none."""
    if isinstance(type_, EnumType | RangeType):
        number = read_value("integer", text)
        wanted: Value = number if isinstance(number, int) else text
        return wanted if wanted in domain(type_) else None
    value = read_value("boolean", text)
    return None if isinstance(value, Unreadable) else bool(value)


def take_over(
    conversation: Conversation, lowering: Lowering, setup: Setup, now: float
) -> list[str]:
    """Let the belief know; names of variables that no possible state agrees with stay unknown."""
    conversation.oracle.retime(setup.timing)
    cells = conversation.oracle.system.cells
    disagreed = []
    for name, value in setup.fixed.items():
        wanted = {
            at: cell.domain.index(value)
            for at, cell in enumerate(cells)
            if cell.variable == name and value in cell.domain
        }
        is_trait = lowering.model.variable(name).trait

        def agreeing(
            state: State, wanted: dict[int, int] = wanted, is_trait: bool = is_trait
        ) -> State | None:
            if is_trait:  # a run begins with some value for it, not with all
                return tuple(wanted.get(at, each) for at, each in enumerate(state))
            return state if all(state[at] == each for at, each in wanted.items()) else None

        if wanted and not conversation.belief.rewrite(agreeing, now):
            disagreed.append(name)
    conversation.belief.rewrite(lambda state: state, now)
    return disagreed


def repeat_warning(told: Told, can: Callable[[str], bool]) -> str | None:
    """Where the power can be cut, a charger that repeats lost messages late costs much time."""
    seconds = read_value("integer", told.value("TransactionMessageRetryInterval") or "")
    if not isinstance(seconds, int) or seconds <= _LATE or not can("PowerOff"):
        return None
    return (
        f"the charger repeats a lost transaction message after {seconds} s only: "
        "`--set TransactionMessageRetryInterval=1` shortens the test"
    )


def size_warning(told: Told, sizes: Mapping[str, int]) -> str | None:
    """The charger has another number of connectors than the model."""
    text = told.value("NumberOfConnectors")
    size = sizes.get("Connector")
    number = read_value("integer", text) if text is not None else None
    if not isinstance(number, int) or size is None or number == size:
        return None
    return (
        f"the charger has {number} connectors, the model {size}: "
        f"test with `--size Connector={number}`"
    )
