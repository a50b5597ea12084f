"""Run the CSMS: `python -m tests.peers.csms --port 0 --operator-port 0 --tags FILE`."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.peers import faults
from tests.peers.csms import CSMS, CSMSSettings
from tests.peers.csms.settings import tags_in_file


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.peers.csms", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--operator-port", type=int, default=0, metavar="PORT")
    parser.add_argument("--tags", type=Path, metavar="FILE", help="YAML or JSON")
    parser.add_argument("--interval", type=int, default=300, help="heartbeat interval given")
    parser.add_argument(
        "--boot",
        action="append",
        choices=["Accepted", "Pending", "Rejected"],
        help="answer to successive BootNotifications; the last one stays",
    )
    parser.add_argument("--fault", action="append", default=[], metavar="ID")
    parser.add_argument("--trace", action="store_true", help="write every frame to stderr")
    parser.add_argument("--list-faults", action="store_true")
    given = parser.parse_args(arguments)
    if given.list_faults:
        sys.stdout.write(faults.listing("csms") + "\n")
        return 0
    logging.basicConfig(level=logging.ERROR)
    try:
        settings = CSMSSettings(
            port=given.port,
            operator_port=given.operator_port,
            tags=tags_in_file(given.tags) if given.tags else {},
            faults=given.fault,
            interval=given.interval,
            registrations=given.boot or ("Accepted",),
            trace=_trace if given.trace else None,
        )
        asyncio.run(_run(settings))
    except (ValueError, OSError) as wrong:
        parser.error(str(wrong))
    return 0


async def _run(settings: CSMSSettings) -> None:
    end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end.set)
    async with CSMS(settings) as csms:
        sys.stdout.write(f"csms {csms.url}\noperator {csms.operator_url}\n")
        sys.stdout.flush()
        await end.wait()


def _trace(station: str, direction: str, text: str) -> None:
    sys.stderr.write(f"{station} {direction} {text}\n")


if __name__ == "__main__":
    sys.exit(main())
