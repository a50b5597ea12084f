"""`ocpp-verify explain`: the page behind a code."""

from __future__ import annotations

import click


@click.command()
@click.argument("code")
def command(code: str) -> None:
    """Print what a code such as OV102 means, why, and what to write instead."""
    from ocpp_verify.diagnostics import did_you_mean
    from ocpp_verify.errors import WrongInput
    from ocpp_verify.lang.explain import codes, explain

    page = explain(code)
    if page is None:
        known = codes()
        help = did_you_mean(code, known) or (f"codes go from {known[0]} to {known[-1]}" if known else "")
        raise WrongInput(f"no page explains `{code}`", help=help)
    click.echo(page, nl=False)
