"""The litmus models: one file per rule of the language, its expectation in the comments on top.

`# reach: EXPR` some reachable state satisfies it, `# never: EXPR` none does, `# run: A; B(n=1); B.Yes`
these visible steps can follow each other with hidden ones between, `# norun: …` they cannot.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ocpp_verify.ir.expr import Expr
from ocpp_verify.ir.model import Model
from ocpp_verify.ir.properties import Reach
from ocpp_verify.ir.system import Label
from ocpp_verify.lang.load import load_text

FOLDER = Path(__file__).parent / "rules"
NAMES = sorted(path.stem for path in FOLDER.glob("*.model"))


@dataclass(frozen=True, slots=True)
class Rule:
    """A litmus model and what it is expected to do."""

    model: Model
    reach: tuple[tuple[str, Expr], ...]
    never: tuple[tuple[str, Expr], ...]
    runs: tuple[str, ...]
    no_runs: tuple[str, ...]


def rule(name: str) -> Rule:
    """The litmus model of that name."""
    text = (FOLDER / f"{name}.model").read_text(encoding="utf-8")
    said = re.findall(r"^# (reach|never|run|norun): (.*)$", text, re.MULTILINE)
    states = [(kind, expr) for kind, expr in said if kind in ("reach", "never")]
    spec = "spec Rule\n" + "".join(
        f"reach R{at}\n  {expr}\n" for at, (_, expr) in enumerate(states)
    )
    loaded = load_text({"rule.model": text, "rule.spec": spec})
    assert loaded.model is not None, loaded.diagnostics
    assert not loaded.diagnostics, loaded.diagnostics
    (properties,) = (each.properties for each in loaded.specs)
    exprs = [each.expr for each in properties if isinstance(each, Reach)]

    def of(wanted: str) -> tuple[tuple[str, Expr], ...]:
        return tuple(
            (shown, expr)
            for (kind, shown), expr in zip(states, exprs, strict=True)
            if kind == wanted
        )

    runs = [tuple(run for kind, run in said if kind == wanted) for wanted in ("run", "norun")]
    return Rule(loaded.model, of("reach"), of("never"), *runs)


def fits(step: str, label: Label) -> bool:
    """Whether the label is the written step; arguments that it does not mention may be any."""
    match = re.fullmatch(r"(\w+)(?:\.(\w+))?(?:\((.*)\))?", step.strip())
    assert match is not None, step
    action, outcome, args = match.groups()
    if (action, outcome) != (label.action, label.outcome):
        return False
    shown = {
        name: "none" if value is None else str(value)
        for name, value in (*label.args, *label.answer)
    }
    wanted = (each.split("=") for each in args.split(",")) if args else ()
    return all(shown.get(name.strip()) == value.strip() for name, value in wanted)
