"""Puts the models and specs of the repository into the wheel, where an installed copy finds them.

An editable install gets no copy: it reads `models/` and `specs/` where they are.
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHIPPED = ("models", "specs", "docs/checks")


class ShippedFiles(BuildHookInterface):
    """A wheel without the models is of no use, so a missing folder stops the build."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "editable":
            for folder in SHIPPED:
                build_data["force_include"][folder] = f"ocpp_verify/shipped/{folder}"
