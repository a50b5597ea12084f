"""Whatever the text, loading answers with diagnostics and formatting keeps the words."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocpp_verify.diagnostics import render
from ocpp_verify.errors import WrongInput
from ocpp_verify.lang.format import format_text
from ocpp_verify.lang.load import load_text
from ocpp_verify.lang.parse.tokens import keywords, lex
from tests.lang.cases import split
from tests.lang.vocabulary import Words

CORPUS = Path(__file__).parents[1] / "corpus"
TEXTS = tuple(
    text
    for file in sorted(CORPUS.glob("*/*.model"))
    for text in split(file.name, file.read_text(encoding="utf-8")).texts.values()
    if text.strip()
)
WORDS = (
    *sorted(keywords().values()),
    *[
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        ";",
        ".",
        "..",
        "?",
        "=",
        "==",
        ":=",
        "->",
        "-",
        "+",
        "<",
        "@R",
        "x",
        "A",
        "1",
        "2",
        "s",
    ],
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A text of the corpus with some of its tokens removed, doubled, swapped or replaced."""
    tokens = [str(token) for token in lex("x", draw(st.sampled_from(TEXTS))).tokens]
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(tokens) - 1))
        match draw(st.sampled_from(("remove", "double", "swap", "replace"))):
            case "remove" if len(tokens) > 1:
                del tokens[at]
            case "double":
                tokens.insert(at, tokens[at])
            case "swap":
                other = draw(st.integers(0, len(tokens) - 1))
                tokens[at], tokens[other] = tokens[other], tokens[at]
            case _:
                tokens[at] = draw(st.sampled_from(WORDS))
    breaks = draw(st.lists(st.booleans(), min_size=len(tokens), max_size=len(tokens)))
    return "".join(
        token + ("\n" if new else " ") for token, new in zip(tokens, breaks, strict=True)
    )


def accept_anything(text: str) -> None:
    for name in ("x.model", "x.spec"):
        loaded = load_text({name: text, "y.spec": "spec X"}, vocabulary=Words())
        for each in loaded.diagnostics:
            shown = render(each, loaded.sources)
            assert "__" not in shown or "__" in text
            assert "Token(" not in shown
        assert loaded.diagnostics or loaded.model is not None


def keep_the_words(text: str) -> None:
    try:
        formatted = format_text(text, "x")
    except WrongInput:
        return
    assert format_text(formatted, "x") == formatted
    before, after = lex("x", text), lex("x", formatted)
    assert [t.type for t in after.tokens] == [t.type for t in before.tokens]
    assert len(after.comments) == len(before.comments)


@given(st.text(max_size=200))
def test_any_text_is_answered(text: str) -> None:
    accept_anything(text)


@given(st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join))
def test_any_words_are_answered(text: str) -> None:
    accept_anything(text)
    accept_anything(f"profile X\n{text}")


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(mutated())
def test_any_mutation_is_answered(text: str) -> None:
    accept_anything(text)
    keep_the_words(text)


@settings(deadline=None)
@given(st.sampled_from(TEXTS), st.data())
def test_formatting_is_the_same_for_any_spaces_within_a_line(
    text: str, data: st.DataObject
) -> None:
    try:
        format_text(text, "x")
    except WrongInput:
        return
    spread = "\n".join(
        "".join(str(token) + " " * data.draw(st.integers(1, 3)) for token in lex("x", line).tokens)
        for line in text.splitlines()
        if "#" not in line
    )
    keep_the_words(spread)


def test_deep_nesting_is_answered() -> None:
    for piece in ("(", "not ", "if true then ", "forall c: C . ", "x implies ", "1 + ", "f("):
        accept_anything(f"profile X define f(x: bool) : bool = {piece * 5000}true")
    closed = "(" * 3000 + "true" + ")" * 3000
    accept_anything(f"profile X define f(x: bool) : bool = {closed}")
    loops = "for c: C { " * 500 + "x := true" + " }" * 500
    accept_anything(f"profile X event A() at charger then {loops}")


def test_long_chains_are_answered() -> None:
    chain = " and ".join(["true"] * 5000)
    loaded = load_text({"x.model": f"profile X define f() : bool = {chain}"})
    assert loaded.diagnostics == ()
