"""A charger for OCPP 1.6J, Core and Reservation: two ways in, the wire and the bench."""

from tests.peers.charger.device import Charger
from tests.peers.charger.settings import ChargerSettings

__all__ = ["Charger", "ChargerSettings"]
