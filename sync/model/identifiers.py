"""NHS numbers in a text: where they stand, and the text without them.

Verger never repeats one: what it keeps or sends of a name, a column or a sentence goes through
`masked` first, whatever a policy makes of the number (decision 9, issue 4: never the value).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from stdnum.gb import nhs

if TYPE_CHECKING:
    from collections.abc import Iterator

WITHHELD = "[number withheld]"

_APART = r"[ \u00a0\u2009\u202f\u2010-\u2013-]"
"""What stands between 943, 476 and 5919: a space, a hyphen or a dash, in any of their kinds."""
_NUMBER = re.compile(
    r"(?<![\w.£$€#+-])(?:"
    r"(?P<plain>\d{10})(?!\w|\.\d|-\d)"
    rf"|(?<!\d[ \u00a0\u202f])(?P<grouped>\d{{3}}(?P<gap>{_APART})\d{{3}}(?P=gap)\d{{4}})"
    rf"(?!\w|{_APART}\d))"
)
_GAP = f"{_APART}?"
_LIKE_ONE = re.compile(rf"(?<!\w)(?=(\d{{3}}{_GAP}\d{{3}}{_GAP}\d{{4}})(?!\w))")
"""What is left out is taken more widely than what a rule counts: "943 476 5919 1.docx", too.

Never inside a word: the ids and hashes that we keep are words.
"""


def valid_numbers(text: str) -> Iterator[re.Match[str]]:
    """Yield each ten digits whose check digit is right; "grouped" is set for 943 476 5919.

    One in eleven of any ten digits passes (modulus 11): what a hit means, a policy says.
    """
    for match in _NUMBER.finditer(text):
        if _is_valid(match[0]):
            yield match


def masked(text: str) -> str:
    """Return the text without its valid numbers; an underscore counts as a space, as in names."""
    told, end = [], 0
    for start, stop in _spans(text):
        told.append(text[end:start])
        end = stop
    return WITHHELD.join([*told, text[end:]]) if told else text


def all_masked(value: Any) -> Any:
    """Return JSON-able data with every text in it masked; keys stay as they are."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, Mapping):
        return {key: all_masked(one) for key, one in value.items()}
    if isinstance(value, Sequence):
        return [all_masked(one) for one in value]
    return value


def withheld(columns: Mapping[str, str]) -> dict[str, str]:
    """Return columns as text, each that holds a valid number as nothing but that it is withheld."""
    return {name: WITHHELD if names_one(text) else text for name, text in columns.items()}


def names_one(value: Any) -> bool:
    """Whether any text of JSON-able data holds a valid number, addresses read as people do."""
    if isinstance(value, str):
        return any(_spans(unquote(value)))
    if isinstance(value, Mapping):
        return any(names_one(one) for one in value.values())
    return isinstance(value, Sequence) and any(names_one(one) for one in value)


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each number stands in a text, none of them over another."""
    end = 0
    for match in _LIKE_ONE.finditer(text.replace("_", " ")):
        start, stop = match.span(1)
        if start >= end and _is_valid(match[1]):
            yield start, stop
            end = stop


def _is_valid(number: str) -> bool:
    digits = re.sub(r"\D", "", number)
    return len(set(digits)) > 1 and bool(nhs.is_valid(digits))
