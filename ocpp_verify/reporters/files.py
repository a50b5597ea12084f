"""Reports and traces to files and to standard output."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from ocpp_verify.errors import WrongInput
from ocpp_verify.events import CheckFinished
from ocpp_verify.reporters.json import trace_document

STANDARD_OUTPUT = "-"


def write_text(target: str, text: str) -> None:
    """Write to the file, or to standard output for `-`. Raises WrongInput where it cannot."""
    if target == STANDARD_OUTPUT:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    file = Path(target)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise WrongInput(
            f"{target} cannot be written: {(problem.strerror or str(problem)).lower()}",
            help="name a file in a folder that you may write to",
        ) from None


def write_traces(result: CheckFinished, folder: Path, witnesses: bool) -> dict[str, str]:
    """Write `<property>.trace.json` for what is refuted; the names of the files by property.

    With `witnesses` for what is reached, too.
    """
    written: dict[str, str] = {}
    for each in result.decided:
        if each.evidence is None or not (each.status == "refuted" or witnesses):
            continue
        file = folder / f"{re.sub(r'[^A-Za-z0-9_.-]', '_', each.name)}.trace.json"
        document = trace_document(result.started, each)
        write_text(str(file), json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        written[each.name] = str(file)
    return written
