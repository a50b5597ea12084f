"""Text -> syntax, or messages about what does not parse."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lark import Token, Tree
from lark.exceptions import UnexpectedInput

from ocpp_verify.diagnostics import Diagnostic, error
from ocpp_verify.lang import syntax as s
from ocpp_verify.lang.parse import mistakes
from ocpp_verify.lang.parse.mistakes import Failure
from ocpp_verify.lang.parse.tokens import Lexed, chunks, grammar, lex
from ocpp_verify.lang.parse.trees import Builder
from ocpp_verify.source import Place

DEEPEST = 60
"""How deeply expressions may nest, which also bounds what every later walk has to descend."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file's syntax, as far as it parses. `unit` is None if not even its kind is known."""

    unit: s.Unit | None
    diagnostics: tuple[Diagnostic, ...]


def parse(file: str, text: str) -> Parsed:
    """Parse one file. Every item that does not parse gives one message; the others are kept."""
    lexed = lex(file, text)
    if not lexed.tokens:
        return Parsed(None, (_no_header(Place(file, 1, 1, 2), "the file is empty"),))
    found: list[Diagnostic] = []
    trees, broken = _trees(lexed, found)
    comments = {token.line or 1: str(token).lstrip("#").strip() for token in lexed.comments}
    builder = Builder(file, lexed.line_ends(), comments)
    items: list[s.Item] = []
    for tree in (item for file_tree in trees for item in file_tree.children):
        assert isinstance(tree, Tree)
        deep = _too_deep(tree)
        if deep is None:
            items.append(builder.item(tree))
        else:
            found.append(_nesting(lexed.place(deep)))
            broken |= _words(_leaves(tree))
    found += [
        error(
            mistakes.MISPLACED[0],
            f"this `{each.word}` belongs to nothing",
            each.at,
            help="clauses of the action itself stand before `reply`, `lost` and `silent`",
        )
        for each in builder.misplaced
    ]
    unit = _unit(lexed, items, broken, found)
    return Parsed(unit, tuple(sorted(found, key=lambda each: each.at)))


def _run(lexed: Lexed, start: int, end: int) -> Tree[Token] | Failure:
    """The tree of tokens `start`..`end` - 1, or where they stop making sense."""
    parser = grammar().parse_interactive(start="file")
    at = start
    try:
        for at in range(start, end):
            parser.feed_token(lexed.tokens[at])
        at = end
        tree = parser.feed_eof(lexed.tokens[end - 1])  # type: ignore[no-untyped-call]
    except UnexpectedInput:
        again = grammar().parse_interactive(start="file")
        for token in lexed.tokens[start:at]:
            again.feed_token(token)
        return Failure(start, at, end, frozenset(again.accepts()))  # type: ignore[no-untyped-call]
    assert isinstance(tree, Tree)
    return tree


def item_starts(lexed: Lexed) -> tuple[int, ...]:
    """The tokens with which the items of a text begin; empty if it does not parse."""
    tree = _run(lexed, 0, len(lexed.tokens))
    if isinstance(tree, Failure):
        return ()
    begins = {
        (each.meta.line, each.meta.column) for each in tree.children if isinstance(each, Tree)
    }
    return tuple(
        at for at, token in enumerate(lexed.tokens) if (token.line, token.column) in begins
    )


def _trees(lexed: Lexed, found: list[Diagnostic]) -> tuple[list[Tree[Token]], set[str]]:
    """The whole text as one tree, or else whatever items parse on their own."""
    whole = _run(lexed, 0, len(lexed.tokens))
    if isinstance(whole, Tree):
        return [whole], set()
    trees: list[Tree[Token]] = []
    broken: set[str] = set()
    for start, end in chunks(lexed):
        part = _run(lexed, start, end)
        if isinstance(part, Tree):
            trees.append(part)
        else:
            found.append(mistakes.explain(lexed, part))
            broken |= _words(lexed.tokens[start:end])
    if not found:
        found.append(mistakes.explain(lexed, whole))
    return trees, broken


def _words(tokens: Sequence[Token]) -> set[str]:
    return {str(token) for token in tokens if token.type == "NAME"}


def _leaves(tree: Tree[Token]) -> list[Token]:
    stack: list[Tree[Token] | Token] = [tree]
    leaves: list[Token] = []
    while stack:
        node = stack.pop()
        if isinstance(node, Tree):
            stack += [each for each in node.children if each is not None]
        else:
            leaves.append(node)
    return leaves


def _too_deep(tree: Tree[Token]) -> Token | None:
    """A token below more than `DEEPEST` levels, found without recursion.

    A chain of one connective is one level.
    """
    stack: list[tuple[Tree[Token], int]] = [(tree, 0)]
    while stack:
        node, depth = stack.pop()
        for child in node.children:
            if isinstance(child, Tree):
                chained = child.data == node.data and child.data in ("and", "or")
                stack.append((child, depth if chained else depth + 1))
            elif isinstance(child, Token) and depth > DEEPEST:
                return child
    return None


def _nesting(at: Place) -> Diagnostic:
    return error(
        mistakes.TOO_DEEP[0],
        f"nested more than {DEEPEST} levels deep",
        at,
        help="name a part with `define`",
    )


def _no_header(at: Place, message: str) -> Diagnostic:
    return error(
        mistakes.NO_HEADER[0],
        message,
        at,
        help="begin a model with `profile NAME`, a spec with `spec NAME`",
    )


def _unit(
    lexed: Lexed, items: Sequence[s.Item], broken: set[str], found: list[Diagnostic]
) -> s.Unit | None:
    headers = [each for each in items if isinstance(each, s.ProfileHeader | s.SpecHeader)]
    first = lexed.tokens[0]
    if not headers or headers[0] is not items[0]:
        if first.type not in ("PROFILE", "SPEC"):
            found.append(
                _no_header(lexed.place(first), "the file does not begin with `profile` or `spec`")
            )
        return None
    header = headers[0]
    found += [
        error(
            mistakes.WRONG_FILE[0],
            "a file has one `profile` or `spec`",
            each.name.at,
            other=header.name.at,
            other_label="the first one",
            help="put each into a file of its own",
        )
        for each in headers[1:]
    ]
    is_spec = isinstance(header, s.SpecHeader)
    model: list[s.ModelItem] = []
    spec: list[s.SpecItem] = []
    for each in items:
        match each:
            case s.ProfileHeader() | s.SpecHeader():
                continue
            case s.PropertyDecl() | s.TransitionsDecl() | s.MonitorDecl() | s.ScenarioDecl():
                spec.append(each)
            case _:
                model.append(each)
    found += _wrong_kind(model if is_spec else spec, is_spec)
    return s.Unit(
        lexed.file,
        header if isinstance(header, s.ProfileHeader) else None,
        header if isinstance(header, s.SpecHeader) else None,
        () if is_spec else tuple(model),
        tuple(spec) if is_spec else (),
        frozenset(broken),
    )


def _wrong_kind(items: Sequence[s.ModelItem | s.SpecItem], is_spec: bool) -> Iterator[Diagnostic]:
    for each in items:
        message = (
            "a spec declares properties, not parts of the model"
            if is_spec
            else "a model file declares no properties"
        )
        help = "move it into a model file" if is_spec else "move it into a spec file"
        yield error(mistakes.WRONG_FILE[0], message, _place(each), help=help)


def _place(item: s.ModelItem | s.SpecItem) -> Place:
    match item:
        case s.LinkDecl() | s.QueueDecl() | s.ReactionDecl():
            return item.at
        case s.DutyDecl() | s.RefineAction() | s.RefineDuty():
            return item.action.at
        case _:
            return item.name.at


__all__ = ["DEEPEST", "Parsed", "item_starts", "parse"]
