"""`ocpp-verify demo`: what the tool does, shown on the models that come with it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from ocpp_verify.diagrams.pictures import Picture as Drawing
    from ocpp_verify.events import CheckFinished, Event
    from ocpp_verify.ir.lower import Lowering
    from ocpp_verify.reporters.colour import Paint
    from ocpp_verify.reporters.html import Part, Picture, Section, Tone
    from ocpp_verify.runner.demo import Played

FOLDER = Path("out/demo")
_CHECK_SECONDS, _REFUTE_SECONDS, _FIND_SECONDS = 40.0, 40.0, 20.0
_WORDS = {"good": "as expected", "bad": "not as expected", "open": "undecided"}
_LEAD = (
    "One model, four jobs: prove a design, find what is wrong with one, draw it, and test a "
    "charger with it. Everything here is about one connector, so that it takes less than a minute."
)


@click.command("demo")
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), default=FOLDER,
              show_default=True, help="Where the report and the pictures go.")  # fmt: skip
def command(output: Path) -> NoReturn:
    """Prove, break, draw and test: all four jobs on the shipped models, in less than a minute.

    Exit codes: 0 all came out as expected, 1 something did not, 3 something stayed undecided, 130
    interrupted.
    """
    import os

    from ocpp_verify.reporters.colour import Paint, wanted
    from ocpp_verify.reporters.files import write_text
    from ocpp_verify.reporters.html import Page, render

    began = monotonic()
    show = _Show(output, Paint(wanted(sys.stdout.isatty(), os.environ)))
    sections = list(show.all())
    report = output / "report.html"
    write_text(str(report), render(Page("ocpp-verify: a demonstration", _LEAD, tuple(sections))))
    tones = {each.tone for each in sections}
    tone: Tone = "bad" if "bad" in tones else "open" if "open" in tones else "good"
    click.echo(f"\n{show.paint(tone, _WORDS[tone])} ({monotonic() - began:.0f} s)")
    click.echo(f"report: {report}")
    raise SystemExit({"good": 0, "bad": 1, "open": 3}[tone])


@dataclass(slots=True)
class _Show:
    """The parts one after the other: each prints what came out and gives its section."""

    folder: Path
    paint: Paint
    _lowering: Lowering | None = None

    def all(self) -> Iterator[Section]:
        """All sections, in the order of the page."""
        parts: tuple[tuple[str, Callable[[], tuple[list[Part], Tone]]], ...] = (
            ("Check the shipped models", self._check),
            ("Find what is wrong with a design", self._refute),
            ("Draw what the models say", self._draw),
            ("Test a good charger", self._good),
            ("Test a faulty charger", self._faulty),
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
        from ocpp_verify.runner.demo import DECIDED, check_shipped

        told = (
            f"{len(DECIDED)} monitors and invariants of Core and Reservation, for every "
            "configuration of a charger with one connector. `ocpp-verify check` decides the "
            "transition table, the scenarios and the rest."
        )
        self._say(told)
        result = self._ticked(lambda emit: check_shipped(_CHECK_SECONDS, emit))
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
            scenario_project,
            sequence,
            status_diagram,
        )

        told = (
            "Pictures are computed from the models. A status diagram has the changes that are "
            "possible, and says so where one is uncertain; a scenario is drawn as a run that "
            "shows it."
        )
        self._say(told)
        deadline = Deadline.after(_FIND_SECONDS)
        parts: list[Part] = [html.Paragraph(told)]
        status = status_diagram(deadline.expired)
        parts.append(self._picture("The status of a connector in Core", "connector_status", status))
        project = scenario_project()
        found = self._ticked(lambda emit: find_scenario(project, _FIND_SECONDS, emit))
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

    def _good(self) -> tuple[list[Part], Tone]:
        return self._play("", "pass")

    def _faulty(self) -> tuple[list[Part], Tone]:
        from ocpp_verify.runner.demo import FAULT

        return self._play(FAULT, "fail")

    def _play(self, fault: str, expected: str) -> tuple[list[Part], Tone]:
        from ocpp_verify.errors import WrongInput
        from ocpp_verify.reporters import demo_text, html
        from ocpp_verify.runner.demo import lower_shipped, play

        try:
            self._lowering = self._lowering or lower_shipped()
            played = play(self._lowering, fault)
        except WrongInput:
            told = "Left out: the peers are in the repository, and not in the installed package."
            self._say(told)
            return [html.Paragraph(told)], "plain"
        told = _about(played)
        self._say(told)
        word = demo_text.verdict(played)
        tone: Tone = "good" if word == expected else "open" if word == "inconclusive" else "bad"
        kind = {"pass": "good", "fail": "bad"}.get(word, "open")
        findings = list(demo_text.findings(played))
        rows = [
            (
                html.Cell(name),
                html.Cell(rules),
                html.Cell(shown, "good" if shown == "shown" else "open"),
            )
            for name, rules, shown in demo_text.purposes(played)
        ]
        for line in findings:
            click.echo(line)
        for name, rules, shown in demo_text.purposes(played):
            click.echo(f"  {name} ({rules}): {shown}")
        click.echo(f"{self.paint(kind, word)}: {demo_text.summary(played)}")
        parts: list[Part] = [
            html.Paragraph(told),
            html.Table(("purpose", "rules", "shown"), tuple(rows)),
            html.Paragraph(f"Verdict: {word}, {demo_text.summary(played)}."),
        ]
        if findings:
            parts.append(html.lines(findings))
        return parts, tone

    # what all share ---------------------------------------------------------------------------

    def _say(self, told: str) -> None:
        click.echo(click.wrap_text(told, 100))

    def _ticked(self, check: Callable[[Callable[[Event], None]], CheckFinished]) -> CheckFinished:
        """The finished check; one that was interrupted ends the demonstration."""
        from ocpp_verify.cli.progress import Ticker

        ticker = Ticker(sys.stderr)
        try:
            result = check(ticker)
        finally:
            ticker.clear()
        if result.interrupted:
            raise KeyboardInterrupt
        return result


def _tone(code: int) -> Tone:
    return "good" if code == 0 else "open" if code == 3 else "bad"


def _about(played: Played) -> str:
    what = f"a charger that {played.does} ({played.peer})" if played.does else "a faithful charger"
    return (
        f"A test of {what}: a program of its own that knows nothing of the models, over a "
        "WebSocket. The central system and the people at the charger are played by the model."
    )
