"""A formula's text as tokens."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST = 1024  # characters of a formula (support.microsoft.com, "Calculated Field Formulas")
_TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<text>"(?:[^"]|"")*")
  | \[(?P<column>[^\[\]]+)\]
  | (?P<name>[A-Za-z_][\w.]*)
  | (?P<mark><>|<=|>=|[-+*/^&=<>%(),])
    )""",
    re.VERBOSE,
)


class Malformed(Exception):
    """A formula that cannot be read, or that uses what SharePoint does not have."""


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a formula: `kind` number, text, column, name or mark; `text` as it is meant."""

    kind: str
    text: str


def tokenise(formula: str) -> list[Token]:
    """Return the tokens of a formula, its leading "=" left out; raises Malformed."""
    if len(formula) > LONGEST:
        raise Malformed(f"The formula is longer than {LONGEST} characters.")
    rest = formula.strip().removeprefix("=").rstrip()
    found: list[Token] = []
    position = 0
    while position < len(rest):
        hit = _TOKEN.match(rest, position)
        if hit is None or hit.lastgroup is None:
            raise Malformed(f"Nothing can begin with {rest[position : position + 20]!r}.")
        kind = hit.lastgroup
        text = hit[kind]
        found.append(Token(kind, text[1:-1].replace('""', '"') if kind == "text" else text))
        position = hit.end()
    return found
