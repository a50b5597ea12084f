"""From a model to its ground system.

Every action becomes guarded commands, one per values of its parameters; calls in flight become
slots, queues become entries. `slots` says what these remember, `layout` where it is, `effects` what
updates write, `commands` when, `watching` what monitors and scenarios see of it, `duties` what is
owed; `facade` puts the parts together.
"""

from ocpp_verify.ir.lower.arguments import Args, assignments
from ocpp_verify.ir.lower.facade import Lowering, lower
from ocpp_verify.ir.lower.slots import Answered, InFlight, Stored

__all__ = ["Answered", "Args", "InFlight", "Lowering", "Stored", "assignments", "lower"]
