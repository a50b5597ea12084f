"""Ways to write a test module down."""

from ocpp_verify.testgen.emitters import stateful

ALL = (stateful,)
