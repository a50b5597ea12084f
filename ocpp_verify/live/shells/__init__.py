"""WebSocket shells: they move frames between a socket and a `Wire`, and decide nothing."""
