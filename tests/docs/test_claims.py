"""What pages point at is there: files, headings, subcommands, options, words of `./dev`."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from ocpp_verify.cli import SUMMARIES, main
from tests.docs.fences import DOCS, PAGES, ROOT, fences

PROSE = [page for page in PAGES if page.parent != DOCS / "checks"]
ELSEWHERE = ("http://", "https://", "ws://", "wss://", "mailto:")
PARTS = ("docs/", "models/", "specs/", "tests/", "generated_tests/", "ocpp_verify/")


def anchors(page: str) -> set[str]:
    found = re.findall(r"^#+ (.*)$", page, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in found}


def links(page: str) -> Iterator[str]:
    yield from re.findall(r"\]\(([^)\s]+)\)", page)


def commands(page: str) -> Iterator[list[str]]:
    """Every call of ocpp-verify, in blocks and in the text, as words."""
    plain = page
    for each in reversed(list(fences(page))):
        plain = plain[: each.begin] + plain[each.end :]
    lines = [line for each in fences(page) for line in each.text.splitlines()]
    lines += re.findall(r"`([^`\n]+)`", plain)
    for line in lines:
        match = re.search(r"(?:^|[\s/])ocpp-verify (\w.*)", line.partition("  #")[0])
        if match:
            try:
                yield shlex.split(match[1])
            except ValueError:
                yield match[1].split()


def options_of(words: list[str]) -> tuple[str, set[str]]:
    """The subcommand that the words name, and the options it takes."""
    context = click.Context(main)
    command: click.Command = main
    path = []
    for word in words:
        if not isinstance(command, click.Group):
            break
        found = command.get_command(context, word)
        if found is None:
            break
        command = found
        path.append(word)
    flags = {"--help", "-h"}
    for each in command.params:
        flags |= {*each.opts, *each.secondary_opts}
    return " ".join(path), flags


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.stem)
def test_links_lead_somewhere(file: Path) -> None:
    page = file.read_text(encoding="utf-8")
    for link in links(page):
        if link.startswith(ELSEWHERE):
            continue
        target, _, anchor = link.partition("#")
        place = file.parent / target if target else file
        assert place.exists(), link
        if anchor:
            assert anchor in anchors(place.read_text(encoding="utf-8")), link


@pytest.mark.parametrize("file", PROSE, ids=lambda file: file.stem)
def test_files_that_are_named_exist(file: Path) -> None:
    page = file.read_text(encoding="utf-8")
    if file.parent == DOCS / "decisions" or file.stem == "style":
        return  # they speak of what was, or of what may be
    for name in re.findall(r"`([\w./-]+)`", page):
        if name.startswith(PARTS):
            assert (ROOT / name).exists(), name


@pytest.mark.parametrize("file", PROSE, ids=lambda file: file.stem)
def test_calls_name_subcommands_and_options_that_exist(file: Path) -> None:
    if file.stem == "style":
        return
    for words in commands(file.read_text(encoding="utf-8")):
        if words[0].startswith(("-", "[")):
            continue
        name, known = options_of(words)
        assert name.split()[0] in SUMMARIES if name else False, " ".join(words)
        for word in words:
            if re.fullmatch(r"--?[a-z][\w-]*(=.*)?", word):
                assert word.partition("=")[0] in known, f"{name} {word}"


@pytest.mark.parametrize("file", PROSE, ids=lambda file: file.stem)
def test_options_in_the_text_are_those_of_some_subcommand(file: Path) -> None:
    if file.stem == "style":
        return
    known = set()
    for name in SUMMARIES:
        command = main.get_command(click.Context(main), name)
        assert command is not None
        parts = command.commands.values() if isinstance(command, click.Group) else (command,)
        known |= {flag for part in parts for each in part.params for flag in each.opts}
    for found in re.findall(r"`(--[a-z][\w-]*)", file.read_text(encoding="utf-8")):
        assert found in known or found.startswith(("--ocpp-", "--hypothesis")), found


@pytest.mark.parametrize("file", PROSE, ids=lambda file: file.stem)
def test_words_of_dev_exist(file: Path) -> None:
    known = set(
        re.findall(r"^  (\w+)  +\S", (ROOT / "dev").read_text(encoding="utf-8"), re.MULTILINE)
    )
    for word in re.findall(r"\./dev (\w+)", file.read_text(encoding="utf-8")):
        assert word in known, word


def test_every_page_can_be_found_from_the_readme() -> None:
    seen: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen:
            continue
        seen.add(page)
        text = page.read_text(encoding="utf-8")
        named = [page.parent / each.partition("#")[0] for each in links(text)]
        named += [ROOT / each for each in re.findall(r"`(docs/[\w./-]+\.md)`", text)]
        waiting += [each.resolve() for each in named if each.suffix == ".md" and each.is_file()]
    pages = {page for page in PAGES if page.parent == DOCS}
    assert not pages - seen, "no link leads to them"
