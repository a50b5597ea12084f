"""OCPP-J framing and the OCPP 1.6 tables: text and time are arguments, nothing here does I/O."""
