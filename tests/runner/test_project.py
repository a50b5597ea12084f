"""From the arguments of a command to files and models."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocpp_verify.errors import WrongInput
from ocpp_verify.runner.project import Choices, find, open_project, shipped_models
from tests.runner.cases import PARKING, PARKING_SPEC

BASE = "profile Base\ncharger state lit : bool = false\nevent Toggle() at charger\n  then lit := not lit\n"
EXTENSION = "profile SmartOne extends Base\ncharger state more : bool = false\n"
OTHER = "profile Other extends Base\ncharger state other : bool = false\n"


def write(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        stem, _, kind = name.rpartition("_")
        file = folder / f"{stem}.{kind}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def mirrored(root: Path) -> Path:
    """Models and specs in folders that mirror each other."""
    write(root / "models" / "v1", base_model=BASE, smart_one_model=EXTENSION, other_model=OTHER)
    write(
        root / "specs" / "v1",
        base_spec="spec Base\nreach On\n  lit\n",
        smart_one_spec="spec SmartOne\nreach More\n  not more\n",
    )
    return root / "models" / "v1"


def names(files: tuple[Path, ...]) -> list[str]:
    return [each.name for each in files]


def test_a_model_brings_the_specs_of_its_profile_and_bases(tmp_path: Path) -> None:
    found = find([mirrored(tmp_path) / "smart_one.model"])
    assert names(found.models) == ["smart_one.model"]
    assert names(found.specs) == ["base.spec", "smart_one.spec"]
    project = open_project([mirrored(tmp_path) / "smart_one.model"])
    assert project.model is not None
    assert project.model.profiles == ("Base", "SmartOne")
    assert [each.name for each in project.properties] == ["On", "More"]


def test_a_base_that_is_not_beside_the_file_is_a_shipped_one(tmp_path: Path) -> None:
    write(tmp_path, vendor_model="profile Vendor extends Core\ncharger state lit : bool = false\n")
    write(tmp_path, vendor_spec="spec Vendor\ninvariant Dark\n  not lit\n")
    project = open_project([tmp_path / "vendor.model"])
    assert project.model is not None, project.diagnostics
    assert project.model.profiles == ("Core", "Vendor")
    assert project.catalogue is not None
    assert {"Dark", "OneTransactionPerConnector"} <= {each.name for each in project.properties}


def test_a_base_beside_the_file_comes_before_a_shipped_one(tmp_path: Path) -> None:
    write(tmp_path, core_model=BASE.replace("Base", "Core"))
    write(tmp_path, other_model=OTHER.replace("Base", "Core"))
    project = open_project([tmp_path / "other.model"])
    assert project.model is not None
    assert {each.name for each in project.model.actions} == {"Toggle"}


def test_a_folder_is_every_profile_in_it_as_one_model(tmp_path: Path) -> None:
    project = open_project([mirrored(tmp_path)])
    assert project.model is not None
    assert set(project.model.profiles) == {"Base", "SmartOne", "Other"}


def test_a_spec_brings_its_model_and_no_other_spec(tmp_path: Path) -> None:
    folder = mirrored(tmp_path)
    project = open_project([tmp_path / "specs" / "v1" / "smart_one.spec"])
    assert [each.name for each in project.properties] == ["More"]
    assert any(file.endswith("base.model") for file in project.files)
    assert folder.is_dir()


def test_a_spec_beside_its_model_is_found(tmp_path: Path) -> None:
    write(tmp_path, parking_model=PARKING, parking_spec=PARKING_SPEC)
    assert names(find([tmp_path / "parking.model"]).specs) == ["parking.spec"]
    assert names(find([tmp_path / "parking.spec"]).models) == ["parking.model"]


def test_without_a_catalogue_rules_are_not_checked(tmp_path: Path) -> None:
    write(tmp_path, base_model=BASE.replace("Toggle()", "Toggle()").rstrip() + " @NO-SUCH-RULE\n")
    project = open_project([tmp_path])
    assert project.catalogue is None
    assert not project.has_errors


def test_the_shipped_models_are_the_default() -> None:
    assert find().models == find([shipped_models()]).models
    assert {"core.model", "reservation.model"} <= set(names(find().models))
    assert find().catalogue is not None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.model"], "does not exist"),
        (["empty"], "holds no `.model` file"),
        (["notes.txt"], "is neither a model nor a spec"),
        (["lonely.spec"], "no model is found for"),
    ],
)
def test_what_cannot_be_found_is_said(arguments: list[str], message: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "lonely.spec").write_text("spec Lonely\n")
    with pytest.raises(WrongInput, match=message):
        open_project([tmp_path / each for each in arguments])


@pytest.mark.parametrize(
    ("choices", "message", "help"),
    [
        (Choices(config={"valids": "true"}), "no configuration key or trait `valids`", "valid"),
        (Choices(config={"valid": "maybe"}), "`maybe` is no value of `valid`", "false, true"),
    ],
)
def test_what_a_model_does_not_know_is_said(
    choices: Choices, message: str, help: str, tmp_path: Path
) -> None:
    write(tmp_path, parking_model=PARKING)
    with pytest.raises(WrongInput, match=message) as caught:
        open_project([tmp_path], choices)
    assert help in caught.value.help


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        (Choices(sizes={"Conector": 2}), "no sort `Conector`"),
        (Choices(sizes={"Connector": 0}), "cannot have 0 values"),
        (Choices(readings={"x": "y"}), "no reading `x`"),
    ],
)
def test_wrong_sizes_and_readings_are_diagnostics(
    choices: Choices, message: str, tmp_path: Path
) -> None:
    write(tmp_path, parking_model=PARKING)
    project = open_project([tmp_path], choices)
    assert project.has_errors
    assert message in project.diagnostics[0].message
