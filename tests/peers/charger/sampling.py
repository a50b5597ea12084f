"""Meter values of running transactions: sampled, clock-aligned, and kept for their end."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from datetime import datetime, timedelta

from tests.peers.charger.configuration import MEASURANDS, Configuration
from tests.peers.charger.connector import Connector
from tests.peers.charger.line import Line
from tests.peers.charger.transactions import Kind, Transaction, meter_value
from tests.peers.faults import Faults
from tests.peers.schema import Payload

Queue = Callable[[Kind, Transaction, Payload], None]


class Sampling:
    """Takes meter values at the times that the configuration asks for."""

    def __init__(self, config: Configuration, faults: Faults, line: Line, queue: Queue) -> None:
        self._config = config
        self._faults = faults
        self._line = line
        self._queue = queue
        self._loop = asyncio.get_running_loop()

    def begin(self, connector: Connector, transaction: Transaction) -> None:
        """A transaction has started; the sampling grid starts with it."""
        self.keep(connector, transaction, "Transaction.Begin", transaction.started)
        connector.sampling_since = self._loop.time()
        self.watch_samples(connector)
        self.watch_aligned(connector)

    def end(self, connector: Connector) -> None:
        """The transaction of a connector is over."""
        self.watch_samples(connector)
        self.watch_aligned(connector)

    def keep(
        self, connector: Connector, transaction: Transaction, context: str, moment: datetime
    ) -> None:
        """Note a value for transactionData if StopTxnSampledData asks for any."""
        value = meter_value(
            connector.meter, self._config.items("StopTxnSampledData"), context, moment
        )
        if value is not None:
            transaction.values.append(value)

    def watch_samples(self, connector: Connector) -> None:
        """Aim at the next point of the grid that starts with the transaction."""
        if connector.sampler is not None:
            connector.sampler.cancel()
            connector.sampler = None
        interval = self._config.number("MeterValueSampleInterval")
        if connector.memory.transaction is not None and interval > 0:
            passed = self._loop.time() - connector.sampling_since
            steps = math.floor(passed / interval + 1e-6) + 1
            connector.sampler = self._loop.call_at(
                connector.sampling_since + steps * interval, self._sample, connector
            )

    def _sample(self, connector: Connector) -> None:
        transaction = connector.memory.transaction
        if transaction is None:
            return
        moment = self._line.clock.now()
        measurands = self._config.items("MeterValuesSampledData") or list(MEASURANDS[:1])
        self._send_value(connector, transaction, measurands, "Sample.Periodic", moment)
        self.keep(connector, transaction, "Sample.Periodic", moment)
        self.watch_samples(connector)

    def watch_aligned(self, connector: Connector) -> None:
        """Aim at the next point of the grid that starts at midnight."""
        if connector.aligner is not None:
            connector.aligner.cancel()
            connector.aligner = None
        interval = self._config.number("ClockAlignedDataInterval")
        if connector.memory.transaction is None or interval <= 0:
            return
        now = self._line.clock.now()
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        steps = math.floor((now - midnight).total_seconds() / interval + 1e-3) + 1
        due = min(midnight + timedelta(seconds=steps * interval), midnight + timedelta(days=1))
        connector.aligner = self._loop.call_later(
            (due - now).total_seconds(), self._align, connector, due
        )

    def _align(self, connector: Connector, moment: datetime) -> None:
        transaction = connector.memory.transaction
        if transaction is None:
            return
        measurands = self._config.items("MeterValuesAlignedData")
        self._send_value(connector, transaction, measurands, "Sample.Clock", moment)
        kept = self._config.items("StopTxnAlignedData")
        value = meter_value(connector.meter, kept, "Sample.Clock", moment)
        if value is not None:
            transaction.values.append(value)
        self.watch_aligned(connector)

    def _send_value(
        self,
        connector: Connector,
        transaction: Transaction,
        measurands: list[str],
        context: str,
        moment: datetime,
    ) -> None:
        if self._faults.has("CP-O13") and self._line.reconnections:
            return
        value = meter_value(connector.meter, measurands, context, moment)
        if value is not None:
            payload = {"connectorId": connector.number, "meterValue": [value]}
            self._queue("MeterValues", transaction, payload)
