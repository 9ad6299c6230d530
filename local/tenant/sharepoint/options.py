"""OData query options for `_api`: $select, $expand, $filter, $orderby, $top, $skip, $skiptoken."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.tenant.errors import bad_request
from local.tenant.sharepoint.address import parse_literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    type Tree = dict[str, "Tree"]
    type Test = Callable[[Mapping[str, Any]], bool]

TOKEN = re.compile(
    r"\s*(?:(?P<literal>(?:guid|datetime|date)?'(?:[^']|'')*')|(?P<mark>[(),])|(?P<word>[^\s(),]+))"
)
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
CALLS: dict[str, Callable[[str, str], bool]] = {
    "startswith": lambda text, part: text.startswith(part),
    "endswith": lambda text, part: text.endswith(part),
    "substringof": lambda part, text: part in text,
}
PAGE = 100
LARGEST_PAGE = 5000


@dataclass(frozen=True, slots=True)
class Options:
    """What the caller wants shown: trees of names in lower case, and the page."""

    select: Tree
    expand: Tree
    top: int
    skip: int
    after: int

    def below(self, name: str) -> Options:
        """Return the options that apply inside an expanded member."""
        lower = name.lower()
        select, expand = self.select.get(lower, {}), self.expand.get(lower, {})
        return Options(select, expand, LARGEST_PAGE, 0, 0)

    def wants(self, name: str) -> bool:
        """Whether a member is shown: all of them without $select or with *."""
        return not self.select or "*" in self.select or name.lower() in self.select


def read_options(query: Mapping[str, str]) -> Options:
    """Read the query string; names without their $ in other cases are not options."""
    top = _count(query.get("$top", str(PAGE)), "$top")
    return Options(
        _tree(query.get("$select", "")),
        _tree(query.get("$expand", "")),
        min(top, LARGEST_PAGE),
        _count(query.get("$skip", "0"), "$skip"),
        read_token(query.get("$skiptoken", "")),
    )


def read_token(token: str) -> int:
    """Return the id after which a page starts: `Paged=TRUE&p_ID=7` → 7, none → 0."""
    if not token:
        return 0
    if not (found := re.search(r"p_ID=(\d+)", token)):
        raise bad_request(f"The $skiptoken {token!r} is not one this tenant gave out")
    return int(found[1])


def show_token(last_id: int) -> str:
    return f"Paged=TRUE&p_ID={last_id}"


def _count(text: str, name: str) -> int:
    if not text.isdigit():
        raise bad_request(f"{name} must be a whole number, not {text!r}")
    return int(text)


def _tree(text: str) -> Tree:
    tree: Tree = {}
    for path in text.split(","):
        branch = tree
        for step in path.strip().split("/"):
            if step:
                branch = branch.setdefault(step.lower(), {})
    return tree


def read_filter(text: str) -> Test:
    """Compile `Status eq 'Live' and startswith(Title,'G')` to a test over shown members."""
    tokens = [found[0].strip() for found in TOKEN.finditer(text) if found[0].strip()]
    reader = _Reader(tokens)
    test = reader.any_of()
    if reader.left:
        raise bad_request(f"The filter {text!r} has more after its end: {reader.left[0]!r}")
    return test


class _Reader:
    """A recursive-descent reader of the filters the clients send."""

    def __init__(self, tokens: list[str]) -> None:
        self.left = tokens

    def any_of(self) -> Test:
        tests = [self.all_of()]
        while self._next_is("or"):
            tests.append(self.all_of())
        return lambda row: any(test(row) for test in tests)

    def all_of(self) -> Test:
        tests = [self.one()]
        while self._next_is("and"):
            tests.append(self.one())
        return lambda row: all(test(row) for test in tests)

    def one(self) -> Test:
        if self._next_is("not"):
            inner = self.one()
            return lambda row: not inner(row)
        if self._next_is("("):
            inner = self.any_of()
            self._expect(")")
            return inner
        first = self._take()
        if first.lower() in CALLS and self._next_is("("):
            return self._call(CALLS[first.lower()])
        return self._comparison(first)

    def _comparison(self, left: str) -> Test:
        name = self._take()
        if name.lower() not in COMPARE:
            raise bad_request(f"{name!r} is not a comparison this tenant knows")
        compare, right = COMPARE[name.lower()], self._take()
        return lambda row: _compared(compare, _value(left, row), _value(right, row))

    def _call(self, call: Callable[[str, str], bool]) -> Test:
        first = self._take()
        self._expect(",")
        second = self._take()
        self._expect(")")
        if self._next_is("eq"):
            self._take()
        return lambda row: call(str(_value(first, row) or ""), str(_value(second, row) or ""))

    def _take(self) -> str:
        if not self.left:
            raise bad_request("The filter ends too early")
        return self.left.pop(0)

    def _expect(self, mark: str) -> None:
        if (found := self._take()) != mark:
            raise bad_request(f"The filter has {found!r} where {mark!r} belongs")

    def _next_is(self, word: str) -> bool:
        if self.left and self.left[0].lower() == word:
            self.left.pop(0)
            return True
        return False


def _value(text: str, row: Mapping[str, Any]) -> Any:
    """Return a literal's value, or the member the text names (`Author/Id` leads inside)."""
    if "'" in text or text.lower() in {"true", "false", "null"} or text[0] in "-0123456789":
        return parse_literal(text, {})
    value: Any = row
    for step in text.split("/"):
        found = {key.lower(): key for key in value} if isinstance(value, dict) else {}
        if step.lower() not in found:
            raise bad_request(f"The field or property {text!r} does not exist.")
        value = value[found[step.lower()]]
    return value.get("StringValue", value) if isinstance(value, dict) else value


def _compared(compare: Callable[[Any, Any], bool], left: Any, right: Any) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return compare(left.casefold(), right.casefold())
    if isinstance(left, str) != isinstance(right, str) and None not in (left, right):
        left, right = str(left), str(right)
    if None in (left, right) and compare not in {operator.eq, operator.ne}:
        return False
    return compare(left, right)
