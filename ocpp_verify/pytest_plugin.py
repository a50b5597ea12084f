"""The pytest plugin: loaded by every pytest run that has ocpp-verify installed, so it stays light."""
