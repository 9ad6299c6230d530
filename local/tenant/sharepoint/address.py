"""Addresses under `_api`: segments in any case, arguments in brackets, quoted as in OData v3.

`Web/lists/GetByTitle('Registry')/items(7)/File/versions` becomes six segments; `@p` aliases are
looked up in the query string (wire.md 9.2 and 10).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from local.tenant.errors import bad_request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NUMBER = re.compile(r"-?\d+(\.\d+)?[Lldfm]?")
TYPED = re.compile(r"(?:guid|datetime|date|time|binary|X)'(.*)'", re.IGNORECASE | re.DOTALL)
NAMED = re.compile(r"\s*(@?\w+)\s*=(.*)", re.DOTALL)
WORDS = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Segment:
    """One step of an address. `name` is lower-case, `text` as written with its arguments."""

    name: str
    text: str
    values: tuple[Any, ...] = ()
    named: Mapping[str, Any] = field(default_factory=dict)

    @property
    def keyed(self) -> bool:
        """Whether anything stood between brackets."""
        return bool(self.values or self.named)


def parse_path(path: str, query: Mapping[str, str]) -> list[Segment]:
    """Return the segments of a percent-decoded path that starts with /_api; 400 when malformed."""
    steps = [step for step in cut(path, "/") if step]
    if not steps or steps[0].lower() != "_api":
        raise bad_request(f"{path!r} is not an address under /_api")
    return [parse_segment(step, query) for step in steps[1:]]


def parse_segment(text: str, query: Mapping[str, str]) -> Segment:
    """Read `Name`, `Name(7)`, `Name('it''s')` or `Name(a=1,b=@p)`."""
    text = text.strip()
    name, bracket, rest = text.partition("(")
    if not bracket:
        return Segment(name.lower(), text)
    if not rest.endswith(")"):
        raise bad_request(f"{text!r} has no closing bracket")
    values: list[Any] = []
    named: dict[str, Any] = {}
    for part in cut(rest[:-1], ","):
        if not part.strip():
            continue
        if pair := NAMED.fullmatch(part):
            named[pair[1].lower()] = parse_literal(pair[2], query)
        else:
            values.append(parse_literal(part, query))
    return Segment(name.lower(), text, tuple(values), named)


def parse_literal(text: str, query: Mapping[str, str]) -> Any:
    """Return the value of an OData literal; an alias is looked up once in the query string."""
    text = text.strip()
    if text.startswith("@"):
        if text not in query:
            raise bad_request(f"The alias {text} has no value in the query string")
        return parse_literal(query[text], {})
    if text.startswith("'") and text.endswith("'") and len(text) > 1:
        return text[1:-1].replace("''", "'")
    if typed := TYPED.fullmatch(text):
        return typed[1]
    if text.lower() in WORDS:
        return WORDS[text.lower()]
    if NUMBER.fullmatch(text):
        plain = text.rstrip("Lldfm")
        return float(plain) if "." in plain else int(plain)
    return text


def cut(text: str, at: str) -> Iterator[str]:
    """Split at a character that stands outside quotes and inner brackets."""
    start, quoted, depth = 0, False, 0
    for index, char in enumerate(text):
        if char == "'":
            quoted = not quoted
        elif quoted:
            continue
        elif char in "({":
            depth += 1
        elif char in ")}":
            depth -= 1
        elif char == at and depth == 0:
            yield text[start:index]
            start = index + 1
    if quoted:
        raise bad_request(f"{text!r} has an open quote")
    yield text[start:]
