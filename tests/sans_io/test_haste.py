"""A charger that takes its time with a restart is too slow for quick timing."""

import pytest

from ocpp_verify.live.record import Entry
from ocpp_verify.runner.haste import haste_warning, slow_restart


def the_log(status: str, gone: float) -> list[Entry]:
    return [
        Entry(1.0, "->", '[2,"a","Reset",{"type":"Soft"}]'),
        Entry(1.5, "<-", f'[3,"a",{{"status":"{status}"}}]'),
        Entry(1.6, "<-", "not JSON"),
        Entry(1.6, "<-", "[" * 100_000),
        Entry(gone - 0.1, "<-", '[2,"b","Heartbeat",{}]'),
        Entry(gone, "*", "disconnected"),
        Entry(60.0, "<-", '[2,"c","BootNotification",{}]'),
    ]


@pytest.mark.parametrize(
    ("status", "gone", "slow"),
    [("Accepted", 10.0, 8.4), ("Accepted", 3.0, None), ("Rejected", 10.0, None)],
)
def test_the_time_until_the_restart_is_measured(
    status: str, gone: float, slow: float | None
) -> None:
    assert slow_restart(the_log(status, gone), 5.0) == (
        None if slow is None else pytest.approx(slow)
    )


def test_the_warning_names_the_cure() -> None:
    assert "10 s after it had accepted a Reset" in haste_warning(10.2, 5.0)
    assert "--timing normal" in haste_warning(10.2, 5.0)
