"""Projects made of texts, and engines that misbehave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ocpp_verify.ir.system import System
from ocpp_verify.lang.load import load_text
from ocpp_verify.runner.overrides import override
from ocpp_verify.runner.project import Choices, Project
from ocpp_verify.semantics.result import Answer, Budget, Exploration, Question

PARKING = """profile Parking
sort Connector = 1..2
sort IdTag = {A, B} symmetric
link charger, csms fifo
csms    trait valid[IdTag]          : bool   = any
charger state plugged[Connector]    : bool   = false
charger state authorized[Connector] : IdTag? = none
event Connect() at charger
  when not online
  then connect
event PlugIn(connectorId: Connector) at charger
  when not plugged[connectorId]
  then plugged[connectorId] := true
call Authorize(idTag: IdTag, internal connectorId: Connector) from charger
  when plugged[connectorId] and authorized[connectorId] == none
  reply Accepted when valid[idTag]
    then authorized[connectorId] := idTag
  reply Invalid when not valid[idTag]
"""

PARKING_SPEC = """spec Parking
invariant Unplugged
  forall c: Connector . plugged[c] implies authorized[c] == none
invariant CableFirst
  forall c: Connector . authorized[c] != none implies plugged[c]
step NoChange
  forall c: Connector . authorized[c] != none implies next(authorized[c]) == authorized[c]
monitor OnlyOnce
  ghost asked[Connector] : bool = false
  on Authorize(connectorId)
    assert not asked[connectorId]
    then asked[connectorId] := true
reach BothAuthorized
  forall c: Connector . authorized[c] != none
reach Stranger
  exists t: IdTag . not valid[t] and authorized[1] == t
scenario PlugThenAsk(c: Connector, t: IdTag) {
  PlugIn(connectorId = c);
  Authorize(idTag = t).Accepted;
  state authorized[c] == t;
}
"""


def project_of(texts: Mapping[str, str], choices: Choices | None = None) -> Project:
    """The project of texts by file name; they must load without a diagnostic."""
    chosen = choices or Choices()
    loaded = load_text(texts, sizes=chosen.sizes, readings=chosen.readings)
    assert not loaded.diagnostics
    assert loaded.model is not None
    model = override(loaded.model, chosen.config)
    return Project(model, loaded.specs, loaded.sources, (), None, tuple(loaded.sources), chosen)


def parking(spec: str = PARKING_SPEC, choices: Choices | None = None) -> Project:
    """A small station: cables and authorization."""
    return project_of({"parking.model": PARKING, "parking.spec": spec}, choices)


@dataclass(frozen=True, slots=True)
class Says:
    """An engine that gives one answer to everything."""

    answer: Answer
    name: str = "says"

    def explore(self, system: System, questions: Sequence[Question], budget: Budget) -> Exploration:
        """The answer, whatever the question."""
        answers = {each.name: self.answer for each in questions}
        return Exploration(self.name, answers, 1, False, 0, 0.0)


@dataclass(frozen=True, slots=True)
class Interrupted:
    """An engine during which Ctrl-C is pressed."""

    name: str = "interrupted"

    def explore(self, system: System, questions: Sequence[Question], budget: Budget) -> Exploration:
        """Never answers."""
        raise KeyboardInterrupt
