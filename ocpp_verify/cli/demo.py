"""`ocpp-verify demo`: what the tool does, shown on the models that come with it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from ocpp_verify.cli.progress import Ticker
    from ocpp_verify.diagrams.pictures import Picture as Drawing
    from ocpp_verify.events import CheckFinished, Event
    from ocpp_verify.reporters.colour import Paint
    from ocpp_verify.reporters.html import Part, Picture, Section, Tone
    from ocpp_verify.runner.demo_tests import Tested
    from ocpp_verify.runner.project import Project

FOLDER = Path("out/demo")
_CHECK_SECONDS, _REFUTE_SECONDS, _FIND_SECONDS, _TEST_SECONDS = 180.0, 120.0, 120.0, 180.0
_INTERRUPTED = 130
_WORDS = {"good": "as expected", "bad": "not as expected", "open": "undecided"}
_LEAD = (
    "One model, four jobs: prove a design, find what is wrong with one, draw it, and test "
    "chargers with it. Everything here is about one connector, so that it takes about a minute."
)


@click.command("demo")
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), default=FOLDER,
              show_default=True, help="Where the report and the pictures go.")  # fmt: skip
def command(output: Path) -> NoReturn:
    """Prove, break, draw and test: all four jobs on the shipped models, in about a minute.

    Exit codes: 0 all came out as expected, 1 something did not, 3 something stayed undecided, 130
    interrupted.
    """
    import os

    from ocpp_verify.reporters.colour import Paint, wanted
    from ocpp_verify.reporters.files import write_text
    from ocpp_verify.reporters.html import Page, render

    began = monotonic()
    show = _Show(output, Paint(wanted(sys.stdout.isatty(), os.environ)))
    sections: list[Section] = []
    interrupted = False
    try:
        for each in show.all():
            sections.append(each)  # noqa: PERF402 - what is done before Ctrl-C is kept
    except KeyboardInterrupt:
        interrupted = True
    report = output / "report.html"
    write_text(str(report), render(Page("ocpp-verify: a demonstration", _LEAD, tuple(sections))))
    tones = {each.tone for each in sections}
    tone: Tone = "bad" if "bad" in tones else "open" if "open" in tones or interrupted else "good"
    told = "interrupted" if interrupted else _WORDS[tone]
    click.echo(f"\n{show.paint(tone, told)} ({monotonic() - began:.0f} s)")
    click.echo(f"report: {report}")
    raise SystemExit(_INTERRUPTED if interrupted else {"good": 0, "bad": 1, "open": 3}[tone])


@dataclass(slots=True)
class _Show:
    """The parts one after the other: each prints what came out and gives its section."""

    folder: Path
    paint: Paint
    _project: Project | None = None
    _tests: tuple[Path, ...] = ()

    def all(self) -> Iterator[Section]:
        """All sections, in the order of the page."""
        parts: tuple[tuple[str, Callable[[], tuple[list[Part], Tone]]], ...] = (
            ("Check the shipped models", self._check),
            ("Find what is wrong with a design", self._refute),
            ("Draw what the models say", self._draw),
            ("Generate tests", self._generate),
            ("Run them against two chargers", self._test),
        )
        from ocpp_verify.reporters.html import Section

        for at, (title, part) in enumerate(parts, start=1):
            click.echo(
                ("\n" if at > 1 else "") + self.paint("strong", f"{at}/{len(parts)} {title}")
            )
            began = monotonic()
            found, tone = part()
            click.echo(self.paint("dim", f"({monotonic() - began:.1f} s)"))
            yield Section(title, tuple(found), _WORDS.get(tone, ""), tone)

    # verify -----------------------------------------------------------------------------------

    def _check(self) -> tuple[list[Part], Tone]:
        from ocpp_verify.reporters import demo_text, html
        from ocpp_verify.runner.check import exit_code
        from ocpp_verify.runner.demo import DECIDED, check_shipped, shipped

        told = (
            f"{len(DECIDED)} monitors and invariants of Core and Reservation, for every "
            "configuration of a charger with one connector. `ocpp-verify check` decides the "
            "transition table, the scenarios and the rest, and asks a second engine."
        )
        self._say(told)
        self._project = project = shipped()
        result = self._ticked(lambda emit: check_shipped(project, _CHECK_SECONDS, emit))
        for line in demo_text.table(result, self.paint):
            click.echo(line)
        tone = _tone(exit_code(result))
        return [html.Paragraph(told), html.verdicts(result), html.grounds(result)], tone

    def _refute(self) -> tuple[list[Part], Tone]:
        from ocpp_verify.reporters import demo_text, html, text
        from ocpp_verify.reporters.colour import Paint
        from ocpp_verify.runner.demo import BROKEN, refute, sequence, weaken

        weakened = weaken()
        dropped = "A copy in memory of the models, without what keeps other tags away:"
        narrowed = "So that the search is short, the central system accepts every tag:"
        without = [line for each in weakened.dropped for line in demo_text.changed(each)]
        fixed = [line for each in weakened.narrowed for line in demo_text.changed(each)]
        for told, lines in ((dropped, without), (narrowed, fixed)):
            self._say(told)
            click.echo("".join(f"  {line}\n" for line in lines), nl=False)
        result = self._ticked(lambda emit: refute(weakened, _REFUTE_SECONDS, emit))
        decided = result.decided[0]
        for line in demo_text.counterexample(decided, self.paint):
            click.echo(line)
        parts: list[Part] = [
            html.Paragraph(dropped),
            html.lines(without),
            html.Paragraph(narrowed),
            html.lines(fixed),
            html.verdicts(result),
        ]
        if decided.evidence is None:
            return [*parts, html.grounds(result)], "bad" if decided.status == "proved" else "open"
        shortest = "The shortest run" if decided.evidence.shortest else "A run"
        parts.append(html.Paragraph(f"{shortest} of this design that breaks {BROKEN}:"))
        parts.append(html.lines(text.trace_lines(decided.evidence, Paint(), "")))
        drawing = sequence(weakened.project, decided)
        assert drawing is not None
        parts.append(self._picture("The same run as a sequence diagram", BROKEN, drawing))
        return [*parts, html.grounds(result)], "good"

    # draw -------------------------------------------------------------------------------------

    def _draw(self) -> tuple[list[Part], Tone]:
        from ocpp_verify.reporters import html
        from ocpp_verify.runner.deadline import Deadline
        from ocpp_verify.runner.demo import (
            SCENARIO,
            find_scenario,
            sequence,
            status_diagram,
        )

        project = self._project
        assert project is not None, "the models are opened for the first part"

        told = (
            "Pictures are computed from the models. A status diagram has the changes that are "
            "possible and no others; a scenario is drawn as a run that shows it."
        )
        self._say(told)
        deadline = Deadline.after(_FIND_SECONDS)
        parts: list[Part] = [html.Paragraph(told)]
        status = status_diagram(deadline.expired)
        parts.append(self._picture("The status of a connector in Core", "connector_status", status))
        with self._ticking() as ticker:
            found = find_scenario(project, _FIND_SECONDS, ticker)
        if found.interrupted:
            raise KeyboardInterrupt
        drawing = sequence(project, found.decided[0])
        if drawing is None:
            click.echo(f"no run for {SCENARIO} was found in {_FIND_SECONDS:g} s")
            return parts, "open"
        return [*parts, self._picture(f"The scenario {SCENARIO}", SCENARIO, drawing)], "good"

    def _picture(self, title: str, name: str, drawing: Drawing) -> Picture:
        """Draw into the folder, and for the page."""
        from ocpp_verify.diagrams.render import render
        from ocpp_verify.reporters.files import write_text
        from ocpp_verify.reporters.html import Picture

        svg = render(drawing, "svg").decode()
        file = self.folder / f"{name}.svg"
        write_text(str(file), svg)
        click.echo(f"drawn: {file}")
        return Picture(title, svg)

    # test -------------------------------------------------------------------------------------

    def _generate(self) -> tuple[list[Part], Tone]:
        from ocpp_verify.reporters import demo_text, html
        from ocpp_verify.runner.demo_tests import MODULE, write_tests

        told = (
            "From the same models: one test per clause of the charger, one per condition that "
            "forbids something, one per scenario, and a Hypothesis state machine whose rules are "
            "the model's actions. `ocpp-verify generate` writes those of a CSMS, too."
        )
        self._say(told)
        self._tests = write_tests(self.folder / "tests")
        for each in self._tests:
            click.echo(f"generated: {each}")
        file = next(each for each in self._tests if each.name == MODULE)
        shown = list(demo_text.excerpt(file.read_text(encoding="utf-8"), "def test_reserved_then"))
        return [
            html.Paragraph(told),
            html.Paragraph(f"A part of {file}:"),
            html.lines(shown),
        ], "good"

    def _test(self) -> tuple[list[Part], Tone]:
        from ocpp_verify.reporters import html
        from ocpp_verify.runner.demo_tests import FAULT, MODULE, repository, run_tests

        root = repository()
        if root is None:
            told = "Left out: the chargers are in the repository, and not in the installed package."
            self._say(told)
            return [html.Paragraph(told)], "plain"
        told = (
            "pytest, against chargers that are programs of their own and know nothing of the "
            "models, over WebSockets. The central system and the people at the charger are played "
            "by the model."
        )
        self._say(told)
        file = next(each for each in self._tests if each.name == MODULE)
        good, faulty = run_tests(root, file, ("", FAULT), self.folder, _TEST_SECONDS)
        parts: list[Part] = [html.Paragraph(told), *self._tested(good), *self._tested(faulty)]
        if good.verdict == "pass" and faulty.verdict == "fail":
            return parts, "good"
        undecided = "inconclusive" in (good.verdict, faulty.verdict)
        return parts, "open" if undecided else "bad"

    def _tested(self, tested: Tested) -> list[Part]:
        from ocpp_verify.reporters import demo_text, html
        from ocpp_verify.runner.demo_tests import FAULT_DOES

        kind = {"pass": "good", "fail": "bad"}.get(tested.verdict, "open")
        who = f"a charger that {FAULT_DOES} ({tested.fault})" if tested.fault else "a good charger"
        told = demo_text.verdict(tested)
        word, _, numbers = told.partition(":")
        click.echo(f"\n{who}: {self.paint(kind, word)}:{numbers}\n  {tested.command}")
        failures = list(demo_text.failures(tested))
        for line in failures:
            click.echo(line)
        parts: list[Part] = [html.Paragraph(f"{who[0].upper()}{who[1:]}: {told}."),
                             html.lines([tested.command, *failures])]  # fmt: skip
        return parts

    # what all share ---------------------------------------------------------------------------

    def _say(self, told: str) -> None:
        click.echo(click.wrap_text(told, 100))

    @contextmanager
    def _ticking(self) -> Iterator[Ticker]:
        """Progress on a terminal, gone afterwards."""
        from ocpp_verify.cli.progress import Ticker

        ticker = Ticker(sys.stderr)
        try:
            yield ticker
        finally:
            ticker.clear()

    def _ticked(self, check: Callable[[Callable[[Event], None]], CheckFinished]) -> CheckFinished:
        """The finished check; one that was interrupted ends the demonstration."""
        with self._ticking() as ticker:
            result = check(ticker)
        if result.interrupted:
            raise KeyboardInterrupt
        return result


def _tone(code: int) -> Tone:
    return "good" if code == 0 else "open" if code == 3 else "bad"
