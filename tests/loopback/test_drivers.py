"""The stimulus drivers against our own endpoints and against hostile ones."""

import asyncio
import io
import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from ocpp_verify.errors import WrongInput
from ocpp_verify.live.drivers.bench import (
    VERBS,
    HttpBench,
    NoBench,
    PromptBench,
    parse_bench,
)
from ocpp_verify.live.drivers.clock import ManualClock, RealClock
from ocpp_verify.live.drivers.commands import Commands
from ocpp_verify.live.drivers.endpoints import BenchEndpoint, OperatorEndpoint
from ocpp_verify.live.drivers.http_client import Answer, HttpBase
from ocpp_verify.live.drivers.operator import (
    ACTIONS,
    HttpOperator,
    PromptOperator,
    kebab_case,
    parse_operator,
)
from ocpp_verify.live.drivers.outcome import Done, Outcome, Refused, Unavailable
from ocpp_verify.live.drivers.terminal import Terminal

pytestmark = pytest.mark.loopback


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(30.0):
            await scenario()

    asyncio.run(limited())


class Lab:
    """A handler that remembers what it was asked."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.asked: list[tuple[str, Mapping[str, Any]]] = []

    async def handle(self, name: str, arguments: Mapping[str, Any]) -> Outcome:
        self.asked.append((name, arguments))
        return self.outcome


@pytest.mark.parametrize("outcome", [Done("x"), Refused("busy"), Unavailable("no relay")])
def test_the_outcome_of_a_bench_arrives(outcome: Outcome) -> None:
    async def scenario() -> None:
        lab = Lab(outcome)
        endpoint = BenchEndpoint(lab.handle, verbs=["plug_in"])
        await endpoint.start()
        bench = HttpBench(endpoint.url)
        assert type(await bench.do("plug_in", {"connectorId": 1})) is type(outcome)
        assert lab.asked == [("plug_in", {"connectorId": 1})]
        assert isinstance(await bench.do("fault", {}), Unavailable)
        assert bench.verbs == frozenset(VERBS)
        assert await bench.discover()
        assert bench.verbs == {"plug_in"}
        assert isinstance(await bench.do("fault", {}), Unavailable)
        await endpoint.stop()
        assert isinstance(await bench.do("plug_in", {}), Unavailable)

    run(scenario)


def test_the_operator_of_one_station_is_asked() -> None:
    async def scenario() -> None:
        lab = Lab(Done())
        endpoint = OperatorEndpoint(lab.handle, station="CP 1/ä")
        await endpoint.start()
        payload = {"connectorId": 1, "idTag": "T"}
        operator = HttpOperator(endpoint.url, "CP 1/ä")
        assert isinstance(await operator.do("RemoteStartTransaction", payload), Done)
        assert lab.asked == [("RemoteStartTransaction", payload)]
        assert isinstance(await operator.do("Heartbeat", {}), Unavailable)
        other = HttpOperator(endpoint.url, "CP2")
        assert isinstance(await other.do("Reset", {"type": "Soft"}), Unavailable)
        assert len(lab.asked) == 1
        await endpoint.stop()

    run(scenario)


def test_actions_are_told_apart_in_kebab_case() -> None:
    assert len({kebab_case(action) for action in ACTIONS}) == len(ACTIONS)
    assert kebab_case("GetInstalledCertificateIds") == "get-installed-certificate-ids"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /plug_in HTTP/1.1\r\n\r\n", 405),
        (b"POST /nothing HTTP/1.1\r\n\r\n", 404),
        (b"POST /plug_in HTTP/1.1\r\nContent-Length: 3\r\n\r\n[1]", 400),
        (b"POST /plug_in HTTP/1.1\r\nContent-Length: 3\r\n\r\n{x}", 400),
        (b"POST /plug_in HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST /plug_in HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", 413),
        (b"POST /plug_in HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
        (b"POST /plug_in HTTP/1.1\r\n" + b"a: b\r\n" * 200 + b"\r\n", 431),
        (b"POST /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n", 431),
        (b"\x00\x01\r\n\r\n", 400),
        (b"POST /plug_in HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 200),
    ],
)
def test_an_endpoint_answers_any_request(sent: bytes, status: int) -> None:
    async def scenario() -> None:
        endpoint = BenchEndpoint(Lab(Done()).handle)
        await endpoint.start()
        host, _, port = endpoint.url.removeprefix("http://").rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(sent)
        first = await reader.readline()
        assert first.startswith(f"HTTP/1.1 {status} ".encode())
        writer.close()
        await endpoint.stop()

    run(scenario)


def test_a_handler_that_fails_is_not_silent() -> None:
    async def scenario() -> None:
        async def failing(name: str, arguments: Mapping[str, Any]) -> Outcome:
            raise ZeroDivisionError(name)

        endpoint = BenchEndpoint(failing)
        await endpoint.start()
        assert isinstance(await HttpBench(endpoint.url).do("plug_in", {}), Unavailable)
        with pytest.raises(ZeroDivisionError):
            await endpoint.stop()

    run(scenario)


def test_a_bench_that_does_not_answer_is_given_up() -> None:
    async def scenario() -> None:
        async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()
            gone.set()

        gone = asyncio.Event()
        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        outcome = await HttpBench(url, timeout=0.2).do("plug_in", {})
        assert outcome == Unavailable(f"{url} does not answer within 0.2 s")
        await gone.wait()
        server.close()

    run(scenario)


def test_a_base_address_may_have_a_path() -> None:
    async def scenario() -> None:
        lab = Lab(Done())
        endpoint = OperatorEndpoint(lab.handle, station="CP1")
        await endpoint.start()
        answer = await HttpBase(f"{endpoint.url}/api/").post("octt/1.6/CP1/clear-cache", {})
        assert isinstance(answer, Answer)
        assert answer.status == 200
        await endpoint.stop()

    run(scenario)


def test_a_command_gets_its_arguments_quoted() -> None:
    async def scenario() -> None:
        commands = Commands({"present_tag": "printf %s {idTag}"})
        hostile = 'a\'; echo $HOME `id` "{x}"\n'
        assert await commands.run("present_tag", {"idTag": hostile}) == Done(hostile.strip())
        assert isinstance(await commands.run("present_tag", {"idTag": "\0"}), Refused)
        assert isinstance(await commands.run("present_tag", {}), Refused)
        assert isinstance(await commands.run("plug_in", {}), Unavailable)

    run(scenario)


def test_one_command_may_serve_every_verb() -> None:
    async def scenario() -> None:
        commands = Commands({}, every="echo {verb} {connectorId} {arguments}")
        done = await commands.run("plug_in", {"connectorId": 2})
        assert done == Done('plug_in 2 {"connectorId": 2}')
        assert await commands.run("power_off", {}) == Done("power_off  {}")

    run(scenario)


def test_a_command_that_fails_refuses_and_one_that_is_missing_cannot() -> None:
    async def scenario() -> None:
        commands = Commands({"plug_in": "echo broken relay; exit 3", "fault": "no-such-program-x"})
        assert await commands.run("plug_in", {}) == Refused("exit status 3: broken relay")
        assert isinstance(await commands.run("fault", {}), Unavailable)

    run(scenario)


def test_a_command_that_hangs_is_ended_with_its_children() -> None:
    async def scenario() -> None:
        commands = Commands({"plug_in": "sleep 1000 & sleep 1000"}, timeout=0.2)
        assert isinstance(await commands.run("plug_in", {}), Refused)

    run(scenario)


@pytest.mark.parametrize(
    "line", ["echo {", "echo {0}", "echo {}", "echo {a.b}", "echo {a!r}", "echo '{a}'", 'x "{a}"']
)
def test_a_command_line_is_checked_before_it_runs(line: str) -> None:
    with pytest.raises(WrongInput, match="plug_in"):
        Commands({"plug_in": line})


def test_quotes_and_braces_of_the_shell_are_its_own() -> None:
    async def scenario() -> None:
        commands = Commands({"plug_in": "X=1; echo \"it's\" ${{X}} {a} 'b' \\\" {a}"})
        assert await commands.run("plug_in", {"a": 1}) == Done("it's 1 1 b \" 1")

    run(scenario)


class Person(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_person_is_asked_in_words() -> None:
    async def scenario() -> None:
        questions = io.StringIO()
        bench = PromptBench(Terminal(questions, Person("\nn the cable is stuck\n")))
        assert bench.verbs == frozenset(VERBS)
        assert isinstance(await bench.do("plug_in", {"connectorId": 2}), Done)
        assert await bench.do("plug_out", {"connectorId": 2}) == Refused("the cable is stuck")
        assert isinstance(await bench.do("plug_out", {"connectorId": 2}), Unavailable)
        assert questions.getvalue().startswith("please plug the cable into connector 2, then")
        operator = PromptOperator("CP1", Terminal(questions, Person("\n")))
        assert isinstance(await operator.do("Reset", {"type": "Soft"}), Done)
        assert 'send Reset to CP1 with {"type": "Soft"}' in questions.getvalue()

    run(scenario)


def test_without_a_terminal_nobody_is_asked() -> None:
    async def scenario() -> None:
        questions = io.StringIO()
        bench = PromptBench(Terminal(questions, io.StringIO("\n")))
        assert bench.verbs == frozenset()
        assert isinstance(await bench.do("plug_in", {}), Unavailable)
        assert questions.getvalue() == ""

    run(scenario)


def test_drivers_are_named_by_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "lab.toml"
    file.write_text(
        'timeout = 5\n[verbs]\nplug_in = "true {connectorId}"\n[actions]\nReset = "x"\n'
    )
    assert parse_bench(f"command:{file}").verbs == {"plug_in"}
    assert parse_operator(f"command:{file}", "CP1").actions == {"Reset"}
    assert isinstance(parse_bench("http://localhost:1/x"), HttpBench)
    assert isinstance(parse_bench("none"), NoBench)
    assert isinstance(parse_bench("prompt"), PromptBench)
    module = tmp_path / "their_lab.py"
    module.write_text(
        "class Bench:\n    verbs = actions = frozenset({'plug_in'})\n"
        "    async def do(self, verb, arguments):\n        return None\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert parse_bench("python:their_lab:Bench").verbs == {"plug_in"}
    assert parse_operator("python:their_lab:Bench", "CP1").actions == {"plug_in"}
    sys.modules.pop("their_lab")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "htp://x",
        "http://",
        "http://x:port",
        "command:",
        "command:/no/such/file.toml",
        "prompt:x",
        "none:x",
        "python:nope",
        "python:no_such_module_x:f",
        "python:json:no_such_function",
        "python:json:dumps.x",
        "python:collections:OrderedDict",
    ],
)
def test_a_driver_that_is_none_is_wrong_input(text: str) -> None:
    with pytest.raises(WrongInput) as bench:
        parse_bench(text)
    assert bench.value.help
    with pytest.raises(WrongInput):
        parse_operator(text, "CP1")


@pytest.mark.parametrize(
    "content",
    [
        "[verbs",
        "",
        "[verbs]\nplug_in = 7",
        'timeout = "x"\nevery = "true"',
        "timeout = 0\n[verbs]\nplug_in = 'true'",
        "every = 7",
        "verbs = 7",
        "[verbs]\nplugin = 'true'",
        "[verbz]\nplug_in = 'true'",
    ],
)
def test_a_file_of_commands_that_is_wrong_says_so(tmp_path: Path, content: str) -> None:
    file = tmp_path / "lab.toml"
    file.write_text(content)
    with pytest.raises(WrongInput, match=r"lab\.toml") as wrong:
        parse_bench(f"command:{file}")
    assert wrong.value.help


def test_an_error_survives_a_process_boundary() -> None:
    import pickle

    error = pickle.loads(pickle.dumps(WrongInput("no", help="do")))
    assert (error.message, error.help, type(error)) == ("no", "do", WrongInput)


def test_a_manual_clock_wakes_who_waits() -> None:
    async def scenario() -> None:
        clock = ManualClock()
        waiting = asyncio.create_task(clock.sleep_until(10.0))
        await asyncio.sleep(0)
        clock.advance(9.0)
        await asyncio.sleep(0)
        assert not waiting.done()
        clock.advance(1.0)
        await waiting
        assert clock.now() == 10.0
        assert clock.utc().second == 10
        real = RealClock()
        before = real.now()
        await real.sleep_until(before + 0.01)
        assert real.now() >= before + 0.01
        assert real.utc().tzinfo is not None

    run(scenario)


def test_what_goes_over_http_is_json() -> None:
    async def scenario() -> None:
        lab = Lab(Done("well"))
        endpoint = BenchEndpoint(lab.handle)
        await endpoint.start()
        outcome = await HttpBench(endpoint.url).do("present_tag", {"idTag": "ä\ud800"})
        assert isinstance(outcome, Done)
        assert json.loads(outcome.said) == {"said": "well"}
        assert lab.asked == [("present_tag", {"idTag": "ä\ud800"})]
        await endpoint.stop()

    run(scenario)
