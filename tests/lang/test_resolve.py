from __future__ import annotations

import pytest

from ocpp_verify.ir.expr import FALSE, And, AtMost, Const, Eq, Not, Or, Param, Quantified, VarRef
from ocpp_verify.ir.model import Assign, Call, Event, Hidden, Model
from ocpp_verify.ir.properties import Monitor, Scenario
from ocpp_verify.ir.types import EnumType, OptionType, RangeType
from ocpp_verify.lang.load import Loaded, load_text
from tests.lang.cases import messages

HEAD = """profile Demo
sort Connector = 1..2
sort IdTag = {A, B} symmetric
enum Status = {Available, Charging}
enum Answer = {Accepted, Invalid}
charger state plugged[Connector] : bool = false
charger state user[Connector] : IdTag? = none
charger state status : Status = Available
charger state level : 0..3 = 0
csms state valid[IdTag] : bool = any
"""


def model(text: str, **options: dict[str, object]) -> Model:
    loaded = load_text({"demo.model": HEAD + text}, **options)  # type: ignore[arg-type]
    assert messages(loaded) == ""
    assert loaded.model is not None
    return loaded.model


def codes(text: str, **more: str) -> list[str]:
    texts = {"demo.model": HEAD + text}
    texts |= {name.replace("_", "."): each for name, each in more.items()}
    return [each.code for each in load_text(texts).diagnostics]


def body(expr: str, params: str = "") -> object:
    return model(f"define it({params}) : bool = {expr}\n").definitions[0].body


def test_comparisons_become_at_most() -> None:
    level, one = VarRef("level", (), RangeType(0, 3)), Const(1, RangeType(0, 3))
    assert body("level <= 1") == AtMost(level, one)
    assert body("level > 1") == Not(AtMost(level, one))
    assert body("level >= 1") == AtMost(one, level)
    assert body("level < 1") == Not(AtMost(one, level))


def test_implication_membership_and_inequality_become_or_and_not() -> None:
    status = EnumType("Status", ("Available", "Charging"))
    ref = VarRef("status", (), status)
    is_charging = Eq(ref, Const("Charging", status))
    assert body("status != Charging") == Not(is_charging)
    assert body("status in {Available, Charging}") == Or(
        (Eq(ref, Const("Available", status)), is_charging)
    )
    assert body("status == Charging implies online") == Or(
        (Not(is_charging), VarRef("online", (), model("").variables[0].type))
    )


def test_a_quantifier_may_end_an_operand_and_reaches_far_right() -> None:
    found = body("online and exists c: Connector . plugged[c] or online")
    assert isinstance(found, And)
    assert isinstance(found.args[1], Quantified)
    assert isinstance(found.args[1].body, Or)


def test_constants_take_the_type_that_is_expected() -> None:
    connector = EnumType("Connector", (1, 2), is_sort=True)
    assert body("plugged[2]") == VarRef("plugged", (Const(2, connector),), body_type("plugged"))


def body_type(name: str) -> object:
    return model("").variable(name).type


def test_a_definition_is_expanded_without_capturing_names() -> None:
    found = model(
        """define other(x: Connector) : bool = exists c: Connector . c != x and plugged[c]
define it(c: Connector) : bool = other(c)
"""
    ).definitions[1]
    assert isinstance(found.body, Quantified)
    assert found.body.name == "c2"
    connector = EnumType("Connector", (1, 2), is_sort=True)
    inner = found.body.body
    assert isinstance(inner, And)
    assert inner.args[0] == Not(Eq(Param("c2", connector), Param("c", connector)))


def test_definitions_belong_to_the_role_whose_variables_they_read() -> None:
    found = model(
        """define a() : bool = status == Available
define b(t: IdTag) : bool = valid[t]
define c() : bool = online
define d(t: IdTag) : bool = a() and b(t)
"""
    ).definitions
    assert [each.owner for each in found] == ["charger", "csms", "link", "monitor"]


def test_a_reply_clause_with_several_outcomes_is_one_reply_each() -> None:
    call = model(
        """call Authorize(idTag: IdTag) from charger  @R-1
  reply Accepted, Invalid (x: 0..1) when valid[idTag] @R-2
    then status := Charging @R-3
  reply CallError
"""
    ).action("Authorize")
    assert isinstance(call, Call)
    assert [each.name for each in call.replies] == ["Accepted", "Invalid", "CallError"]
    assert call.replies[0].guards == call.replies[1].guards
    assert call.rules == ("R-1",)
    assert call.replies[0].guards[0].rules == ("R-2",)
    (update,) = call.replies[1].updates
    assert isinstance(update, Assign)
    assert update.rules == ("R-3",)


def test_rules_behind_the_last_update_belong_to_all() -> None:
    event = model(
        "event E() at charger then level := 1 @R-1, status := Charging, level := 2 @R-2\n"
    ).action("E")
    assert [each.rules for each in event.updates if isinstance(each, Assign)] == [
        ("R-1", "R-2"),
        ("R-2",),
        ("R-2",),
    ]


def test_parameters_carry_what_is_said_about_them() -> None:
    call = model(
        """queue charger size 2
call Stop(connectorId: Connector? as 0, internal x: bool, should y: bool, n: 0..3 = level)
  from charger queued
  reply
"""
    ).action("Stop")
    first, second, third, fourth = call.params
    assert first.wire == ((None, 0),)
    assert isinstance(first.type, OptionType)
    assert (second.internal, second.advice) == (True, False)
    assert (third.internal, third.advice) == (False, True)
    assert fourth.computed == VarRef("level", (), RangeType(0, 3))


def test_sizes_change_sorts() -> None:
    found = model("", sizes={"Connector": 3, "IdTag": 3})
    assert [each.values for each in found.types[:2]] == [(1, 2, 3), ("A", "B", "IdTag3")]
    assert found.sizes == (("Connector", 3), ("IdTag", 3))
    assert model("", sizes={"IdTag": 1}).types[1].values == ("A",)


@pytest.mark.parametrize("size", [0, -1, 10**12])
def test_impossible_sizes_are_reported(size: int) -> None:
    loaded = load_text({"demo.model": HEAD}, sizes={"Connector": size})
    assert [each.code for each in loaded.diagnostics] == ["OV114"]


def test_readings_are_constants() -> None:
    text = """reading order : {early, late} = early "when"
event E() at charger
  when order == late
"""
    assert model(text).action("E").guards[0].expr == FALSE
    chosen = model(text, readings={"order": "late"})
    assert chosen.action("E").guard == Const(True, body_type("plugged"))
    assert (chosen.readings[0].chosen, chosen.readings[0].default) == ("late", "early")


def test_a_timer_has_bounds_and_a_hidden_step_none() -> None:
    found = model(
        """charger duration Wait = 30 s
timer T() of charger after Wait within 0.5 s
hidden H() of charger
"""
    )
    timer, hidden = found.actions
    assert isinstance(timer, Hidden)
    assert isinstance(hidden, Hidden)
    assert timer.after is not None
    assert timer.within is not None
    assert (timer.after.name, timer.within.seconds) == ("Wait", 0.5)
    assert hidden.after is None


def test_the_comment_behind_a_variable_documents_it() -> None:
    assert model("charger state x : bool = false  # a note\n").variable("x").doc == "a note"


EXTENDED = {
    "demo.model": HEAD
    + """define free(c: Connector) : bool = not plugged[c]
event PlugIn(connectorId: Connector) at charger
  when free(connectorId)
  then plugged[connectorId] := true
call Authorize(idTag: IdTag) from charger
  reply Accepted, Invalid
must Authorize(idTag) within 5 s
  while online and idTag == idTag
""",
    "more.model": """profile More extends Demo
charger state held[Connector] : bool = false
csms state open : bool = true
refine define free(c) = base and not held[c]
refine PlugIn(connectorId) with (internal keep: bool) @R-9
  when keep or held[connectorId]
  then held[connectorId] := keep
refine Authorize(idTag)
  reply Invalid when open
refine must Authorize(idTag)
  while not held[1]
""",
}


def linked() -> Model:
    loaded = load_text(EXTENDED)
    assert messages(loaded) == ""
    assert loaded.model is not None
    return loaded.model


def test_a_refinement_adds_to_its_base_with_its_own_place_and_profile() -> None:
    event = linked().action("PlugIn")
    assert isinstance(event, Event)
    assert [each.name for each in event.params] == ["connectorId", "keep"]
    assert [each.profile for each in event.guards] == ["Demo", "More"]
    assert [each.at.file for each in event.guards] == ["demo.model", "more.model"]
    assert [each.variable for each in event.updates if isinstance(each, Assign)] == [
        "plugged",
        "held",
    ]
    assert (event.profile, event.rules) == ("Demo", ("R-9",))
    assert [each.rules for each in event.guards] == [(), ("R-9",)]


def test_the_base_uses_the_refined_definition() -> None:
    guard = linked().action("PlugIn").guards[0].expr
    assert isinstance(guard, And)
    assert len(guard.args) == 2


def test_a_refined_reply_touches_only_its_outcome() -> None:
    call = linked().action("Authorize")
    assert isinstance(call, Call)
    assert [len(each.guards) for each in call.replies] == [0, 1]


def test_a_refined_duty_has_one_more_condition() -> None:
    (duty,) = linked().duties
    assert [each.profile for each in duty.condition] == ["Demo", "More"]


def test_several_extensions_of_one_base_make_one_model() -> None:
    loaded = load_text(
        {
            "core.model": "profile Core\nevent E() at charger\n",
            "a.model": "profile A extends Core\ncharger state a : bool = false\n"
            "refine E() when a\n",
            "b.model": "profile B extends Core\ncharger state b : bool = false\n"
            "refine E() when b\n",
        }
    )
    assert messages(loaded) == ""
    assert loaded.model is not None
    assert (loaded.model.name, loaded.model.profiles) == ("A+B", ("Core", "A", "B"))
    assert [each.profile for each in loaded.model.action("E").guards] == ["A", "B"]


def test_a_profile_does_not_see_its_siblings() -> None:
    loaded = load_text(
        {
            "core.model": "profile Core\nevent E() at charger\n",
            "a.model": "profile A extends Core\ncharger state a : bool = false\n",
            "b.model": "profile B extends Core\nrefine E() when a\n",
        }
    )
    (found,) = loaded.diagnostics
    assert found.code == "OV102"
    assert "declared in the profile A" in found.help


def test_an_unknown_name_silences_its_echoes() -> None:
    assert codes(
        "define it() : bool = sttus == Accepted and count(c: Conector . c == 1) > 2\n"
    ) == [
        "OV102",
        "OV102",
    ]
    assert codes("define bad() : bool = nothing\ndefine it() : bool = bad() and bad()\n") == [
        "OV102"
    ]


def test_names_of_an_item_that_does_not_parse_are_not_unknown() -> None:
    assert codes("event Broken(x: bool) charger\nrefine must Broken() while true\n") == ["OV001"]
    text = "enum Kind = {Soft Hard}\ncharger state k : Kind = Soft\n"
    assert codes(text) == ["OV001"]


def test_all_errors_of_all_files_are_reported_in_one_run() -> None:
    found = load_text(
        {
            "demo.model": HEAD + "define it() : bool = nothing\nsort = 3\n",
            "more.model": "profile More extends Demo\ncharger state x : bool = 3\n",
            "more.spec": "spec More\ninvariant I\n  next(online)\nreach R\n  x == online\n",
        }
    ).diagnostics
    assert [(each.at.file, each.code) for each in found] == [
        ("demo.model", "OV102"),
        ("demo.model", "OV001"),
        ("more.model", "OV111"),
        ("more.spec", "OV501"),
    ]


def spec(text: str) -> Loaded:
    loaded = load_text(
        {
            "demo.model": HEAD
            + """queue charger size 1
event PlugIn(connectorId: Connector) at charger
call Authorize(idTag: IdTag, connectorId: Connector?) from charger
  reply Accepted (level: 0..3)
  reply Invalid
call Stop(idTag: IdTag?) from charger queued
  reply
""",
            "demo.spec": "spec Demo\n" + text,
        }
    )
    assert messages(loaded) == ""
    return loaded


def test_a_monitor_binds_names_that_nothing_else_means() -> None:
    (monitor,) = (
        spec(
            """monitor M
  ghost seen : IdTag? = none
  on Authorize(idTag = t, connectorId).Accepted then seen := t
  on Authorize(idTag = seen)
  on Authorize(level = 3).Accepted received
  on Stop()
  on Stop() sent
  on Stop()._
  on PlugIn(connectorId = 1)
"""
        )
        .specs[0]
        .properties
    )
    assert isinstance(monitor, Monitor)
    first, second, *_ = monitor.watches
    assert [each.name for each in first.params] == ["t", "connectorId"]
    assert second.params == ()
    assert [each.pattern.phase for each in monitor.watches] == [
        "reply",
        "sent",
        "received",
        "queued",
        "sent",
        "reply",
        "step",
    ]
    assert [each.pattern.outcome for each in monitor.watches[:3]] == ["Accepted", None, "Accepted"]


def test_a_scenario_binds_nothing() -> None:
    (found,) = (
        spec("scenario S(connectorId: Connector) {\n  PlugIn(connectorId);\n  state online;\n}\n")
        .specs[0]
        .properties
    )
    assert isinstance(found, Scenario)
    assert len(found.items) == 2
    loaded = load_text(
        {
            "demo.model": HEAD + "event PlugIn(connectorId: Connector) at charger\n",
            "demo.spec": "spec Demo\nscenario S() { PlugIn(connectorId = c) }\n",
        }
    )
    assert [each.code for each in loaded.diagnostics] == ["OV102"]


def test_an_error_in_a_spec_leaves_the_model() -> None:
    loaded = load_text({"demo.model": HEAD, "demo.spec": "spec Demo\nreach R\n  nothing\n"})
    assert loaded.model is not None
    assert loaded.specs == ()
    loaded = load_text({"demo.model": HEAD + "sort = 1\n"})
    assert loaded.model is None
