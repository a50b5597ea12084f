"""What monitors and scenarios see of a step."""

from __future__ import annotations

from ocpp_verify.ir.lower import Lowering, lower
from ocpp_verify.ir.properties import Monitor, Scenario
from ocpp_verify.lang.load import load_text
from ocpp_verify.semantics.explore import explore
from ocpp_verify.semantics.ground import holds

MODEL = """
profile Rule
link charger, csms fifo
sort Place = 1..2
charger state lit[Place] : bool = false
event Up() at charger
  when not online
  then connect
event Down() at charger
  when online
  then disconnect
event Light() at charger
  then lit[1] := true
call Ask(n: 1..2) from charger
  reply Yes
call Tell() from csms
  reply Yes
"""


def watched(spec: str) -> Lowering:
    loaded = load_text({"rule.model": MODEL, "rule.spec": f"spec Rule\n{spec}"})
    assert loaded.model is not None, loaded.diagnostics
    assert not loaded.diagnostics, loaded.diagnostics
    properties = loaded.specs[0].properties
    return lower(
        loaded.model,
        [each for each in properties if isinstance(each, Monitor)],
        [each for each in properties if isinstance(each, Scenario)],
    )


def is_broken(lowering: Lowering, name: str) -> bool:
    return any(holds(lowering.bad[name], each) for each in explore(lowering.system).distance)


def is_completed(lowering: Lowering, name: str) -> bool:
    return any(holds(lowering.goals[name], each) for each in explore(lowering.system).distance)


def test_a_monitor_sees_the_loss_of_a_call() -> None:
    lowering = watched(
        """
monitor Lost
  ghost n : 0..2 = 0
  on Ask(n) lost then n := n
  on Up() assert n != 2
""".replace("ghost n ", "ghost last ")
        .replace("n := n", "last := n")
        .replace("n != 2", "last != 2")
    )
    assert is_broken(lowering, "Lost")


def test_only_the_call_in_flight_is_lost() -> None:
    lowering = watched(
        """
monitor Asked
  ghost asked : (0..2) = 0
  on Ask(n) then asked := n
  on Ask(n).Yes received then asked := 0
  on Ask(n) lost assert asked == n then asked := 0
""".replace("(0..2)", "0..2")
    )
    assert not is_broken(lowering, "Asked")
    assert any(holds(each, state) for each in [lowering.seen["Asked", 2]]
               for state in explore(lowering.system).distance)  # fmt: skip


def test_a_scenario_can_contain_a_loss() -> None:
    assert is_completed(watched("scenario S { Ask(n = 2); Ask(n = 2) lost; Up(); }"), "S")
    assert not is_completed(watched("scenario S { Ask(n = 2) lost; Ask(n = 1).Yes received; Light(); state not online and online; }"), "S")  # fmt: skip


def test_a_step_that_loses_both_calls_shows_both() -> None:
    lowering = watched("""
monitor Both
  ghost a : bool = false
  ghost b : bool = false
  on Ask(n) lost then a := true
  on Tell() lost then b := true
  on Up() assert not (a and b)
""")
    assert is_broken(lowering, "Both")


def test_two_watches_of_one_step_keep_what_the_other_wrote() -> None:
    lowering = watched("""
monitor Two
  ghost seen[Place] : bool = false
  on Light() then for p: Place if p == 1 and not seen[p] { seen[p] := true }
  on Light() then for p: Place if p == 1 and seen[p] { seen[p] := true }
  on Down() assert not seen[1]
""")
    assert is_broken(lowering, "Two")
