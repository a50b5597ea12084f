"""The options of the pytest plugin, and generated tests that live elsewhere."""

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = ROOT / "generated_tests"
PLAIN = ("-q", "-p", "no:cacheprovider", "--import-mode=importlib")


def copied(pytester: pytest.Pytester, *, conftest: bool) -> Path:
    """The module for chargers in a folder of its own, with no model near."""
    place = pytester.path / "mine"
    place.mkdir()
    shutil.copy(MODULES / "ocpp16" / "test_core_charger.py", place)
    if conftest:
        shutil.copy(MODULES / "conftest.py", place)
    return place


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("--ocpp-listen=nonsense", "`nonsense` is no address"),
        ("--ocpp-listen=127.0.0.1:99999", "`127.0.0.1:99999` is no address"),
        ("--ocpp-csms-url=http://127.0.0.1", "is no WebSocket URL"),
        ("--ocpp-bench=htp://x", "unknown bench"),
        ("--ocpp-operator=nobody", "nobody"),
        ("--ocpp-config=x", "`x` sets nothing"),
        ("--ocpp-timing=soon", "unknown timing `soon`"),
        ("--ocpp-tags=nowhere.yaml", "nowhere.yaml cannot be read"),
    ],
)
def test_a_wrong_option_is_told_with_a_cure_and_without_a_traceback(
    given: str, told: str, pytester: pytest.Pytester
) -> None:
    result = pytester.runpytest_subprocess(*PLAIN, given)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    said = result.stderr.str()
    assert told in said
    assert "help: " in said
    assert "Traceback" not in said + result.stdout.str()


def test_an_option_may_come_from_the_environment(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OCPP_VERIFY_LISTEN", "nonsense")
    result = pytester.runpytest_subprocess(*PLAIN)
    assert "`nonsense` is no address" in result.stderr.str()


def test_without_any_system_tests_are_skipped_with_the_reason(pytester: pytest.Pytester) -> None:
    place = copied(pytester, conftest=False)
    result = pytester.runpytest_subprocess(*PLAIN, "-rs", str(place), "-k", "cable_first")
    result.assert_outcomes(skipped=1, deselected=result.parseoutcomes()["deselected"])
    assert "--ocpp-listen, --ocpp-csms-url or --ocpp-sut does" in result.stdout.str()


def test_where_the_default_systems_are_not_there_tests_are_skipped_with_the_reason(
    pytester: pytest.Pytester,
) -> None:
    place = copied(pytester, conftest=True)
    conftest = place / "conftest.py"
    conftest.write_text(conftest.read_text().replace("tests.peers.sut", "no.peers.here"))
    result = pytester.runpytest_subprocess(*PLAIN, "-rs", str(place), "-k", "cable_first")
    result.assert_outcomes(skipped=1, deselected=result.parseoutcomes()["deselected"])
    assert "`no.peers.here`" in result.stdout.str()
    assert "cannot be found" in result.stdout.str()


def test_a_named_system_that_is_not_there_is_an_error_without_a_traceback(
    pytester: pytest.Pytester,
) -> None:
    place = copied(pytester, conftest=True)
    result = pytester.runpytest_subprocess(
        *PLAIN, str(place), "-k", "cable_first", "--ocpp-sut=no.such.module"
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "there is no module `no.such.module`" in result.stdout.str()
    assert "Traceback" not in result.stdout.str()


@pytest.mark.loopback
def test_a_module_runs_in_another_folder_with_the_models_that_come_along(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # where tests.peers.sut is
    place = copied(pytester, conftest=True)
    result = pytester.runpytest_subprocess(*PLAIN, str(place), "-k", "cable_first or tag_first")
    result.assert_outcomes(passed=2, deselected=result.parseoutcomes()["deselected"])


def test_only_the_named_role_is_tested(pytester: pytest.Pytester) -> None:
    place = copied(pytester, conftest=False)
    result = pytester.runpytest_subprocess(
        *PLAIN, "-rs", str(place), "-k", "cable_first", "--ocpp-csms-url=ws://127.0.0.1:9"
    )
    assert "no live charger is named: --ocpp-listen HOST:PORT does" in result.stdout.str()
