"""Proofs at any depth with z3, and refutation to a stated depth. The only room that imports it."""
