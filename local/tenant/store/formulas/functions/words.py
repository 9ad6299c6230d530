"""Text: pieces of it, searching in it, changing its case, and numbers written as text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from local.tenant.store.formulas.functions.formats import shown
from local.tenant.store.formulas.functions.function import MANY, Function
from local.tenant.store.formulas.values import FormulaError, Scalar, number, read_number, text

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST = 32_767  # characters of a text, in Excel


def _count(given: list[Scalar], at: int, otherwise: int) -> int:
    """Return a whole number among the arguments, #VALUE! below nothing."""
    found = int(number(given[at])) if len(given) > at else otherwise
    if found < 0:
        raise FormulaError
    return found


def _left(given: list[Scalar]) -> Scalar:
    return text(given[0])[: _count(given, 1, 1)]


def _right(given: list[Scalar]) -> Scalar:
    whole, count = text(given[0]), _count(given, 1, 1)
    return whole[max(0, len(whole) - count) :]


def _mid(given: list[Scalar]) -> Scalar:
    begin = _count(given, 1, 1)
    if begin < 1:
        raise FormulaError
    return text(given[0])[begin - 1 : begin - 1 + _count(given, 2, 0)]


def _find(given: list[Scalar]) -> Scalar:
    """Return where a text begins in another, its case counting; #VALUE! when it does not."""
    begin = _count(given, 2, 1)
    found = text(given[1]).find(text(given[0]), begin - 1) if begin else -1
    if found < 0:
        raise FormulaError
    return float(found + 1)


def _search(given: list[Scalar]) -> Scalar:
    """Do the same without case, and with ? for a character and * for any number of them."""
    pattern = "".join(_WILD.get(part, re.escape(part.removeprefix("~")))
                      for part in re.findall(r"~[*?~]|.", text(given[0]), re.DOTALL))  # fmt: skip
    begin = _count(given, 2, 1)
    whole = text(given[1])
    if not 1 <= begin <= len(whole) + 1:
        raise FormulaError
    hit = re.compile(pattern, re.IGNORECASE | re.DOTALL).search(whole, begin - 1)
    if hit is None:
        raise FormulaError
    return float(hit.start() + 1)


_WILD = {"*": ".*?", "?": "."}


def _replace(given: list[Scalar]) -> Scalar:
    begin, count, whole = _count(given, 1, 1), _count(given, 2, 0), text(given[0])
    if begin < 1:
        raise FormulaError
    return whole[: begin - 1] + text(given[3]) + whole[begin - 1 + count :]


def _substitute(given: list[Scalar]) -> Scalar:
    whole, old, new = (text(value) for value in given[:3])
    if not old:
        return whole
    if len(given) < 4:  # noqa: PLR2004 -- its fourth argument: which occurrence
        return whole.replace(old, new)
    which = _count(given, 3, 1)
    if which < 1:
        raise FormulaError
    parts = whole.split(old)
    if which >= len(parts):
        return whole
    return old.join(parts[:which]) + new + old.join(parts[which:])


def _repeated(given: list[Scalar]) -> Scalar:
    whole, count = text(given[0]), _count(given, 1, 0)
    if len(whole) * count > _LONGEST:
        raise FormulaError
    return whole * count


def _proper(given: list[Scalar]) -> Scalar:
    return re.sub(r"[^\W\d_]+", lambda word: word[0].capitalize(), text(given[0]))


def _char(given: list[Scalar]) -> Scalar:
    code = int(number(given[0]))
    if not 1 <= code <= 255:  # noqa: PLR2004 -- one byte, as CHAR has it
        raise FormulaError
    return bytes((code,)).decode("cp1252", errors="replace")


def _code(given: list[Scalar]) -> Scalar:
    whole = text(given[0])
    if not whole:
        raise FormulaError
    return float(whole[0].encode("cp1252", errors="replace")[0])


def _value(given: list[Scalar]) -> Scalar:
    value = given[0]
    return read_number(value) if isinstance(value, str) else number(value)


def _fixed(given: list[Scalar]) -> Scalar:
    digits = _count(given, 1, 2)
    bare = len(given) > 2 and bool(given[2])  # noqa: PLR2004 -- its third argument: no commas
    return shown(number(given[0]), ("0" if bare else "#,##0") + ("." + "0" * digits) * bool(digits))


def _of_text(run: Callable[[str], Scalar]) -> Function:
    return Function((1, 1), lambda given: run(text(given[0])))


FUNCTIONS = {
    "CONCATENATE": Function((1, MANY), lambda given: "".join(text(value) for value in given)),
    "LEN": _of_text(lambda whole: float(len(whole))),
    "LEFT": Function((1, 2), _left),
    "RIGHT": Function((1, 2), _right),
    "MID": Function((3, 3), _mid),
    "FIND": Function((2, 3), _find),
    "SEARCH": Function((2, 3), _search),
    "REPLACE": Function((4, 4), _replace),
    "SUBSTITUTE": Function((3, 4), _substitute),
    "REPT": Function((2, 2), _repeated),
    "UPPER": _of_text(str.upper),
    "LOWER": _of_text(str.lower),
    "PROPER": Function((1, 1), _proper),
    "TRIM": _of_text(lambda whole: re.sub(" +", " ", whole).strip(" ")),
    "EXACT": Function((2, 2), lambda given: text(given[0]) == text(given[1])),
    "CHAR": Function((1, 1), _char),
    "CODE": Function((1, 1), _code),
    "T": Function((1, 1), lambda given: given[0] if isinstance(given[0], str) else ""),
    "VALUE": Function((1, 1), _value),
    "FIXED": Function((1, 3), _fixed),
    "TEXT": Function((2, 2), lambda given: shown(given[0], text(given[1]))),
}
