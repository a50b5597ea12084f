"""Hypothesis machines, one per profile and role, in the form that `ruff format` gives."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Sequence
from importlib import resources

from ocpp_verify import __version__
from ocpp_verify.ir.types import Value
from ocpp_verify.source import Place
from ocpp_verify.testgen.rules import Path, Range, Rule, Step, TestModule

WIDTH = 100
PROTOCOL = "OCPP 1.6"
SETTLE = "SETTLE"


def emit(module: TestModule) -> str:
    """The text of the module; the same module gives the same text."""
    return _render(
        "stateful.py.j2",
        module=module,
        protocol=PROTOCOL,
        version=__version__,
        called="charger" if module.role == "charger" else "CSMS",
        standing=", standing" if module.standings else "",
        clauses=_listed(
            (each.at, each.rules, (each.name,), each.standing) for each in module.clauses
        ),
        refusals=_listed(
            (each.at, each.rules, (each.step, each.condition), each.standing)
            for each in module.refusals
        ),
        ranges=[_range(each) for each in _all_ranges(module)],
        rules=[_method(each) for each in module.rules],
        header=_header(module),
        scenarios=[_scenario(each) for each in module.scenarios if each.steps],
        untold=[each for each in module.scenarios if not each.steps],
        place=_place,
    )


def emit_conftest(sut: str) -> str:
    """The `conftest.py` beside the modules; `sut` is the module of the systems they start."""
    return _render("conftest.py.j2", sut=sut, version=__version__)


def _render(name: str, **values: object) -> str:
    import jinja2

    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    environment = jinja2.Environment(
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.from_string(text).render(values)


def _header(module: TestModule) -> str:
    lines = [f"model: {module.model}"]
    if module.spec:
        lines.append(f"spec: {module.spec}")
    return "\n".join(lines)


def _listed(
    entries: Iterable[tuple[Place, tuple[str, ...], tuple[str, ...], str | None]],
) -> list[str]:
    """Entries of a tuple; those of one place stand together, behind a comment that names it."""
    lines: list[str] = []
    last = ""
    for at, rules, words, standing in entries:
        head = f"    # {_place(at)}" + (f"  {', '.join(rules)}" if rules else "")
        if head != last:
            lines.append(last := head)
        values = [literal(each) for each in (*words, *([standing] if standing else []))]
        if len(values) == 1:
            lines.append(f"    {values[0]},")
        else:
            lines += _call("    (", values, "),").splitlines()
    return lines


def _all_ranges(module: TestModule) -> list[Range]:
    found = {each.name: each for rule in module.rules for _, each in rule.params}
    if module.standings:
        found.setdefault("STANDING", Range("STANDING", module.standings))
    return [found[name] for name in sorted(found)]


def _range(each: Range) -> str:
    values = [literal(value) for value in each.values]
    head = f"{each.name} = st.sampled_from("
    inner = f"({', '.join(values)}{',' if len(values) == 1 else ''})"
    if len(head) + len(inner) + 1 <= WIDTH:
        return f"{head}{inner})"
    if len(inner) + 4 <= WIDTH:
        return f"{head}\n    {inner}\n)"
    listed = "\n".join(f"        {value}," for value in values)
    return f"{head}\n    (\n{listed}\n    )\n)"


def _method(rule: Rule) -> str:
    names = [name for name, _ in rule.params]
    drawn = [f"{name}={values.name}" for name, values in rule.params]
    given = [literal(rule.action), *(f"{name}={name}" for name in names)]
    if rule.kind == "answer":
        given = [literal(rule.action), *names]
    else:
        drawn.append(f"settle={SETTLE}")
        names.append("settle")
        given.append("settle=settle")
    return "\n".join(
        [
            _call("    @rule(", drawn, ")"),
            _call(f"    def {rule.method}(", ["self", *names], "):"),
            _doc(rule.at, rule.rules, 8),
            _call(f"        self.run.{rule.kind}(", given, ")"),
        ]
    )


def _scenario(path: Path) -> dict[str, object]:
    return {
        "function": path.function,
        "doc": _doc(path.at, path.rules, 4),
        "steps": [_step(each) for each in path.steps],
    }


def _step(step: Step) -> str:
    given = [literal(step.name), *(f"{name}={literal(value)}" for name, value in step.args)]
    return _call("        run.reach(", given, ")")


def _doc(at: Place, rules: Sequence[str], indent: int) -> str:
    margin = " " * indent
    first = f'"""{_place(at)}'
    if not rules:
        return f'{margin}{first}"""'
    one_line = f'{margin}{first}  {", ".join(rules)}"""'
    if len(one_line) <= WIDTH:
        return one_line
    told = textwrap.fill(
        ", ".join(rules), WIDTH - indent, break_on_hyphens=False, break_long_words=False
    )
    return f'{margin}{first}\n\n{textwrap.indent(told, margin)}\n{margin}"""'


def _place(at: Place) -> str:
    return f"{at.file}:{at.line}"


def _call(head: str, parts: Sequence[str], tail: str) -> str:
    line = f"{head}{', '.join(parts)}{tail}"
    if len(line) <= WIDTH:
        return line
    margin = " " * (len(head) - len(head.lstrip()))
    inner = f"{margin}    {', '.join(parts)}"
    if len(inner) <= WIDTH:
        return f"{head}\n{inner}\n{margin}{tail}"
    listed = "\n".join(f"{margin}    {part}," for part in parts)
    return f"{head}\n{listed}\n{margin}{tail}"


def literal(value: Value) -> str:
    """The value as `ruff format` writes it."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
