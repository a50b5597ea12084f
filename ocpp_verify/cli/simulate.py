"""`ocpp-verify simulate`: a charger or a CSMS that does what the model says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import click

from ocpp_verify.cli import options
from ocpp_verify.cli.test import opened, teller

if TYPE_CHECKING:
    from ocpp_verify.runner.simulate import Played

_SHARED = (
    options.profiles("What is played."),
    options.model_choices("The value of a configuration key, trait or duration."),
    options.tags(),
    click.option("-v", "--verbose", is_flag=True, help="Say what is going on."),
)


_ORDINARY = {
    "AuthorizeRemoteTxRequests": "true",
    "StopTransactionOnInvalidId": "true",
    "StopTransactionOnEVSideDisconnect": "true",
    "freeCharging": "false",
    "reserves": "true",
}
"""What a charger is like of which nothing else was said; as far as the profiles have it."""


@click.group("simulate")
def command() -> None:
    """Play a charger or a CSMS by the model, until Ctrl-C."""


def _shared(function: Any) -> Any:
    for each in reversed(_SHARED):
        function = each(function)
    return function


@command.command("charger")
@click.option("--csms", "url", required=True, metavar="URL", help="Without the station's identity.")
@click.option("--station", required=True, metavar="ID", help="Our identity.")
@click.option("--bench-port", type=click.IntRange(0, 65535), default=0, metavar="N",
              help="Where the bench listens; any free port by default.")  # fmt: skip
@_shared
def charger(url: str, station: str, bench_port: int, **given: Any) -> NoReturn:
    """Play a charger that connects to a CSMS."""
    _play(_played(given, "charger", station, bench_port, url=url), given)


@command.command("csms")
@click.option("--listen", default="127.0.0.1:9000", show_default=True, metavar="HOST:PORT",
              callback=options.address, help="Where chargers connect to.")  # fmt: skip
@click.option("--station", default="CP1", show_default=True, metavar="ID",
              help="The charger that may connect.")  # fmt: skip
@click.option("--operator-port", type=click.IntRange(0, 65535), default=0, metavar="N",
              help="Where the operator listens; any free port by default.")  # fmt: skip
@_shared
def csms(listen: tuple[str, int], station: str, operator_port: int, **given: Any) -> NoReturn:
    """Play a CSMS for one charger."""
    host, port = listen
    _play(_played(given, "csms", station, operator_port, host=host, port=port), given)


def _played(given: dict[str, Any], role: Any, station: str, control: int, **where: Any) -> Played:
    from ocpp_verify.runner.live import Setup
    from ocpp_verify.runner.livetest import known_values, timing_of
    from ocpp_verify.runner.simulate import Played
    from ocpp_verify.runner.tags import own_tags, read_tags, selections

    project = opened(given, "nothing is played")
    assert project.model is not None
    model = project.model
    tags = read_tags(given["tags"]) if given["tags"] else own_tags(2, "Accepted")
    tokens = next((each.values for each in model.types if each.name == "IdTag"), ())
    chosen = tags[: len(tokens)]
    if len(chosen) < len(tokens):
        chosen = selections(tags, len(tokens))[0]
    names = {each.name for each in model.variables}
    ordinary = {name: value for name, value in _ORDINARY.items() if name in names}
    fixed, seconds = known_values(model, {**ordinary, **given["config"]})
    setup = Setup(
        {str(token): tag.id for token, tag in zip(tokens, chosen, strict=False)},
        {str(token): tag.standing for token, tag in zip(tokens, chosen, strict=False)},
        fixed,
        timing_of("normal", seconds),
    )
    return Played(model, role, setup, station, control, **where)


def _play(played: Played, given: dict[str, Any]) -> NoReturn:
    import asyncio

    from ocpp_verify.live.drivers.clock import RealClock
    from ocpp_verify.runner.simulate import Player

    async def play() -> None:
        player = Player(played, RealClock(), teller(given))
        running = asyncio.create_task(player.run())
        ready = asyncio.create_task(player.ready.wait())
        await asyncio.wait((running, ready), return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if not running.done():
            kind = "bench" if played.role == "charger" else "operator"
            click.echo(f"{played.role} at {player.address}")
            click.echo(f"{kind} at {player.control}")
            standing = played.setup.standing
            known = (f"{tag} {standing[token]}" for token, tag in played.setup.tags.items())
            click.echo(f"identifiers: {', '.join(known)}")
        await running

    try:
        asyncio.run(play())
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
    raise SystemExit(0)
