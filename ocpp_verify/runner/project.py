"""From the arguments of a command to a loaded model with its specs and catalogue.

A model file brings the specs of its profile and of all its bases; a spec file brings its model and
is then the only spec; a folder stands for every profile in it, composed into one model.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import ocpp_verify
from ocpp_verify.diagnostics import Diagnostic, did_you_mean
from ocpp_verify.errors import WrongInput
from ocpp_verify.ir.model import Model
from ocpp_verify.ir.properties import Property, Spec
from ocpp_verify.lang.load import Loaded, file_of, load
from ocpp_verify.runner.catalogue import Catalogue, read_catalogue, words
from ocpp_verify.runner.overrides import override
from ocpp_verify.source import Source

MODEL, SPEC = ".model", ".spec"
MODELS, SPECS = "models", "specs"
SHIPPED = Path("ocpp16")
_CATALOGUE = "rules.yaml"
_HEADER = re.compile(r"^\s*(profile|spec)\s+(\w+)(?:\s+extends\s+(\w+))?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a command line may choose about a model. Values of `config` are as they are written."""

    sizes: Mapping[str, int] = field(default_factory=dict)
    readings: Mapping[str, str] = field(default_factory=dict)
    config: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a project: models, without the bases that stand beside them, and specs."""

    models: tuple[Path, ...]
    specs: tuple[Path, ...]
    catalogue: Path | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """A model with everything that belongs to it.

    Attributes:
        model: None if an error was found; `diagnostics` then says which.
        files: every file that was read, models first.
    """

    model: Model | None
    specs: tuple[Spec, ...]
    sources: Mapping[str, Source]
    diagnostics: tuple[Diagnostic, ...]
    catalogue: Catalogue | None
    files: tuple[str, ...]
    choices: Choices = field(default_factory=Choices)

    @property
    def properties(self) -> tuple[Property, ...]:
        """The properties of all specs, in order."""
        return tuple(each for spec in self.specs for each in spec.properties)

    @property
    def has_errors(self) -> bool:
        """Whether a diagnostic is an error."""
        return any(each.severity == "error" for each in self.diagnostics)


def open_project(arguments: Sequence[Path] = (), choices: Choices | None = None) -> Project:
    """Find, load and link. Without arguments: the models that come with ocpp-verify.

    Raises WrongInput for what cannot be found, and for configuration values that the model does not
    know. What is wrong inside a file, with a size or a reading is in `diagnostics`.
    """
    chosen = choices or Choices()
    files = find(arguments)
    catalogue = read_catalogue(files.catalogue) if files.catalogue is not None else None
    vocabulary = words(catalogue)
    loaded = load(
        files.models,
        files.specs,
        sizes=chosen.sizes,
        readings=chosen.readings,
        vocabulary=vocabulary,
    )
    model = loaded.model
    if model is not None:
        model = override(model, chosen.config)
    return Project(
        model,
        loaded.specs,
        loaded.sources,
        loaded.diagnostics,
        catalogue,
        _read_files(loaded),
        chosen,
    )


def find(arguments: Sequence[Path] = ()) -> Files:
    """The files that the arguments stand for. Raises WrongInput where there are none."""
    models: dict[Path, None] = {}
    specs: dict[Path, None] = {}
    for argument in arguments or (shipped_models(),):
        for file in _expand(_near(argument)):
            if file.suffix == SPEC:
                specs.setdefault(file)
                models.setdefault(_model_of(file))
            else:
                models.setdefault(file)
                for each in _with_bases(file):
                    if each.parent != file.parent:
                        models.setdefault(each)
                    spec = _spec_of(each)
                    if spec is not None and file.suffix == MODEL:
                        specs.setdefault(spec)
    places = (_beside(file.parent, MODELS, SPECS) for file in models)
    catalogue = next((each for each in places if (each / _CATALOGUE).is_file()), None)
    return Files(tuple(models), tuple(specs), catalogue)


def shipped_models() -> Path:
    """The folder of the models that come with ocpp-verify: in its repository or in the package."""
    package = Path(ocpp_verify.__file__).parent
    for folder in (package.parent / MODELS / SHIPPED, package / "shipped" / MODELS / SHIPPED):
        if folder.is_dir():
            return folder
    raise WrongInput(
        "the models that come with ocpp-verify are missing",
        help="name a folder with models, or install ocpp-verify again",
    )


def _expand(argument: Path) -> list[Path]:
    if argument.is_dir():
        found = sorted(argument.glob(f"*{MODEL}"))
        specs = sorted(argument.glob(f"*{SPEC}"))
        if not found and not specs:
            inside = sorted({each.parent for each in argument.glob(f"*/*{MODEL}")})
            raise WrongInput(
                f"{argument} holds no `{MODEL}` file",
                help=f"name one of its folders: {', '.join(map(str, inside))}"
                if inside
                else f"name a `{MODEL}` file, or a folder that holds some",
            )
        return found or specs
    if not argument.exists():
        near = did_you_mean(argument.name, _names(argument.parent))
        raise WrongInput(f"{argument} does not exist", help=near or "check the name and the folder")
    if argument.suffix not in (MODEL, SPEC):
        raise WrongInput(
            f"{argument} is neither a model nor a spec",
            help=f"their names end in `{MODEL}` and `{SPEC}`",
        )
    return [argument]


def _names(folder: Path) -> list[str]:
    try:
        return [each.name for each in folder.iterdir()]
    except OSError:
        return []


def _model_of(spec: Path) -> Path:
    """The model of a spec: beside it, or in the folder of models that mirrors that of specs."""
    profile = file_of(_header(spec)[1] or spec.stem)
    tried = [
        _beside(folder, SPECS, MODELS) / name
        for folder in (spec.parent,)
        for name in dict.fromkeys((profile, f"{spec.stem}{MODEL}"))
    ]
    tried += [spec.parent / name for name in dict.fromkeys((profile, f"{spec.stem}{MODEL}"))]
    for each in tried:
        if each.is_file():
            return each
    raise WrongInput(f"no model is found for {spec}", help=f"it is expected at {tried[0]}")


def _spec_of(model: Path) -> Path | None:
    for folder in (_beside(model.parent, MODELS, SPECS), model.parent):
        each = folder / f"{model.stem}{SPEC}"
        if each.is_file():
            return each
    return None


def _beside(folder: Path, of: str, wanted: str) -> Path:
    """The folder with its last part `of` replaced: `models/ocpp16` becomes `specs/ocpp16`."""
    parts = list(folder.parts)
    for at in reversed(range(len(parts))):
        if parts[at] == of:
            return Path(*parts[:at], wanted, *parts[at + 1 :])
    return folder


def _with_bases(model: Path) -> list[Path]:
    """The file and those of the profiles that it extends, bases first.

    What is not beside the file is looked for among the models that come with ocpp-verify.
    """
    found = [model]
    while base := _header(found[-1])[2]:
        places = (found[-1].parent / file_of(base), shipped_models() / file_of(base))
        file = next((each for each in places if each.is_file()), None)
        if file is None or file in found:
            break
        found.append(file)
    return found[::-1]


def _header(file: Path) -> tuple[str, str, str]:
    """What the file declares, its name and its base; the loader says what is wrong with it."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "", "", ""
    match = _HEADER.search(re.sub(r"#.*", "", text))
    return (match[1], match[2], match[3] or "") if match else ("", "", "")


def _read_files(loaded: Loaded) -> tuple[str, ...]:
    return tuple(sorted(loaded.sources, key=lambda name: name.endswith(SPEC)))


def _near(path: Path) -> Path:
    """The path relative to the working directory where it lies inside: messages are shorter."""
    if path.is_absolute() and path.is_relative_to(Path.cwd()):
        return Path(os.path.relpath(path))
    return path
