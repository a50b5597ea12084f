"""What is shown in the language's words means the same when it is read again."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocpp_verify.ir.expr import Expr
from ocpp_verify.ir.lower import Lowering, lower
from ocpp_verify.ir.model import Model
from ocpp_verify.ir.properties import Invariant, Reach
from ocpp_verify.ir.show import Shower, shown_value
from ocpp_verify.lang.load import load_text
from ocpp_verify.runner.project import shipped_models

TEXT = """
profile Words
sort Box = 1..2
enum Colour = {Red, Green, Blue}
charger state a : bool = false
charger state b : bool = false
charger state n : 0..3 = 0
charger state colour[Box] : Colour? = none
charger state more : bool = false
define warm(box: Box) : bool = colour[box] == Red and n < 2
define either() : bool = a or b
define some_red() : bool = exists x: Box . colour[x] == Red
"""
SAME = (
    "a",
    "not a",
    "a and b or not a and not b",
    "a and (b or n == 1)",
    "not (a and b)",
    "n == 2 implies a",
    "(a implies b) and b",
    "a implies b implies n == 0",
    "n + 1 <= 3",
    "1 < n - 1 + n",
    "n - (1 + n) == 0",
    "colour[1] in {Red, Blue, none}",
    "colour[1] in {Red, Blue} or a",
    "colour[1] != colour[2]",
    "colour[1] == (if a then Red else none)",
    "(if a then b else n == 1) and a",
    "forall x: Box . colour[x] != Red or (exists y: Box . x != y and colour[y] == Red)",
    "(exists x: Box . colour[x] == Green) and a",
    "count(x: Box . colour[x] == Red) <= 1",
    "warm(1) and not warm(2)",
    "a and b and warm(2)",
    "either() and not some_red()",
    "not either() or n != 1",
    "more and either() implies a",
)


def read(texts: dict[str, str], of: str, formula: str) -> tuple[Model, Expr]:
    spec = f"spec Shown of {of}\ninvariant Shown\n  {formula}\n"
    loaded = load_text({**texts, "shown.spec": spec})
    assert loaded.model is not None
    assert loaded.specs, [each.message for each in loaded.diagnostics]
    (shown,) = loaded.specs[-1].properties
    assert isinstance(shown, Invariant)
    return loaded.model, shown.expr


@pytest.mark.parametrize("formula", SAME)
def test_what_is_shown_is_read_as_the_same(formula: str) -> None:
    model, expr = read({"words.model": TEXT}, "Words", formula)
    shown = Shower(model.definitions).expr(expr)
    again = read({"words.model": TEXT}, "Words", shown)[1]
    lowering = lower(model)
    assert lowering.formula(again) == lowering.formula(expr), shown


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("colour[2] == Red and n < 2", "warm(2)"),
        ("b and colour[2] == Red and n < 2", "b and warm(2)"),
        ("not (a or b)", "not either()"),
        ("exists y: Box . colour[y] == Red", "some_red()"),
        ("not (n == 1)", "n != 1"),
        ("colour[1] == Red or colour[1] == Blue", "colour[1] in {Red, Blue}"),
        ("not a or b and more", "a implies b and more"),
        ("n > 1", "1 < n"),
        ("forall x: Box . warm(x)", "forall x: Box . warm(x)"),
    ],
)
def test_it_is_shown_as_one_would_write_it(formula: str, expected: str) -> None:
    model, expr = read({"words.model": TEXT}, "Words", formula)
    assert Shower(model.definitions).expr(expr) == expected


def test_values_are_words_of_the_language() -> None:
    assert [shown_value(each) for each in (None, False, 3, "Red")] == ["none", "false", "3", "Red"]


@pytest.fixture(scope="module")
def shipped() -> tuple[dict[str, str], Lowering, list[Expr]]:
    folder = shipped_models()
    specs = folder.parent.parent / "specs" / folder.name
    texts = {
        str(Path("models") / each.name): each.read_text(encoding="utf-8")
        for each in sorted(folder.glob("*.model"))
    }
    given = {each.name: each.read_text(encoding="utf-8") for each in sorted(specs.glob("*.spec"))}
    loaded = load_text({**texts, **given})
    assert loaded.model is not None
    found = [
        each.expr
        for spec in loaded.specs
        for each in spec.properties
        if isinstance(each, Invariant | Reach)
    ]
    return texts, lower(loaded.model), found


def test_the_shipped_properties_are_shown_without_a_change(
    shipped: tuple[dict[str, str], Lowering, list[Expr]],
) -> None:
    texts, lowering, expressions = shipped
    shower = Shower(lowering.model.definitions)
    assert expressions
    for expr in expressions:
        shown = shower.expr(expr)
        again = read(texts, lowering.model.profiles[-1], shown)[1]
        assert lowering.formula(again) == lowering.formula(expr), shown
