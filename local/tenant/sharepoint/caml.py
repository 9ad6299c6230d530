"""CAML, the query language of lists: a view's Where, OrderBy, row limit and scope over shown rows.

Read from `ViewXml` and from a view's own query. An operator that is not known is refused with 400,
so that a query is never answered as if it had asked for less.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from local.tenant.errors import bad_request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from xml.etree.ElementTree import Element

    type Row = Mapping[str, Any]
    type Test = Callable[[Row], bool]

RECURSIVE = frozenset({"Recursive", "RecursiveAll"})
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "Eq": operator.eq,
    "Neq": operator.ne,
    "Gt": operator.gt,
    "Geq": operator.ge,
    "Lt": operator.lt,
    "Leq": operator.le,
}
NUMBERS = frozenset({"Number", "Counter", "Integer", "Currency", "Lookup"})


@dataclass(frozen=True, slots=True)
class Query:
    """What a query asks: which rows, in which order, how many, which columns, how deep."""

    test: Test
    order: tuple[tuple[str, bool], ...] = ()  # name, ascending
    limit: int = 0  # 0: all
    fields: tuple[str, ...] = ()
    scope: str = ""
    names: frozenset[str] = field(default_factory=frozenset)

    @property
    def deep(self) -> bool:
        """Whether rows inside folders are asked for, too."""
        return self.scope in RECURSIVE


def read_view(text: str) -> Query:
    """Read `<View>…</View>` or `<Query>…</Query>`; "" asks for everything; 400 for bad XML."""
    if not text.strip():
        return Query(_all)
    try:
        root = ElementTree.fromstring(text)
    except (ParseError, DefusedXmlException) as error:
        raise bad_request(f"The query's XML can't be read: {error}") from error
    asked = root if root.tag == "Query" else root.find("Query")
    where = asked.find("Where") if asked is not None else None
    sort = asked.iterfind("OrderBy/FieldRef") if asked is not None else ()
    inner = list(where) if where is not None else []
    limit = root.findtext("RowLimit") or "0"
    return Query(
        test=_test(inner[0]) if inner else _all,
        order=tuple(
            (ref.get("Name", ""), ref.get("Ascending", "TRUE").upper() != "FALSE") for ref in sort
        ),
        limit=int(limit) if limit.strip().isdecimal() else 0,
        fields=tuple(ref.get("Name", "") for ref in root.iterfind("ViewFields/FieldRef")),
        scope=root.get("Scope", ""),
        names=frozenset(
            ref.get("Name", "") for ref in (asked.iter("FieldRef") if asked is not None else ())
        ),
    )


def _all(_row: Row) -> bool:
    return True


def _test(node: Element) -> Test:
    inner = list(node)
    if node.tag in {"And", "Or"}:
        tests = [_test(each) for each in inner]
        combine = all if node.tag == "And" else any
        return lambda row: combine(test(row) for test in tests)
    name = _name(node)
    if node.tag in {"IsNull", "IsNotNull"}:
        wanted = node.tag == "IsNull"
        return lambda row: (_value(row, name) in {None, ""}) is wanted
    if node.tag == "In":
        values = [each.text or "" for each in node.iterfind("Values/Value")]
        return lambda row: any(_same(_value(row, name), value) for value in values)
    return _comparison(node, name)


def _comparison(node: Element, name: str) -> Test:
    said = node.find("Value")
    text, kind = (said.text or "", said.get("Type", "Text")) if said is not None else ("", "Text")
    if node.tag in {"Contains", "BeginsWith"}:
        part = text.casefold()
        if node.tag == "Contains":
            return lambda row: part in str(_value(row, name) or "").casefold()
        return lambda row: str(_value(row, name) or "").casefold().startswith(part)
    if node.tag not in COMPARE:
        raise bad_request(f"The CAML operator {node.tag} is not served")
    compare = COMPARE[node.tag]
    return lambda row: _compared(compare, _value(row, name), text, kind)


def _name(node: Element) -> str:
    ref = node.find("FieldRef")
    if ref is None or not ref.get("Name"):
        raise bad_request(f"<{node.tag}> names no FieldRef")
    return ref.get("Name", "")


def _value(row: Row, name: str) -> Any:
    if name not in row:
        raise bad_request(
            "One or more field types are not installed properly. Go to the list settings page to"
            f" delete these fields: {name}."
        )
    value = row[name]
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _compared(compare: Callable[[Any, Any], bool], left: Any, text: str, kind: str) -> bool:
    if left is None or left == "":
        return compare is operator.ne and text != ""
    if isinstance(left, bool) or kind == "Boolean":
        return compare(str(left).casefold() in {"true", "1"}, text.casefold() in {"true", "1"})
    if isinstance(left, int | float) or kind in NUMBERS:
        return _numbers(compare, left, text)
    if isinstance(left, list):
        return any(compare(str(each).casefold(), text.casefold()) for each in left)
    if kind == "DateTime":
        width = len("2026-11-24")  # without IncludeTimeValue only the day counts
        return compare(str(left)[:width], text[:width])
    return compare(str(left).casefold(), text.casefold())


def _numbers(compare: Callable[[Any, Any], bool], left: Any, text: str) -> bool:
    try:
        return compare(float(left), float(text))
    except (TypeError, ValueError):
        return compare(str(left).casefold(), text.casefold())


def _same(left: Any, text: str) -> bool:
    return _compared(operator.eq, left, text, "Text")
