"""The decision diagram package behind one small face: `dd.cudd`, or `dd.autoref` without its wheel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any, Protocol


class Node(Protocol):
    """A Boolean function. Equal functions of one manager are equal nodes."""

    @property
    def level(self) -> int: ...
    @property
    def var(self) -> str: ...
    @property
    def low(self) -> Node: ...
    @property
    def high(self) -> Node: ...
    @property
    def negated(self) -> bool: ...
    @property
    def support(self) -> set[str]: ...
    @property
    def dag_size(self) -> int: ...
    def __and__(self, other: Node, /) -> Node: ...
    def __or__(self, other: Node, /) -> Node: ...
    def __invert__(self) -> Node: ...
    def __le__(self, other: Node, /) -> bool: ...
    def __int__(self) -> int: ...


class Package(Protocol):
    """What is used of the class `BDD` of either package."""

    @property
    def true(self) -> Node: ...
    @property
    def false(self) -> Node: ...
    def declare(self, *names: str) -> None: ...
    def var(self, name: str, /) -> Node: ...
    def level_of_var(self, name: str, /) -> int: ...
    def cube(self, literals: Mapping[str, bool], /) -> Node: ...
    def ite(self, condition: Node, yes: Node, no: Node, /) -> Node: ...
    def apply(self, operator: str, first: Node, second: Node, /) -> Node: ...
    def let(self, definitions: Mapping[str, bool] | Mapping[str, str], node: Node, /) -> Node: ...
    def configure(self, **settings: object) -> Mapping[str, object]: ...
    def __len__(self) -> int: ...


class Manager:
    """Owns all nodes of one system. The variables of a block stay side by side.

    `package` names the package in use: "cudd", or "autoref" (pure Python, some 20 times slower)
    where the wheel is missing or it is asked for.

    Variables are sifted only when `settle` is called, never inside an operation.
    """

    def __init__(self, blocks: Sequence[Sequence[str]], package: str = "") -> None:
        module, self.package = _opened(package)
        self.dd: Package = module.BDD(
            **({"memory_estimate": 2**28} if self.package == "cudd" else {})
        )
        self._restrict: Callable[[Node, Node], Node] | None = getattr(module, "restrict", None)
        self.dd.configure(reordering=False)
        names = [name for block in blocks for name in block]
        if names:
            self.dd.declare(*names)
        self.true: Node = self.dd.true
        self.false: Node = self.dd.false
        self.var: dict[str, Node] = {name: self.dd.var(name) for name in names}
        if self.package == "cudd":
            group = getattr(self.dd, "group")  # noqa: B009  (autoref has none)
            group({block[0]: len(block) for block in blocks if len(block) > 1})

    def cube(self, literals: Mapping[str, bool]) -> Node:
        """The conjunction of literals."""
        return self.dd.cube(dict(literals)) if literals else self.true

    def exists(self, cube: Node, node: Node) -> Node:
        """The node with the variables of the positive `cube` quantified away."""
        if cube == self.true:
            return node
        return self.dd.apply("exists", cube, node)

    def renamed(self, names: Mapping[str, str], node: Node) -> Node:
        """The node with variables renamed; the new ones must not occur in it."""
        return self.dd.let(names, node) if names else node

    def cofactor(self, literals: Mapping[str, bool], node: Node) -> Node:
        """The node with variables replaced by constants."""
        return self.dd.let(literals, node) if literals else node

    def meets(self, first: Node, second: Node) -> bool:
        """Whether the conjunction has a model; builds no nodes."""
        return not first <= ~second

    def conjunction(self, nodes: Iterable[Node]) -> Node:
        """All of them, those of the lowest variables first."""
        found = self.true
        for each in sorted(nodes, key=_level, reverse=True):
            found = found & each
        return found

    def disjunction(self, nodes: Iterable[Node]) -> Node:
        """Any of them, those of the lowest variables first."""
        found = self.false
        for each in sorted(nodes, key=_level, reverse=True):
            found = found | each
        return found

    def simplified(self, node: Node, care: Node) -> Node:
        """A function equal to the node wherever `care` holds, and no larger than it."""
        if self._restrict is None or care == self.false:
            return node
        smaller = self._restrict(node, care)
        return smaller if self.size(smaller) < self.size(node) else node

    def size(self, node: Node) -> int:
        """The number of nodes it consists of."""
        return node.dag_size

    def settle(self) -> None:
        """Sift the variables. Does nothing without the wheel, where it takes too long."""
        if self.package != "cudd":
            return
        reorder = getattr(self.dd, "reorder")  # noqa: B009
        reorder()

    def live(self) -> int:
        """Nodes in use."""
        return len(self.dd)


def _level(node: Node) -> int:
    return node.level


def _opened(package: str) -> tuple[Any, str]:
    """The module to use, and its name."""
    if package != "autoref":
        try:
            return import_module("dd.cudd"), "cudd"
        except ImportError:
            if package:
                raise
    return import_module("dd.autoref"), "autoref"
