"""OV406: an unknown configuration key."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, did_you_mean, error
from ocpp_verify.lang.facts import Program
from ocpp_verify.lang.syntax import StateDecl

CODE, TITLE = "OV406", "an unknown configuration key"


def check(program: Program) -> Iterator[Diagnostic]:
    """A `config` variable is no configuration key of the protocol."""
    if program.vocabulary is None:
        return
    keys = program.vocabulary.configuration_keys
    for unit in program.units:
        for item in unit.items:
            if isinstance(item, StateDecl) and item.config and item.name.text not in keys:
                yield error(
                    CODE,
                    f"there is no configuration key `{item.name.text}`",
                    item.name.at,
                    help=did_you_mean(item.name.text, keys)
                    or "declare it as `trait` or `persistent state` if it is the product's own",
                )
