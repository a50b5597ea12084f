"""A CSMS for OCPP 1.6J, Core and Reservation: stations on one side, an operator on the other."""

from tests.peers.csms.server import CSMS
from tests.peers.csms.settings import CSMSSettings, Tag, tags_from

__all__ = ["CSMS", "CSMSSettings", "Tag", "tags_from"]
