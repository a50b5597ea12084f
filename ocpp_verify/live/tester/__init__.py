"""Testing a live system: we play the other role, the lab plays the world around it.

The player answers what the system under test asks and does what is chosen; the walker follows plans,
the exploration makes them. Sometimes it waits until nothing is owed before it goes on, sometimes it
does not.
"""

from ocpp_verify.live.tester.exploration import Progress
from ocpp_verify.live.tester.pace import Pace
from ocpp_verify.live.tester.tester import Tester

__all__ = ["Pace", "Progress", "Tester"]
