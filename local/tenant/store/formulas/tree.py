"""A formula as a tree: Excel's precedence, comparison loosest, then &, + -, * /, ^, %, the sign."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from local.tenant.store.formulas.functions import FUNCTIONS, LAZY
from local.tenant.store.formulas.tokens import Malformed, Token, tokenise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local.tenant.store.formulas.values import Scalar

DEEPEST = 64  # brackets and calls inside one another
_LEVELS = (("=", "<>", "<", "<=", ">", ">="), ("&",), ("+", "-"), ("*", "/"), ("^",))


@dataclass(frozen=True, slots=True)
class Literal:
    value: Scalar


@dataclass(frozen=True, slots=True)
class Column:
    """A reference to a column of the row, or to Today or Me."""

    name: str


@dataclass(frozen=True, slots=True)
class Sign:
    operand: Node
    minus: bool


@dataclass(frozen=True, slots=True)
class Percent:
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary:
    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: tuple[Node, ...]


type Node = Literal | Column | Sign | Percent | Binary | Call


@lru_cache(maxsize=512)
def parse(formula: str) -> Node:
    """Return a formula's tree; raises Malformed for one that SharePoint would not save."""
    return _Reader(tokenise(formula)).read()


def names(node: Node) -> Iterator[str]:
    """Yield every column a formula refers to, as written."""
    if isinstance(node, Column):
        yield node.name
    elif isinstance(node, Sign | Percent):
        yield from names(node.operand)
    elif isinstance(node, Binary):
        yield from names(node.left)
        yield from names(node.right)
    elif isinstance(node, Call):
        for argument in node.arguments:
            yield from names(argument)


class _Reader:
    """Recursive descent over the tokens of one formula."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def read(self) -> Node:
        node = self._level(0)
        if self._at < len(self._tokens):
            raise Malformed(f"{self._tokens[self._at].text!r} is not expected here.")
        return node

    def _sees(self, *marks: str) -> bool:
        token = self._tokens[self._at] if self._at < len(self._tokens) else None
        return token is not None and token.kind == "mark" and token.text in marks

    def _take(self) -> Token:
        if self._at >= len(self._tokens):
            raise Malformed("The formula ends too soon.")
        self._at += 1
        return self._tokens[self._at - 1]

    def _expect(self, mark: str) -> None:
        if not self._sees(mark):
            raise Malformed(f"{mark!r} is missing.")
        self._at += 1

    def _level(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self._signed()
        left = self._level(level + 1)
        while self._sees(*_LEVELS[level]):
            operator = self._take().text
            left = Binary(operator, left, self._level(level + 1))
        return left

    def _signed(self) -> Node:
        if self._sees("-", "+"):
            minus = self._take().text == "-"
            return Sign(self._nested(self._signed), minus)
        node = self._atom()
        while self._sees("%"):
            self._take()
            node = Percent(node)
        return node

    def _nested(self, read: Callable[[], Node]) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise Malformed("The formula is nested too deeply.")
        node = read()
        self._depth -= 1
        return node

    def _atom(self) -> Node:
        token = self._take()
        if token.kind == "number":
            return Literal(float(token.text))
        if token.kind == "text":
            return Literal(token.text)
        if token.kind == "column":
            return Column(token.text)
        if token.kind == "name":
            return self._named(token.text)
        if token.text != "(":
            raise Malformed(f"{token.text!r} is not expected here.")
        node = self._nested(lambda: self._level(0))
        self._expect(")")
        return node

    def _named(self, name: str) -> Node:
        if self._sees("("):
            return self._nested(lambda: self._call(name.upper()))
        if name.upper() in {"TRUE", "FALSE"}:
            return Literal(name.upper() == "TRUE")
        return Column(name)

    def _call(self, name: str) -> Call:
        arity = LAZY.get(name) or (FUNCTIONS[name].arity if name in FUNCTIONS else None)
        if arity is None:
            raise Malformed(f"There is no function {name}.")
        arguments = self._arguments()
        if not arity[0] <= len(arguments) <= arity[1]:
            raise Malformed(f"{name} does not take {len(arguments)} arguments.")
        return Call(name, arguments)

    def _arguments(self) -> tuple[Node, ...]:
        self._expect("(")
        found: list[Node] = []
        if self._sees(")"):
            self._take()
            return ()
        found.append(self._argument())
        while self._sees(","):
            self._take()
            found.append(self._argument())
        self._expect(")")
        return tuple(found)

    def _argument(self) -> Node:
        """Return one argument; one left out is blank."""
        return Literal(None) if self._sees(",", ")") else self._level(0)
