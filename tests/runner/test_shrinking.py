"""Scripts become shorter, and a planned one is tried before all others."""

import asyncio
from collections.abc import Callable

from ocpp_verify.live.script import Deed, Script
from ocpp_verify.runner.shrinking import shrink


def a_script(names: str) -> Script:
    return tuple(Deed("call", each) for each in names)


def names(script: Script | None) -> str | None:
    return None if script is None else "".join(each.name for each in script)


def shrunk(script: str, needed: str, shortcut: str | None = None) -> tuple[str | None, list[str]]:
    """What is left of a script that fails if it has these names in this order, and what was tried."""
    tried: list[str] = []

    async def fails(candidate: Script) -> bool:
        tried.append(names(candidate) or "")
        rest = iter(tried[-1])
        return all(each in rest for each in needed)

    always: Callable[[], bool] = lambda: True  # noqa: E731
    planned = None if shortcut is None else a_script(shortcut)
    return names(asyncio.run(shrink(a_script(script), fails, always, planned))), tried


def test_nothing_superfluous_is_left() -> None:
    assert shrunk("abcdefghij", "cg")[0] == "cg"


def test_a_shortcut_that_fails_is_shortened_and_the_run_is_not_repeated() -> None:
    left, tried = shrunk("abcdefghij", "cj", "xcj")
    assert left == "cj"
    assert tried[0] == "xcj"
    assert max(len(each) for each in tried) == 3


def test_a_shortcut_that_does_not_fail_costs_one_try() -> None:
    left, tried = shrunk("abcdefghij", "cj", "xj")
    assert left == "cj"
    assert tried[:3] == ["xj", "j", "ij"]


def test_what_does_not_fail_again_has_no_shortest_script() -> None:
    assert shrunk("abc", "z", "c")[0] is None
