"""What a list says of its columns must be true of them: views, queries, indexes, rules."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from sharepoint_schema.rules import Fault, Place

NATIVE = frozenset(
    {
        *("Title", "ID", "Author", "Editor", "Created", "Modified", "DocIcon", "LinkFilename"),
        *("LinkFilenameNoMenu", "LinkTitle", "LinkTitleNoMenu", "FileLeafRef", "FileSizeDisplay"),
        *("ContentType", "CheckoutUser", "Attachments", "Edit"),
    }
)
"""Columns that SharePoint brings itself."""

COLUMN = frozenset({"column", "owner", "document", "decided_on", "day", "body_in", "again"})
COLUMNS = frozenset({"of", "paused", "kept", "see_to"})
ANSWERS = frozenset({"closed", "when", "unless"})
"""Where a register's `entries:` name a column: by one name, by several, by the keys of answers."""

PARTS = frozenset({"Where", "OrderBy", "GroupBy"})
_TITLES = re.compile(r"\[([^\]]+)\]")


@dataclass(frozen=True, slots=True)
class KnownColumns:
    """Views, queries, indexes and rules of a list name columns that the list has."""

    def check(self, data: Any) -> Iterator[Fault]:
        """Yield every name that leads nowhere, and every query that is no CAML."""
        for number, area in enumerate(_entries(data, "lists")):
            columns = dict(_columns(data, area))
            yield from _names(("lists", number), area, columns)
            yield from _rules(("lists", number), area, columns)
            yield from _register(("lists", number, "entries"), area.get("entries"), columns)
            yield from _follows(("lists", number, "entries"), area.get("entries"), data)
            for position, view in enumerate(_entries(area, "views")):
                yield from _view(("lists", number, "views", position), view, columns)


def _entries(data: Any, key: str) -> Sequence[Mapping[str, Any]]:
    found = data.get(key, ()) if isinstance(data, Mapping) else ()
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else ()


def _columns(data: Any, area: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield internal name and title of every column a list has, as far as the data says."""
    site = {str(one.get("name")): str(one.get("title")) for one in _entries(data, "columns")}
    types = {str(one.get("key")): one for one in _entries(data, "content_types")}
    names = list(area.get("site_columns") or ())
    for key in area.get("content_types") or ():
        names += [name for one in _line(types, str(key)) for name in one.get("columns") or ()]
    yield from ((name, site.get(name, "")) for name in names)
    yield from ((str(one.get("name")), str(one.get("title"))) for one in _entries(area, "columns"))


def _line(types: Mapping[str, Mapping[str, Any]], key: str) -> Iterator[Mapping[str, Any]]:
    """Yield a content type and its parents; a circle is walked once."""
    seen: set[str] = set()
    while key in types and key not in seen:
        seen.add(key)
        yield types[key]
        key = str(types[key].get("parent"))


def _names(at: Place, area: Mapping[str, Any], columns: Mapping[str, str]) -> Iterator[Fault]:
    for key in ("indexed", "unique"):
        named = area.get(key)
        for position, name in enumerate(named if isinstance(named, list) else ()):
            if name not in columns and name not in NATIVE:
                yield _unknown((*at, key, position), str(name), columns)


def _rules(at: Place, area: Mapping[str, Any], columns: Mapping[str, str]) -> Iterator[Fault]:
    rule = area.get("validation")
    formula = rule.get("formula", "") if isinstance(rule, Mapping) else ""
    titles = {*columns.values(), "Title", "Name", "Created", "Modified"}
    for title in _TITLES.findall(str(formula)):
        if title not in titles:
            yield _unknown((*at, "validation", "formula"), title, titles)


def _register(at: Place, entries: Any, columns: Mapping[str, str]) -> Iterator[Fault]:
    """Yield what a register keeps its rows to and no column is: it would never be looked at."""
    for where, name in _named(at, entries):
        if name not in columns and name not in NATIVE:
            yield _unknown(where, name, columns)


def _follows(at: Place, entries: Any, data: Any) -> Iterator[Fault]:
    """Yield what a register follows and the site has no such list, or the list no such column."""
    areas = {str(one.get("key")): one for one in _entries(data, "lists")}
    for number, rests in enumerate(_entries(entries, "follows")):
        here, key = (*at, "follows", number), str(rests.get("area"))
        if key not in areas:
            way_out = f"the site has: {', '.join(sorted(areas))}"
            yield Fault((*here, "area"), f"the site has no list {key!r}", way_out)
        elif (since := rests.get("since")) not in (columns := dict(_columns(data, areas[key]))):
            yield _unknown((*here, "since"), str(since), columns)


def _named(at: Place, data: Any) -> Iterator[tuple[Place, str]]:
    """Yield every place of a register's entries that names a column, and the name."""
    if isinstance(data, list):
        for number, one in enumerate(data):
            yield from _named((*at, number), one)
    for key, value in data.items() if isinstance(data, Mapping) else ():
        here = (*at, key)
        if key in COLUMN and isinstance(value, str):
            yield here, value
        elif key in COLUMNS and isinstance(value, list):
            yield from _several(here, value)
        elif key in ANSWERS and isinstance(value, Mapping):
            yield from (((*here, str(name)), str(name)) for name in value)
        else:
            yield from _named(here, value)


def _several(at: Place, names: Any) -> Iterator[tuple[Place, str]]:
    """Yield each name of a list of columns, or of a list of such lists."""
    if isinstance(names, list):
        for number, one in enumerate(names):
            yield from _several((*at, number), one)
    else:
        yield at, str(names)


def _view(at: Place, view: Mapping[str, Any], columns: Mapping[str, str]) -> Iterator[Fault]:
    shown = view.get("columns")
    for position, name in enumerate(shown if isinstance(shown, list) else ()):
        if name not in columns and name not in NATIVE:
            yield _unknown((*at, "columns", position), str(name), columns)
    query = str(view.get("query") or "")
    try:
        root = ElementTree.fromstring(f"<Query>{query}</Query>")
    except (ParseError, DefusedXmlException) as broken:
        yield Fault((*at, "query"), f"the query is no XML: {broken}", "correct it")
        return
    for part in root:
        if part.tag not in PARTS:
            yield Fault((*at, "query"), f"{part.tag} is no part of a query", "use Where, OrderBy")
    for field in root.iter("FieldRef"):
        name = field.get("Name", "")
        if name not in columns and name not in NATIVE:
            yield _unknown((*at, "query"), name, columns)


def _unknown(at: Place, name: str, known: Mapping[str, str] | set[str]) -> Fault:
    near = get_close_matches(name, list(known), 1)
    way_out = f"did you mean {near[0]!r}?" if near else "declare it, or leave it out"
    return Fault(at, f"the list has no column {name!r}", way_out)
