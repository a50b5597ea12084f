"""Who tried to connect in vain is told, so that a wrong setting can be found."""

from ocpp_verify.live.shells.wire import NoSubprotocol, RefusedPeer
from ocpp_verify.runner.stage import Relay


def test_a_wrong_sub_protocol_is_told() -> None:
    relay = Relay()
    for _ in range(2):
        relay.on_noticed(NoSubprotocol(("ocpp2.0.1",), ()), 0.0)
    assert relay.refused == {"somebody who names sub-protocol ocpp2.0.1": 2}


def test_a_missing_sub_protocol_is_told() -> None:
    relay = Relay()
    relay.on_noticed(NoSubprotocol((), ()), 0.0)
    assert relay.refused == {"somebody who names no sub-protocol": 1}


def test_another_identity_is_told() -> None:
    relay = Relay()
    relay.on_noticed(RefusedPeer("CP2", "it is not CP1", 404), 0.0)
    relay.on_noticed(RefusedPeer("", "no identity in the path", 404), 0.0)
    assert list(relay.refused) == ["CP2: it is not CP1", "(no identity): no identity in the path"]
