"""Proofs at any depth with z3. The only room that imports it."""

from ocpp_verify.engines.symbolic.engine import SymbolicEngine
from ocpp_verify.engines.symbolic.judge import Judge

__all__ = ["Judge", "SymbolicEngine"]
