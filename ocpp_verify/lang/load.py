"""Files or texts -> a linked, typed model and its specs, or everything that is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ocpp_verify.diagnostics import Diagnostic, error
from ocpp_verify.ir.model import Model
from ocpp_verify.ir.properties import Spec
from ocpp_verify.lang import checks
from ocpp_verify.lang import syntax as s
from ocpp_verify.lang.facts import BaseMissing, Fact
from ocpp_verify.lang.parse import parse
from ocpp_verify.lang.parse.mistakes import ENCODING, UNREADABLE, WRONG_FILE
from ocpp_verify.lang.resolve import resolve
from ocpp_verify.lang.vocabulary import Vocabulary
from ocpp_verify.source import Place, Source


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of loading.

    Attributes:
        model: None if there was an error in a model file, or none was given.
        specs: those without an error; empty without a model.
        diagnostics: in the order of files and places.
        sources: every text that was read, by name, for showing the diagnostics.
    """

    model: Model | None
    specs: tuple[Spec, ...]
    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, Source]


def file_of(profile: str) -> str:
    """The file name of a profile: `SmartCharging` is in `smart_charging.model`.

    >>> file_of("SmartCharging")
    'smart_charging.model'
    """
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", profile)
    return f"{words.lower()}.model"


def load(
    model_files: Sequence[Path],
    spec_files: Sequence[Path] = (),
    *,
    sizes: Mapping[str, int] | None = None,
    readings: Mapping[str, str] | None = None,
    vocabulary: Vocabulary | None = None,
) -> Loaded:
    """Load files; the bases of the profiles are found beside them.

    Several model files that extend one base make one model. Names of files are kept as given.
    """
    return _load(
        [file.as_posix() for file in model_files],
        [file.as_posix() for file in spec_files],
        _read,
        lambda file: Path(file).is_file(),
        sizes or {},
        readings or {},
        vocabulary,
    )


def load_text(
    texts: Mapping[str, str],
    *,
    sizes: Mapping[str, int] | None = None,
    readings: Mapping[str, str] | None = None,
    vocabulary: Vocabulary | None = None,
) -> Loaded:
    r"""Load texts by name: names that end in `.spec` are specs, all others models.

    >>> load_text({"a.model": "profile A\ncharger state lit : bool = false"}).model.name
    'A'
    """

    def read(name: str) -> str | Diagnostic:
        return _universal(texts[name])

    return _load(
        [name for name in texts if not name.endswith(".spec")],
        [name for name in texts if name.endswith(".spec")],
        read,
        texts.__contains__,
        sizes or {},
        readings or {},
        vocabulary,
    )


def parse_file(file: Path) -> tuple[Source, tuple[Diagnostic, ...]]:
    """The text of one file, and what keeps it from parsing; nothing is looked up."""
    name = file.as_posix()
    text = _read(name)
    if isinstance(text, Diagnostic):
        return Source(name, ""), (text,)
    return Source(name, text), parse(name, text).diagnostics


def _universal(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _read(name: str) -> str | Diagnostic:
    """The text of a file, or why there is none."""
    start = Place(name, 1, 1, 2)
    try:
        data = Path(name).read_bytes()
    except IsADirectoryError:
        return error(
            UNREADABLE[0], "this is a directory", start, help="name the files that are in it"
        )
    except FileNotFoundError:
        return error(
            UNREADABLE[0], "there is no such file", start, help="check the name and the folder"
        )
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        return error(
            UNREADABLE[0],
            f"the file cannot be read: {reason.lower()}",
            start,
            help="check its permissions",
        )
    try:
        return _universal(data.decode("utf-8"))
    except UnicodeDecodeError as problem:
        before = data[: problem.start]
        line = before.count(b"\n") + 1
        column = problem.start - (before.rfind(b"\n") + 1) + 1
        return error(
            ENCODING[0],
            "the file is not UTF-8",
            Place(name, line, column, column + 1),
            label=f"byte 0x{data[problem.start]:02X}",
            help="save it as UTF-8",
        )


@dataclass(slots=True)
class _Loading:
    """The files read so far."""

    read: Callable[[str], str | Diagnostic]
    exists: Callable[[str], bool]
    units: dict[str, s.Unit] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    failed: bool = False

    def add(self, name: str, wants_spec: bool) -> s.Unit | None:
        """Read and parse a file once."""
        if name in self.sources:
            return self.units.get(name)
        text = self.read(name)
        if isinstance(text, Diagnostic):
            self.sources[name] = Source(name, "")
            self.diagnostics.append(text)
            self.failed = True
            return None
        self.sources[name] = Source(name, text)
        parsed = parse(name, text)
        self.diagnostics += parsed.diagnostics
        unit = parsed.unit
        if unit is None:
            self.failed = True
            return None
        if wants_spec != (unit.spec is not None):
            header = unit.spec or unit.profile
            assert header is not None
            self.diagnostics.append(_wrong_kind(header.name, wants_spec))
            self.failed = True
            return None
        self.units[name] = unit
        return unit

    def add_bases(self, unit: s.Unit) -> None:
        """Read the files of the profiles that this one extends, as far as they are not there."""
        seen = {unit.file}
        while unit.profile is not None and unit.profile.extends is not None:
            base = unit.profile.extends
            known = [
                each
                for each in self.units.values()
                if each.profile and each.profile.name.text == base.text
            ]
            if known:
                unit = known[0]
            else:
                file = str(PurePosixPath(unit.file).parent / file_of(base.text))
                if file in self.sources and file not in self.units:
                    return
                if not self.exists(file):
                    self._missing(base, file, "")
                    return
                found = self.add(file, wants_spec=False)
                if found is None:
                    return
                assert found.profile is not None
                if found.profile.name.text != base.text:
                    del self.units[file]
                    self._missing(base, file, found.profile.name.text)
                    return
                unit = found
            if unit.file in seen:
                return
            seen.add(unit.file)

    def _missing(self, base: s.Name, file: str, found: str) -> None:
        known = tuple(
            each.profile.name.text for each in self.units.values() if each.profile is not None
        )
        self.facts.append(BaseMissing(base, file, found, known))
        self.failed = True


def _wrong_kind(header: s.Name, wants_spec: bool) -> Diagnostic:
    if wants_spec:
        return error(
            WRONG_FILE[0],
            "a spec is expected, this is a profile",
            header.at,
            help="hand it over as a model",
        )
    return error(
        WRONG_FILE[0],
        "a profile is expected, this is a spec",
        header.at,
        help="hand it over as a spec",
    )


def _load(
    model_names: Sequence[str],
    spec_names: Sequence[str],
    read: Callable[[str], str | Diagnostic],
    exists: Callable[[str], bool],
    sizes: Mapping[str, int],
    readings: Mapping[str, str],
    vocabulary: Vocabulary | None,
) -> Loaded:
    loading = _Loading(read, exists)
    given = [loading.add(name, wants_spec=False) for name in model_names]
    for unit in given:
        if unit is not None:
            loading.add_bases(unit)
    for name in spec_names:
        loading.add(name, wants_spec=True)
    found = list(loading.diagnostics)
    model: Model | None = None
    specs: tuple[Spec, ...] = ()
    if not loading.failed or loading.facts:
        program = resolve(
            list(loading.units.values()),
            sizes=sizes,
            readings=readings,
            vocabulary=vocabulary,
            found=loading.facts,
        )
        # Without its bases a model would seem full of unknown names.
        kinds = checks.PROFILES if loading.failed else checks.ALL
        found += [each for kind in kinds for each in kind.check(program)]
        model, specs = program.model, program.specs
    order = {name: at for at, name in enumerate(loading.sources)}
    found = sorted(
        dict.fromkeys(found), key=lambda each: (order.get(each.at.file, -1), each.at, each.code)
    )
    wrong = {each.at.file for each in found if each.severity == "error"}
    if wrong - set(spec_names) or loading.failed:
        model, specs = None, ()
    return Loaded(
        model,
        tuple(spec for spec in specs if spec.file not in wrong),
        tuple(found),
        loading.sources,
    )
