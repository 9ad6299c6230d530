"""What shows personal data of staff, as data: the patterns, and the words that have to stand by."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from sharepoint_schema.members import Domain
from sharepoint_schema.record import Code, Line, Record

_ESCAPED = re.compile(r"\\.")
_CLASS = re.compile(r"\[\^?\]?[^\]]*\]")
_ENDLESS = re.compile(r"[*+]|\{\d*,\}|\{(?:\d*,)?\d{3,}\}")
_TWICE = re.compile(r"\{\d*,\d+\}[^()]*\)\{\d*,\d+\}")


def _usable(pattern: str) -> str:
    """Refuse what is no regular expression, or one that a long text could keep busy for hours."""
    try:
        compiled = re.compile(pattern)
    except re.PatternError as broken:
        at = f" at character {broken.pos + 1}" if broken.pos is not None else ""
        raise ValueError(f"{pattern!r} is no regular expression: {broken.msg}{at}") from broken
    if compiled.search(""):
        raise ValueError(f"{pattern!r} matches where nothing is, so it would match everywhere")
    shape = _CLASS.sub("x", _ESCAPED.sub("x", pattern))
    if _ENDLESS.search(shape):
        raise ValueError(
            f"{pattern!r} repeats without an end; write how often at most, as {{1,20}}, up to 99"
        )
    if _TWICE.search(shape):
        raise ValueError(f"{pattern!r} repeats what repeats; write the inner part out")
    return pattern


type Expression = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_usable)]
"""A regular expression as Python reads it, each repetition with an end (99 at most)."""


class Sign(Record):
    """A sign of personal data: `kind` is what staff are told, any of `patterns` shows it.

    With `words` a pattern counts only after one of them: "line" on its own line or the one above,
    "near" within the window, "label" right after it, and then only where no patient is spoken of.
    `check` says what must be right about the digits besides.
    """

    code: Code
    kind: Line
    patterns: Annotated[tuple[Expression, ...], Field(min_length=1, max_length=20)]
    words: tuple[Line, ...] = ()
    where: Literal["line", "near", "label"] = "line"
    check: Literal["iban"] | None = None


class Staff(Record):
    """What shows personal data of staff; roles and work contact details are nobody's secret.

    `window` is in characters before (for words) a number, an address or a postcode. `personal_mail`
    are the providers of private mail addresses. What stands beside one of `patient_words` is a
    patient's, and another rule's business.
    """

    window: Annotated[int, Field(ge=10, le=500)]
    personal_mail: tuple[Domain, ...]
    signs: tuple[Sign, ...]
    patient_words: tuple[Line, ...]
