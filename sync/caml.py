"""CAML queries in one spelling, so that two of them can be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError, canonicalize

from defusedxml import ElementTree

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_ORDER = ("GroupBy", "OrderBy", "Where")


def canonical(query: str) -> str:
    """Return a query's parts in canonical XML; SharePoint gives them back in a spelling of its own.

    Text that is no XML comes back unchanged: it differs from any query, which is all one asks.
    """
    try:
        parts = list(ElementTree.fromstring(f"<Query>{query}</Query>"))
    except ParseError:
        return query
    return "".join(map(_one, sorted(parts, key=_place)))


def _one(part: Element) -> str:
    part.tail = None
    text = ElementTree.tostring(part, encoding="unicode")
    return canonicalize(text, strip_text=True)


def _place(part: Element) -> int:
    return _ORDER.index(part.tag) if part.tag in _ORDER else len(_ORDER)
