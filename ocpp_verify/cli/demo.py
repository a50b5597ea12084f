"""`ocpp-verify demo`: the main job on the shipped models."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command("demo", short_help="check, break, draw and test the shipped models")
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("out/demo"),
    show_default=True,
    help="Folder for the pictures.",
)
def command(output: Path) -> None:
    """Check the shipped models, refute a wrong one, draw it, test a good and a faulty charger.

    Exit codes: 0 everything came out as it should, 1 something did not.
    """
    from ocpp_verify.diagrams.render import render as draw
    from ocpp_verify.reporters import text
    from ocpp_verify.runner import demo

    click.echo("1. the shipped models\n")
    checked = demo.check_shipped(60.0, lambda _: None)
    click.echo(text.render(checked))

    click.echo("2. a design that forgot the reservation\n")
    weakened = demo.weaken()
    for change in weakened.dropped:
        for line in change.lines:
            click.echo(f"   dropped {change.file}:{change.line}  {line.strip()}")
    refuted = demo.refute(weakened, 60.0, lambda _: None)
    click.echo(text.render(refuted))
    output.mkdir(parents=True, exist_ok=True)
    decided = next((each for each in refuted.decided if each.name == demo.BROKEN), None)
    picture = None if decided is None else demo.sequence(weakened.project, decided)
    if picture is not None:
        file = output / "counterexample.svg"
        file.write_bytes(draw(picture, "svg"))
        click.echo(f"drawn: {file}\n")

    click.echo("3. a good and a faulty charger, over WebSocket on loopback\n")
    lowering = demo.lower_shipped()
    good, faulty = demo.play(lowering), demo.play(lowering, demo.FAULT)
    for each in (good, faulty):
        verdict = "fail" if each.has_failed else "pass"
        click.echo(f"   {verdict}: {each.peer}{', which ' + each.does if each.does else ''}")
        for finding in each.result.findings:
            click.echo(f"     {finding.kind}: {finding.message}")
            click.echo(f"     rules: {', '.join(finding.rules)}")
    came_out = picture is not None and not good.has_failed and faulty.has_failed
    sys.exit(0 if came_out else 1)
