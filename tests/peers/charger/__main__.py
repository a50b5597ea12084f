"""Run the charger: `python -m tests.peers.charger --csms ws://127.0.0.1:PORT --station ID`."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Sequence

from tests.peers import faults
from tests.peers.charger import Charger, ChargerSettings


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.peers.charger", description=__doc__)
    parser.add_argument("--csms", metavar="URL", help="address without the identity")
    parser.add_argument("--station", default="CP1", metavar="ID")
    parser.add_argument("--bench-port", type=int, default=0, metavar="PORT")
    parser.add_argument("--connectors", type=int, default=1, metavar="N")
    parser.add_argument("--fault", action="append", default=[], metavar="ID")
    parser.add_argument("--config", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument(
        "--speed",
        type=float,
        nargs="?",
        const=10.0,
        default=1.0,
        metavar="FACTOR",
        help="divides built-in delays; intervals of configuration keys stay as they are",
    )
    parser.add_argument("--trace", action="store_true", help="write every frame to stderr")
    parser.add_argument("--list-faults", action="store_true")
    given = parser.parse_args(arguments)
    if given.list_faults:
        sys.stdout.write(faults.listing("charger") + "\n")
        return 0
    if given.csms is None:
        parser.error("--csms is needed")
    config = dict(item.partition("=")[::2] for item in given.config)
    settings = ChargerSettings(
        csms=given.csms,
        station=given.station,
        connectors=given.connectors,
        bench_port=given.bench_port,
        faults=given.fault,
        config=config,
        speed=given.speed,
        trace=_trace if given.trace else None,
    )
    logging.basicConfig(level=logging.ERROR)
    try:
        asyncio.run(_run(settings))
    except ValueError as wrong:
        parser.error(str(wrong))
    return 0


async def _run(settings: ChargerSettings) -> None:
    end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end.set)
    async with Charger(settings) as charger:
        sys.stdout.write(f"bench {charger.bench_url}\n")
        sys.stdout.flush()
        await end.wait()


def _trace(direction: str, text: str) -> None:
    sys.stderr.write(f"{direction} {text}\n")


if __name__ == "__main__":
    sys.exit(main())
