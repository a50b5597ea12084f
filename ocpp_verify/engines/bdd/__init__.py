"""Decision diagrams: exact reachable sets far beyond what can be listed."""

from ocpp_verify.engines.bdd.engine import BddEngine
from ocpp_verify.engines.bdd.states import ReachableSet

__all__ = ["BddEngine", "ReachableSet"]
