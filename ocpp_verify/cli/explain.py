"""`ocpp-verify explain`: the page behind a code."""

from __future__ import annotations

import click


@click.command("explain")
@click.argument("code")
def command(code: str) -> None:
    """Print what a code such as OV102 means, why, and what to write instead."""
    from ocpp_verify.diagnostics import did_you_mean
    from ocpp_verify.lang.explain import codes, explain

    page = explain(code)
    if page is None:
        known = codes()
        help = did_you_mean(code, known)
        if not help and known:
            help = f"codes go from {known[0]} to {known[-1]}"
        click.echo(f"error: no page explains `{code}`\n  = help: {help}", err=True)
        raise SystemExit(2)
    click.echo(page, nl=False)
