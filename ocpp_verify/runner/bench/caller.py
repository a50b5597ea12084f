"""A charger that does nothing but ask: `python -m ocpp_verify.runner.bench.caller URL ROUNDS`.

It prints the seconds of its round trips. The same program calls both servers, each in turn.
"""

from __future__ import annotations

import asyncio
import json
import sys
from time import perf_counter

from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

STATION = "BENCH"
_BOOT = '[2,"boot","BootNotification",{"chargePointVendor":"V","chargePointModel":"M"}]'
_STATUS = (
    '[2,"{id}","StatusNotification",{"connectorId":1,"errorCode":"NoError","status":"Available"}]'
)
_METER = (
    '[2,"{id}","MeterValues",{"connectorId":1,"meterValue":[{"timestamp":"2026-01-01T00:00:00Z",'
    '"sampledValue":[{"value":"1000","measurand":"Energy.Active.Import.Register","unit":"Wh"}]}]}]'
)
ROUND = ('[2,"{id}","Heartbeat",{}]', _STATUS, _METER)
"""What is asked again and again; each has to be answered."""


async def call(url: str, rounds: int) -> float:
    """Seconds of `rounds` calls, each answered before the next. The boot is not counted."""
    async with connect(
        f"{url}/{STATION}", subprotocols=[Subprotocol("ocpp1.6")], compression=None
    ) as connection:
        await connection.send(_BOOT)
        await _answer(connection, "boot")
        began = perf_counter()
        for number in range(rounds):
            name = f"c{number}"
            await connection.send(ROUND[number % len(ROUND)].replace("{id}", name, 1))
            await _answer(connection, name)
        return perf_counter() - began


async def _answer(connection: object, name: str) -> None:
    while True:
        text = await connection.recv()  # type: ignore[attr-defined]
        kind, found, *_ = json.loads(text)
        if found == name:
            if kind != 3:
                raise SystemExit(f"{name} was not answered: {text}")
            return


if __name__ == "__main__":
    sys.stdout.write(f"{asyncio.run(call(sys.argv[1], int(sys.argv[2])))}\n")
