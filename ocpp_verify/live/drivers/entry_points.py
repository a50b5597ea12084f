"""Drivers that users write in Python, named as `package.module:factory`."""

from __future__ import annotations

import importlib

from ocpp_verify.errors import WrongInput


def make_from(reference: str, needed: tuple[str, ...]) -> object:
    """What the factory returns; `needed` are the attributes that it must have."""
    module_name, colon, factory_name = reference.partition(":")
    if not colon or not module_name or not factory_name.isidentifier():
        raise WrongInput(
            f"`{reference}` names no factory", help="write python:package.module:factory"
        )
    try:
        module = importlib.import_module(module_name)
    except ImportError as reason:
        raise WrongInput(
            f"cannot import `{module_name}`: {reason}",
            help="install it in this environment, or set PYTHONPATH",
        ) from reason
    factory = getattr(module, factory_name, None)
    if not callable(factory):
        raise WrongInput(
            f"`{module_name}` has no function `{factory_name}`",
            help="name a function without parameters that returns the driver",
        )
    made: object = factory()
    missing = [name for name in needed if not hasattr(made, name)]
    if missing:
        raise WrongInput(
            f"what `{reference}` returns has no `{missing[0]}`",
            help=f"a driver has {' and '.join(f'`{name}`' for name in needed)}",
        )
    return made
