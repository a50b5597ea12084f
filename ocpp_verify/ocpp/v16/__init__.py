"""OCPP 1.6: the messages, their schemas, and payloads made from them."""
