"""Working a formula out for one row."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.tenant.store.formulas.functions import FUNCTIONS
from local.tenant.store.formulas.tree import Binary, Call, Column, Literal, Percent, Sign, parse
from local.tenant.store.formulas.values import (
    FormulaError,
    alike,
    boolean,
    finite,
    number,
    power,
    rank,
    text,
    to_serial,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from local.tenant.store.formulas.tree import Node
    from local.tenant.store.formulas.values import Scalar

_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}
_COMPARISON: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Scope:
    """What a formula can see: the row's columns by folded name, the time (UTC), and who asks."""

    columns: Mapping[str, Scalar]
    now: datetime
    me: str = ""

    def of(self, name: str) -> Scalar:
        """Return a column's value, #NAME? for one that is not there."""
        key = name.casefold()
        if key in self.columns:
            return self.columns[key]
        if key == "today":
            return float(int(to_serial(self.now)))
        if key == "me":
            return self.me
        raise FormulaError("#NAME?")


def evaluate(formula: str, scope: Scope) -> Scalar:
    """Return a formula's result; raises FormulaError for #VALUE! and its like, Malformed."""
    return _value(parse(formula), scope)


def _value(node: Node, scope: Scope) -> Scalar:
    match node:
        case Literal(value):
            return value
        case Column(name):
            return scope.of(name)
        case Sign(operand, minus):
            value = number(_value(operand, scope))
            return -value if minus else value
        case Percent(operand):
            return number(_value(operand, scope)) / 100
        case Binary():
            return _binary(node.operator, _value(node.left, scope), _value(node.right, scope))
        case Call():
            return _call(node, scope)


def _binary(sign: str, left: Scalar, right: Scalar) -> Scalar:
    if sign == "&":
        return text(left) + text(right)
    if sign in _COMPARISON:
        first, second = alike(left, right)
        return _COMPARISON[sign](rank(first), rank(second))
    one, other = number(left), number(right)
    if sign == "/":
        return _divided(one, other)
    if sign == "^":
        return power(one, other)
    return finite(_ARITHMETIC[sign](one, other))


def _divided(one: float, other: float) -> float:
    """Divide; #DIV/0! by nothing."""
    if other == 0:
        raise FormulaError("#DIV/0!")
    return finite(one / other)


def _call(node: Call, scope: Scope) -> Scalar:
    if node.name in _LAZY:
        return _LAZY[node.name](node.arguments, scope)
    if node.name == "NOW":
        return to_serial(scope.now)
    if node.name == "TODAY":
        return float(int(to_serial(scope.now)))
    given = [_value(argument, scope) for argument in node.arguments]
    return FUNCTIONS[node.name].run(given)


def _if(arguments: tuple[Node, ...], scope: Scope) -> Scalar:
    """Work out the branch that is meant and no other, so that the other may be an error."""
    if boolean(_value(arguments[0], scope)):
        return _value(arguments[1], scope)
    return _value(arguments[2], scope) if len(arguments) > 2 else False  # noqa: PLR2004 -- its third argument


def _choose(arguments: tuple[Node, ...], scope: Scope) -> Scalar:
    which = int(number(_value(arguments[0], scope)))
    if not 1 <= which < len(arguments):
        raise FormulaError
    return _value(arguments[which], scope)


def _failing(codes: Callable[[str], bool]) -> Callable[[tuple[Node, ...], Scope], Scalar]:
    def test(arguments: tuple[Node, ...], scope: Scope) -> Scalar:
        try:
            _value(arguments[0], scope)
        except FormulaError as error:
            return codes(error.code)
        return False

    return test


_LAZY: dict[str, Callable[[tuple[Node, ...], Scope], Scalar]] = {
    "IF": _if,
    "CHOOSE": _choose,
    "ISERROR": _failing(lambda _code: True),
    "ISERR": _failing(lambda code: code != "#N/A"),
    "ISNA": _failing(lambda code: code == "#N/A"),
}
