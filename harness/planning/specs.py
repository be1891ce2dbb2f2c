"""What people write to choose plugins, and the values it stands for.

::

    mel                                   a plugin with its defaults
    mel[n_mels=64,fmin=50]                parameters; a comma before "name=" begins the next
    mel[n_mels=32,64]                     a list of values sweeps: this is two choices
    labelled-folder[path='a b.zip']       quotes hold anything; a backslash escapes
    mel[n_mels=64]+noise-removed          a representation and its improvements
    noise-removed                         an improvement alone stands on the spectrogram

Values are numbers, ``true``, ``false``, ``none``, or text. TOML plans use the same strings.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from harness.errors import SpecError

Value = str | int | float | bool | None

BASE_REPRESENTATION = "spectrogram"
"""What an improvement written alone stands on."""

_NAME = re.compile(r"[A-Za-z][\w.-]*")
_KEY = re.compile(r"[A-Za-z_][\w.]*")
_NEXT_PARAMETER = re.compile(r"\s*[A-Za-z_][\w.]*\s*=")
_BARE = re.compile(r"[^\[\],'\"]*")
_PLAIN_TEXT = re.compile(r"[\w./:@~%*?^&|<>()!#$;-]+")
_INTEGER = re.compile(r"0|-?[1-9][0-9]*")
_FLOAT = re.compile(r"[+-]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][+-]?[0-9]+)?")
_WORDS: dict[str, Value] = {"true": True, "false": False, "none": None}
_ESCAPES = {"\\": "\\", "'": "'", '"': '"', "n": "\n", "r": "\r", "t": "\t"}
_UNESCAPES = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(frozen=True, slots=True)
class Spec:
    """One plugin and the parameters written for it.

    Parameters
    ----------
    name
        The plugin.
    parameters
        Names and values; kept sorted by name, so that their order does not matter.

    Raises
    ------
    SpecError
        The name or a parameter's name cannot be written, a parameter stands twice, a number is
        not finite.
    """

    name: str
    parameters: tuple[tuple[str, Value], ...] = ()

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise SpecError(f"{self.name!r} is no plugin name: write a letter, then a-z, 0-9, -.")
        keys = [key for key, _ in self.parameters]
        for key, value in self.parameters:
            if not _KEY.fullmatch(key):
                raise SpecError(f"{self.name}: {key!r} is no parameter name.")
            if keys.count(key) > 1:
                raise SpecError(f"{self.name}: the parameter {key!r} stands twice; give it once.")
            if isinstance(value, float) and not math.isfinite(value):
                raise SpecError(f"{self.name}: {key}={value} is not a finite number.")
        object.__setattr__(self, "parameters", tuple(sorted(self.parameters, key=lambda p: p[0])))

    def __str__(self) -> str:
        if not self.parameters:
            return self.name
        return f"{self.name}[{','.join(f'{k}={_written(v)}' for k, v in self.parameters)}]"


@dataclass(frozen=True, slots=True)
class Chain:
    """A representation and the improvements made to its raster, in order."""

    representation: Spec
    improvements: tuple[Spec, ...] = ()

    def __str__(self) -> str:
        return "+".join(str(spec) for spec in (self.representation, *self.improvements))


def parse_specs(text: str) -> list[Spec]:
    """Read one choice; lists of values give one `Spec` for every combination, in order.

    Raises
    ------
    SpecError
        The text cannot be read; the message shows where.
    """
    reader = Reader(text)
    specs = reader.item()
    if not reader.at_end():
        raise reader.error("expected '[' or the end")
    return specs


def parse_chains(text: str, is_improvement: Callable[[str], bool]) -> list[Chain]:
    """Read a representation with its improvements, "a+b[c=1]+d"; sweeps multiply.

    Parameters
    ----------
    text
        What was written.
    is_improvement
        Says whether a name is an improvement's: written first, it stands on the spectrogram.

    Raises
    ------
    SpecError
        The text cannot be read; the message shows where.
    """
    reader = Reader(text)
    chains = read_chains(reader, is_improvement)
    if not reader.at_end():
        raise reader.error("expected '[', '+' or the end")
    return chains


def read_chains(reader: Reader, is_improvement: Callable[[str], bool]) -> list[Chain]:
    """Read a representation with its improvements where a reader stands, and go past it."""
    items = [reader.item()]
    while reader.takes("+"):
        items.append(reader.item())
    if is_improvement(items[0][0].name):
        items.insert(0, [Spec(BASE_REPRESENTATION)])
    return [Chain(first, tuple(rest)) for first, *rest in itertools.product(*items)]


def _written(value: Value) -> str:
    """Write a value so that it reads back as the same value of the same type."""
    if isinstance(value, str):
        plain = _PLAIN_TEXT.fullmatch(value) and isinstance(_meaning(value), str)
        return value if plain else "'" + "".join(_UNESCAPES.get(c, c) for c in value) + "'"
    if value is None or isinstance(value, bool):
        return str(value).lower()
    return repr(value)


def _meaning(word: str) -> Value:
    """Return what an unquoted word stands for."""
    if word.lower() in _WORDS:
        return _WORDS[word.lower()]
    if _INTEGER.fullmatch(word):
        return int(word)
    if _FLOAT.fullmatch(word) and math.isfinite(float(word)):
        return float(word)
    return word


class Reader:
    """Goes through a text once, from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def item(self) -> list[Spec]:
        """Read a name and its brackets; one `Spec` for every combination of values."""
        name = self._match(_NAME, "a plugin's name")
        lists = list(self._parameters()) if self.takes("[") else []
        return [Spec(name, values) for values in itertools.product(*lists)]

    def _parameters(self) -> Iterator[Iterable[tuple[str, Value]]]:
        if self.takes("]"):
            return
        seen: set[str] = set()
        while True:
            key = self._match(_KEY, "a parameter's name")
            if key in seen:
                raise self.error(f"the parameter {key!r} stands twice; sweep with {key}=a,b")
            seen.add(key)
            if not self.takes("="):
                raise self.error(f"expected '=' after {key!r}")
            yield [(key, value) for value in self._values(key)]
            if self.takes("]"):
                return
            if not self.takes(","):
                raise self.error("expected ',' or ']'")

    def _values(self, key: str) -> list[Value]:
        values = [self._value(key)]
        while self._at(",") and not _NEXT_PARAMETER.match(self.text, self.position + 1):
            self.takes(",")
            values.append(self._value(key))
        return values

    def _value(self, key: str) -> Value:
        self._skip_spaces()
        for quote in ("'", '"'):
            if self.takes(quote):
                return self._quoted(quote)
        found = _BARE.match(self.text, self.position)
        word = found.group().strip() if found else ""
        if not word:
            raise self.error(f"a value of {key!r} is missing (empty text is written '')")
        self.position += len(found.group()) if found else 0
        if self.position < len(self.text) and self.text[self.position] in "['\"":
            raise self.error("text with brackets or quotes in it needs quotes around all of it")
        return _meaning(word)

    def _quoted(self, quote: str) -> str:
        start = self.position
        letters: list[str] = []
        while self.position < len(self.text):
            letter = self.text[self.position]
            self.position += 1
            if letter == quote:
                return "".join(letters)
            if letter == "\\":
                letters.append(self._escaped())
            else:
                letters.append(letter)
        self.position = start - 1
        raise self.error(f"the {quote} that opens here is never closed")

    def _escaped(self) -> str:
        letter = self.text[self.position : self.position + 1]
        if letter not in _ESCAPES or not letter:
            self.position -= 1
            raise self.error("inside quotes a backslash itself is written \\\\")
        self.position += 1
        return _ESCAPES[letter]

    def _match(self, pattern: re.Pattern[str], what: str) -> str:
        self._skip_spaces()
        found = pattern.match(self.text, self.position)
        if not found:
            raise self.error(f"expected {what}")
        self.position = found.end()
        return found.group()

    def _at(self, letter: str) -> bool:
        self._skip_spaces()
        return self.text.startswith(letter, self.position)

    def takes(self, letter: str) -> bool:
        """Go past a letter if it stands here."""
        found = self._at(letter)
        self.position += found
        return found

    def passes(self, pattern: re.Pattern[str]) -> bool:
        """Go past what a pattern matches, if it stands here."""
        found = pattern.match(self.text, self.position)
        self.position = found.end() if found else self.position
        return found is not None

    def at_end(self) -> bool:
        """Say whether only spaces are left."""
        self._skip_spaces()
        return self.position == len(self.text)

    def _skip_spaces(self) -> None:
        while self.position < len(self.text) and self.text[self.position].isspace():
            self.position += 1

    def error(self, why: str) -> SpecError:
        """Return an error that points at the place."""
        before, after = self.text[: self.position], self.text[self.position :]
        return SpecError(f"Cannot read {self.text!r}: {why}, at {before}>>>{after}")
