"""Sums, extremes, averages and rounding."""

from __future__ import annotations

import math
from statistics import median
from typing import TYPE_CHECKING

from local.tenant.store.formulas.functions.function import MANY, Function
from local.tenant.store.formulas.values import FormulaError, Scalar, finite, number, power

if TYPE_CHECKING:
    from collections.abc import Callable

_FARTHEST = 300  # digits either side of the point that rounding is asked for


def _numbers(given: list[Scalar]) -> list[float]:
    """Return what is not blank as numbers: a blank column counts for nothing."""
    return [number(value) for value in given if value is not None]


def _of_numbers(run: Callable[[list[float]], float], empty: float | None = 0.0) -> Function:
    """Return a function of many numbers; `empty` is its result for none, #DIV/0! where None."""

    def work(given: list[Scalar]) -> Scalar:
        found = _numbers(given)
        if found:
            return finite(float(run(found)))
        if empty is None:
            raise FormulaError("#DIV/0!")
        return empty

    return Function((1, MANY), work)


def _of_one(run: Callable[[float], float]) -> Function:
    def work(given: list[Scalar]) -> Scalar:
        try:
            return finite(float(run(number(given[0]))))
        except (ValueError, OverflowError) as error:  # a root or a logarithm that there is not
            raise FormulaError("#NUM!") from error

    return Function((1, 1), work)


def _rounded(toward: Callable[[float], int]) -> Function:
    def work(given: list[Scalar]) -> Scalar:
        value = number(given[0])
        digits = int(number(given[1])) if len(given) > 1 else 0
        if abs(digits) > _FARTHEST:
            raise FormulaError("#NUM!")
        scale = 10.0**digits
        # repr's digits, so that 2.675 at two places is what a person reads, not what binary holds
        size = float(f"{abs(value) * scale:.15g}")
        return finite(math.copysign(toward(size) / scale, value))

    return Function((1, 2), work)


def _half_up(size: float) -> int:
    return math.floor(size + 0.5)


def _mod(given: list[Scalar]) -> Scalar:
    """Return the remainder, with the divisor's sign as Python has it."""
    value, divisor = number(given[0]), number(given[1])
    if divisor == 0:
        raise FormulaError("#DIV/0!")
    return finite(value % divisor)


FUNCTIONS = {
    "SUM": _of_numbers(math.fsum),
    "PRODUCT": _of_numbers(math.prod),
    "MIN": _of_numbers(min),
    "MAX": _of_numbers(max),
    "AVERAGE": _of_numbers(lambda found: math.fsum(found) / len(found), None),
    "MEDIAN": _of_numbers(median, None),
    "COUNT": Function(
        (1, MANY), lambda given: float(sum(isinstance(v, int | float) for v in given))
    ),
    "COUNTA": Function((1, MANY), lambda given: float(sum(v is not None for v in given))),
    "ABS": _of_one(abs),
    "INT": _of_one(math.floor),
    "SIGN": _of_one(lambda value: (value > 0) - (value < 0)),
    "SQRT": _of_one(math.sqrt),
    "EXP": _of_one(math.exp),
    "LN": _of_one(math.log),
    "LOG10": _of_one(math.log10),
    "PI": Function((0, 0), lambda _given: math.pi),
    "MOD": Function((2, 2), _mod),
    "POWER": Function((2, 2), lambda given: power(number(given[0]), number(given[1]))),
    "ROUND": _rounded(_half_up),
    "ROUNDUP": _rounded(math.ceil),
    "ROUNDDOWN": _rounded(math.floor),
    "TRUNC": _rounded(math.floor),
}
