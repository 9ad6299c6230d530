"""Rules between the entries of a file, as tables: references, uniqueness, allowed values.

They read the plain data, not the models, so that they speak even when the shape of another entry is
wrong: a person gets every problem of the file in one go.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Protocol

type Place = tuple[str | int, ...]
"""Where a value stands in the data: keys and positions from the top."""

_PART = re.compile(r"([^.\[\]]+)(\[\*\])?")


@dataclass(frozen=True, slots=True)
class Fault:
    """A broken rule: where, what is wrong, the way out."""

    place: Place
    says: str
    way_out: str


class Rule(Protocol):
    """A question about the whole of a file's data."""

    def check(self, data: Any) -> Iterator[Fault]:
        """Yield what breaks the rule; `data` may have any shape."""
        ...


@dataclass(frozen=True, slots=True)
class Unique:
    """No two entries share the value at `where`."""

    where: str

    def check(self, data: Any) -> Iterator[Fault]:
        """Yield the second and later bearers of a value, whatever its case."""
        seen: set[str] = set()
        for place, value in places(data, self.where):
            key = str(value).casefold()
            if key in seen:
                yield Fault(place, f"{value!r} is there already", "give each entry its own")
            seen.add(key)


@dataclass(frozen=True, slots=True)
class Reference:
    """Each value at `where` (a word or a list of words) is one of those at `to`, or in `also`."""

    where: str
    to: str
    also: tuple[str, ...] = ()

    def check(self, data: Any) -> Iterator[Fault]:
        """Yield every value that refers to nothing, with the nearest known one."""
        known = [str(value) for _, value in places(data, self.to)] + list(self.also)
        for place, value in places(data, self.where):
            if isinstance(value, str) and value not in known:
                near = get_close_matches(value, known, 1)
                way_out = f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(known)}"
                yield Fault(place, f"{value!r} is not declared at {self.to}", way_out)


@dataclass(frozen=True, slots=True)
class Choices:
    """The value at `where` is one of `allowed`; `{path}` in it stands for each value there."""

    where: str
    allowed: tuple[str, ...]
    why: str

    def check(self, data: Any) -> Iterator[Fault]:
        """Yield every value that is not among those allowed."""
        for where in self._spelled_out(data):
            for place, value in places(data, where):
                if value not in self.allowed:
                    yield Fault(place, f"{value!r}: {self.why}", f"use {' or '.join(self.allowed)}")

    def _spelled_out(self, data: Any) -> Iterator[str]:
        inner = re.search(r"\{(.+)\}", self.where)
        if inner is None:
            yield self.where
            return
        for _, value in places(data, inner[1]):
            yield self.where.replace(inner[0], str(value))


def places(data: Any, where: str, at: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Yield (place, value) of everything a path such as "lists[*].columns[*].name" leads to."""
    part = _PART.match(where)
    if part is None:
        if data is not None:
            yield at, data
        return
    rest = where[part.end() :].removeprefix(".")
    for key, value in _members(data, part[1]):
        here = (*at, key)
        if not part[2]:
            yield from places(value, rest, here)
            continue
        for position, entry in _entries(value):
            yield from places(entry, rest, (*here, position))


def _members(data: Any, key: str) -> Iterator[tuple[str, Any]]:
    if not isinstance(data, Mapping):
        return
    if key == "*":
        yield from data.items()
    elif key in data:
        yield key, data[key]


def _entries(value: Any) -> Iterator[tuple[int, Any]]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        yield from enumerate(value)
