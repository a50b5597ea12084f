"""What these tests test unless told otherwise: the systems that `tests.peers.sut` starts.

A live system instead: `pytest --ocpp-listen HOST:PORT --ocpp-bench URL` for a charger,
`pytest --ocpp-csms-url URL --ocpp-operator URL` for a CSMS.

written by ocpp-verify 0.1.0; write it again with: ocpp-verify generate
"""

import pytest


@pytest.fixture(scope="session")
def ocpp_sut():
    return "tests.peers.sut"
