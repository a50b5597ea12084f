"""Cases written as one text: `#== name` begins a further file, `#= --size X=3` sets an option."""

from __future__ import annotations

from dataclasses import dataclass, field

from ocpp_verify.diagnostics import render
from ocpp_verify.lang.load import Loaded, load_text
from tests.lang.vocabulary import Words


@dataclass(slots=True)
class Case:
    """Texts by name, and options."""

    texts: dict[str, str]
    sizes: dict[str, int] = field(default_factory=dict)
    readings: dict[str, str] = field(default_factory=dict)

    def load(self, *, with_words: bool) -> Loaded:
        """What comes of it; `with_words` checks names against a small vocabulary."""
        return load_text(
            self.texts,
            sizes=self.sizes,
            readings=self.readings,
            vocabulary=Words() if with_words else None,
        )


def split(name: str, text: str) -> Case:
    """The case that a text of this name describes."""
    case = Case({})
    here = name
    lines: list[str] = []
    for line in text.splitlines(keepends=True):
        if line.startswith("#== "):
            case.texts[here] = "".join(lines)
            here, lines = line[4:].strip(), []
        elif line.startswith("#= "):
            option, _, value = line[3:].strip().partition(" ")
            key, _, word = value.partition("=")
            if option == "--size":
                case.sizes[key] = int(word)
            else:
                case.readings[key] = word
        else:
            lines.append(line)
    case.texts[here] = "".join(lines)
    return case


def messages(loaded: Loaded) -> str:
    """Everything the user reads."""
    return "".join(f"{render(each, loaded.sources)}\n" for each in loaded.diagnostics)
