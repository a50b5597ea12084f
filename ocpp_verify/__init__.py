"""Verify OCPP 1.6 implementations with models."""

__version__ = "0.1.0"
