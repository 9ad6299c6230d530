"""OData over rows that are already JSON: $filter, $search and $orderby as the directory reads them.

Directory objects know an advanced mode (`ConsistencyLevel: eventual`): $search, $count, endswith,
ne, not and $orderby beside $filter are refused without it (concepts/aad-advanced-queries.md).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from local.tenant.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    type Row = dict[str, Any]
    type Test = Callable[[Any], bool]

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<mark>[(),:])|(?P<word>[^\s(),:']+(?::\d[^\s(),']*)?))"
)
_SEARCH = re.compile(r'"(\w+):([^"]*)"')
_ORDER = {
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
}
_CALLS: dict[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith,
    "endswith": str.endswith,
    "contains": lambda text, part: part in text,
}
_LITERALS = {"true": True, "false": False, "null": None}
ADVANCED = re.compile(r"\b(endswith|ne|not)\b", re.IGNORECASE)


def unsupported(expression: str) -> Refusal:
    message = f"Unsupported or invalid query filter clause: {expression}"
    return Refusal(400, "Request_UnsupportedQuery", message)


def value_of(row: Any, path: str) -> Any:
    """Return what a path such as `siteCollection/root` leads to, None where it ends early."""
    for name in path.split("/"):
        row = row.get(name) if isinstance(row, dict) else None
    return row


def _fold(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


class Filter:
    """A $filter, read once: `matches(row)` says whether a row passes, `names` what it looks at."""

    def __init__(self, expression: str) -> None:
        self._text = expression
        self._tokens: list[tuple[str, str]] = []
        position = 0
        while expression[position:].strip():
            hit = _TOKEN.match(expression, position)
            if hit is None:
                raise unsupported(expression)
            self._tokens.append((hit.lastgroup or "", hit[hit.lastgroup or 0]))
            position = hit.end()
        self._at = 0
        self._alias = ""
        self.names: set[str] = set()
        self.matches: Test = self._either()
        if self._at != len(self._tokens):
            raise unsupported(expression)

    def _peek(self) -> str:
        return self._tokens[self._at][1].lower() if self._at < len(self._tokens) else ""

    def _take(self, wanted: str = "") -> tuple[str, str]:
        if self._at >= len(self._tokens) or (wanted and self._peek() != wanted):
            raise unsupported(self._text)
        self._at += 1
        return self._tokens[self._at - 1]

    def _either(self) -> Test:
        left = self._both()
        while self._peek() == "or":
            self._take()
            left = _any_of(left, self._both())
        return left

    def _both(self) -> Test:
        left = self._term()
        while self._peek() == "and":
            self._take()
            left = _all_of(left, self._term())
        return left

    def _term(self) -> Test:
        word = self._peek()
        if word == "not":
            self._take()
            inner = self._term()
            return lambda row: not inner(row)
        if word == "(":
            self._take()
            inner = self._either()
            self._take(")")
            return inner
        if word in _CALLS:
            return self._call()
        return self._comparison()

    def _call(self) -> Test:
        compare = _CALLS[self._take()[1].lower()]
        self._take("(")
        path = self._path()
        self._take(",")
        wanted = str(self._literal()).casefold()
        self._take(")")
        return lambda row: compare(str(value_of(row, path) or "").casefold(), wanted)

    def _path(self) -> str:
        kind, text = self._take()
        if kind != "word":
            raise unsupported(self._text)
        if self._alias and text == self._alias:
            return "it"
        if self._alias and text.startswith(f"{self._alias}/"):
            return text.removeprefix(f"{self._alias}/")
        self.names.add(text.partition("/")[0])
        return text

    def _literal(self) -> Any:
        kind, text = self._take()
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if text.lower() in _LITERALS:
            return _LITERALS[text.lower()]
        return float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else text

    def _comparison(self) -> Test:
        path = self._path()
        name, _, quantifier = path.rpartition("/")
        if quantifier.lower() in {"any", "all"} and self._peek() == "(":
            return self._quantified(name, quantifier.lower())
        operator = self._take()[1].lower()
        if operator == "in":
            return self._among(path)
        wanted = _fold(self._literal())
        if operator == "eq":
            return lambda row: bool(_fold(value_of(row, path)) == wanted)
        if operator == "ne":
            return lambda row: bool(_fold(value_of(row, path)) != wanted)
        if operator not in _ORDER:
            raise unsupported(self._text)
        return _ordered(_ORDER[operator], path, wanted)

    def _among(self, path: str) -> Test:
        self._take("(")
        wanted = {_fold(self._literal())}
        while self._peek() == ",":
            self._take()
            wanted.add(_fold(self._literal()))
        self._take(")")
        return lambda row: _fold(value_of(row, path)) in wanted

    def _quantified(self, name: str, quantifier: str) -> Test:
        self._take("(")
        if self._peek() == ")":
            self._take()
            return lambda row: bool(value_of(row, name))
        outer, self._alias = self._alias, self._take()[1]
        self._take(":")
        inner = self._either()
        self._take(")")
        self._alias = outer
        fold = any if quantifier == "any" else all
        return lambda row: fold(
            inner(each if isinstance(each, dict) else {"it": each})
            for each in value_of(row, name) or ()
        )


def _any_of(left: Test, right: Test) -> Test:
    return lambda row: left(row) or right(row)


def _all_of(left: Test, right: Test) -> Test:
    return lambda row: left(row) and right(row)


def _ordered(compare: Callable[[Any, Any], bool], path: str, wanted: Any) -> Test:
    def test(row: Any) -> bool:
        value = _fold(value_of(row, path))
        return isinstance(value, type(wanted) | int | float) and compare(value, wanted)

    return test


def search(expression: str) -> Test:
    """Read $search: `"displayName:ward"` parts joined by AND and OR; words match by their start."""
    rest = _SEARCH.sub("x", expression).strip()
    if not re.fullmatch(r"x(\s+(AND|OR)\s+x)*", rest):
        raise Refusal(400, "Request_BadRequest", f"Syntax error in $search: {expression}")
    parts = _SEARCH.findall(expression)
    together = all if " OR " not in rest else any

    def test(row: Any) -> bool:
        return together(_begins(str(value_of(row, name) or ""), text) for name, text in parts)

    return test


def _begins(value: str, text: str) -> bool:
    return any(word.startswith(text.casefold()) for word in re.split(r"[^\w]+", value.casefold()))


def ordered(rows: list[Row], expression: str) -> list[Row]:
    """Sort by $orderby, its last key first, so that the earlier keys win."""
    for part in reversed(expression.split(",")):
        name, _, direction = part.strip().partition(" ")
        rows = sorted(
            rows,
            key=_key(name),
            reverse=direction.strip().lower() == "desc",
        )
    return rows


def _key(name: str) -> Callable[[Row], str]:
    return lambda row: str(_fold(value_of(row, name)) or "")
