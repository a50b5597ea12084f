"""Proofs at any depth with z3. The only room that imports it."""

from ocpp_verify.engines.symbolic.engine import SymbolicEngine

__all__ = ["SymbolicEngine"]
