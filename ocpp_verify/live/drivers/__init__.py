"""Drivers: the clock, the bench of a charger, the operator of a CSMS, and their HTTP endpoints."""
