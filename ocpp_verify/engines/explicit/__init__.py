"""Explicit-state search: exact answers and shortest traces up to some 10^7 states."""

from ocpp_verify.engines.explicit.edges import edges
from ocpp_verify.engines.explicit.engine import ExplicitEngine, Search

__all__ = ["ExplicitEngine", "Search", "edges"]
