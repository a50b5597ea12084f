from __future__ import annotations

import os
from pathlib import Path

import pytest

from ocpp_verify.lang.load import file_of, load
from tests.lang.cases import messages


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "core.model").write_text("profile Core\ncharger state on1 : bool = false\n")
    (tmp_path / "m" / "smart_charging.model").write_text(
        "profile SmartCharging extends Core\ncharger state x : bool = false\n"
    )
    (tmp_path / "m" / "top.model").write_text("profile Top extends SmartCharging\n")
    return tmp_path


def test_a_file_is_named_after_its_profile() -> None:
    assert [file_of(each) for each in ("Core", "SmartCharging", "OCPPJ", "LocalAuthList")] == [
        "core.model",
        "smart_charging.model",
        "ocppj.model",
        "local_auth_list.model",
    ]


@pytest.mark.usefixtures("folder")
def test_bases_are_found_beside_the_file_and_names_stay_relative() -> None:
    loaded = load([Path("m/top.model")])
    assert messages(loaded) == ""
    assert loaded.model is not None
    assert loaded.model.profiles == ("Core", "SmartCharging", "Top")
    assert loaded.model.files == ("m/core.model", "m/smart_charging.model", "m/top.model")
    assert loaded.model.variables[0].at.file == "m/core.model"


@pytest.mark.usefixtures("folder")
def test_a_file_that_is_given_and_a_base_is_read_once() -> None:
    loaded = load([Path("m/core.model"), Path("m/top.model"), Path("m/core.model")])
    assert messages(loaded) == ""


def test_files_that_cannot_be_read_are_diagnostics(folder: Path) -> None:
    (folder / "latin.model").write_bytes("profile X\n# gru\u00fc\u00df\n".encode("latin-1"))
    (folder / "zeros.model").write_bytes(b"\0\0\0")
    (folder / "empty.model").write_bytes(b"")
    files = ("m", "nothing.model", "latin.model", "zeros.model", "empty.model", "bad\0name.model")
    loaded = load([Path(each) for each in files])
    assert [(each.at.file, each.code) for each in loaded.diagnostics] == [
        ("m", "OV014"),
        ("nothing.model", "OV014"),
        ("latin.model", "OV015"),
        ("zeros.model", "OV010"),
        ("zeros.model", "OV012"),
        ("empty.model", "OV012"),
        ("bad\0name.model", "OV014"),
    ]
    (latin,) = (each for each in loaded.diagnostics if each.code == "OV015")
    assert (latin.at.line, latin.at.column, latin.label) == (2, 6, "byte 0xFC")
    assert loaded.model is None


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission_is_a_diagnostic(folder: Path) -> None:
    (folder / "m" / "core.model").chmod(0)
    loaded = load([Path("m/core.model")])
    assert [each.code for each in loaded.diagnostics] == ["OV014"]


def test_a_base_that_declares_another_profile_is_a_diagnostic(folder: Path) -> None:
    (folder / "m" / "core.model").write_text("profile Kore\n")
    loaded = load([Path("m/smart_charging.model")])
    (found,) = loaded.diagnostics
    assert (found.code, found.message) == ("OV301", "`m/core.model` declares Kore, not Core")


@pytest.mark.usefixtures("folder")
def test_a_spec_given_as_a_model_is_a_diagnostic() -> None:
    Path("a.spec").write_text("spec Core\n")
    loaded = load([Path("a.spec")], [Path("m/core.model")])
    assert [each.code for each in loaded.diagnostics] == ["OV013", "OV013"]


@pytest.mark.usefixtures("folder")
def test_two_files_of_one_profile_are_a_diagnostic() -> None:
    Path("other.model").write_text("profile Core\n")
    loaded = load([Path("m/core.model"), Path("other.model")])
    assert [each.code for each in loaded.diagnostics] == ["OV101"]
