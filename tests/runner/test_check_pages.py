"""The pages of the sanity analyses are tests: what is wrong is found, what is right is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ocpp_verify.reporters.text import findings
from ocpp_verify.runner.check import check
from ocpp_verify.runner.sanity import ALL
from tests.runner.cases import project_of

DOCS = Path(__file__).parents[2] / "docs" / "checks"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```\n", re.MULTILINE | re.DOTALL)


def parts(page: str) -> list[tuple[dict[str, str], re.Match[str] | None]]:
    found = []
    for part in re.split(r"^## ", page, flags=re.MULTILINE)[1:]:
        blocks = {each[1]: each for each in FENCE.finditer(part)}
        texts = {f"demo.{kind}": blocks[kind][2] for kind in ("model", "spec") if kind in blocks}
        found.append((texts, blocks.get("findings")))
    return found


@pytest.mark.parametrize("analysis", ALL, ids=lambda each: each.CODE)
def test_a_page_shows_what_is_found(
    analysis, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    file = DOCS / f"{analysis.CODE}.md"
    page = file.read_text(encoding="utf-8")
    assert page.splitlines()[0] == f"# {analysis.CODE}: {analysis.TITLE}"
    (wrong, shown), (right, none) = parts(page)
    result = check(project_of(wrong))
    told = findings(result)
    if request.config.getoption("update_snapshots"):
        page = page.replace(shown[0], f"```findings\n{told}```\n", 1)
        file.write_text(page, encoding="utf-8")
    else:
        assert told == shown[2]
    assert {each.code for each in result.lint} == {analysis.CODE}
    assert none is None
    assert check(project_of(right)).lint == ()
