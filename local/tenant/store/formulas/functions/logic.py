"""AND, OR, NOT and the questions about a value's type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.tenant.store.formulas.functions.function import MANY, Function
from local.tenant.store.formulas.values import FormulaError, Scalar, boolean

if TYPE_CHECKING:
    from collections.abc import Callable


def _conditions(given: list[Scalar]) -> list[bool]:
    """Return what is not blank as conditions; #VALUE! when all is blank."""
    found = [boolean(value) for value in given if value is not None]
    if not found:
        raise FormulaError
    return found


def _is_number(value: Scalar) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _of_one(test: Callable[[Scalar], bool]) -> Function:
    return Function((1, 1), lambda given: test(given[0]))


FUNCTIONS = {
    "AND": Function((1, MANY), lambda given: all(_conditions(given))),
    "OR": Function((1, MANY), lambda given: any(_conditions(given))),
    "NOT": _of_one(lambda value: not boolean(value)),
    "TRUE": Function((0, 0), lambda _given: True),
    "FALSE": Function((0, 0), lambda _given: False),
    "ISBLANK": _of_one(lambda value: value is None),
    "ISNUMBER": _of_one(_is_number),
    "ISTEXT": _of_one(lambda value: isinstance(value, str)),
    "ISNONTEXT": _of_one(lambda value: not isinstance(value, str)),
    "ISLOGICAL": _of_one(lambda value: isinstance(value, bool)),
}
