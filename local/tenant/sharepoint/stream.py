"""Rows of a list as pages show them, by CAML: RenderListDataAsStream, GetItems and changes.

All take CAML (`caml.py`). A stream's rows are text, as a page would print it; people and
lookups are lists of objects; `NextHref` leads to the next page (working-with-lists-and-list-items).
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

from local.tenant.sharepoint.caml import Query, read_view
from local.tenant.sharepoint.folders import find_folder
from local.tenant.sharepoint.items import ITEM, dressed, url_of
from local.tenant.sharepoint.lists import LIST, current_token
from local.tenant.sharepoint.render import json_answer
from local.tenant.sharepoint.surface import Ask, Page, Raw, Thing, Things, Value, act
from local.tenant.sharepoint.views import view_xml
from local.tenant.store import changes, items, principals, sight, versions, views

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator

    from local.tenant.call import Answer
    from local.tenant.store.ids import Item

MOST_ROWS = 5000  # one page of a view at most (limits.json: list view threshold)
USUAL_ROWS = 30
AT_ONCE = 100  # rows read from the store at a time
CONTEXT, DATA, SCHEMA = 1, 2, 4  # RenderListDataOptions
FOLDER_TYPE = "1"


def plain_row(ask: Ask, item: Item) -> dict[str, Any]:
    """Return an item's columns by internal name with their plain values, for tests and sorting."""
    stored = items.fields_of(item)
    known = {column["name"]: None for column in item["_columns"]}
    people = {
        name.removesuffix("LookupId"): value
        for name, value in stored.items()
        if name.endswith("LookupId")
    }
    return {
        **known,
        **stored,
        **people,
        "ID": item["id"],
        "Created": item["created"],
        "Modified": item["modified"],
        "Author": _number(ask, item["created_by"]),
        "Editor": _number(ask, item["modified_by"]),
        "FileLeafRef": item["name"],
        "FileRef": url_of(item["_list"], item),
        "FileDirRef": f"{item['_list']['path']}{item['dir']}",
        "FSObjType": int(item["kind"] == "folder"),
        "ContentTypeId": item["content_type"],
        "UniqueId": item["unique_id"],
        "_ModerationStatus": item["moderation"],
        "_UIVersionString": versions.label(item),
    }


def _number(ask: Ask, who: str) -> int:
    return principals.ensure_actor(ask.store, ask.site["id"], who)


def found(ask: Ask, list_row: sqlite3.Row, query: Query, folder: str | None) -> list[Item]:
    """Return the items a query asks for, as the caller sees them; `folder` None is everywhere."""
    kept = list(_matching(ask, list_row, query, folder))
    for name, ascending in reversed(query.order):
        kept.sort(key=lambda pair: _rank(pair[1].get(name)), reverse=not ascending)
    return [item for item, _row in kept]


def _matching(
    ask: Ask, list_row: sqlite3.Row, query: Query, folder: str | None, after: int = 0
) -> Iterator[tuple[Item, dict[str, Any]]]:
    """Yield the items that match with their plain rows, by number; read only as far as asked."""
    view = sight.of(ask.store, ask.who, list_row)
    sql, more = view.where()
    place, given = ("", []) if folder is None or query.deep else (" AND dir=?", [folder])
    while True:
        rows = ask.store.all(
            f"SELECT * FROM items WHERE list_id=? AND state=0 AND id>?{place}{sql}"
            " ORDER BY id LIMIT ?",
            list_row["id"], after, *given, *more, AT_ONCE,
        )  # fmt: skip
        for item in dressed(ask, list_row, (view.show(ask.store, dict(row)) for row in rows)):
            if query.test(row := plain_row(ask, item)):
                yield item, row
        if len(rows) < AT_ONCE:
            return
        after = rows[-1]["id"]


def _some(found: Iterable[tuple[Item, dict[str, Any]]], first: int, most: int) -> list[Item]:
    return [item for item, _row in islice(found, first, first + most)]


def _rank(value: Any) -> tuple[bool, bool, Any]:
    """Sort empty values first, and numbers apart from text."""
    number = isinstance(value, int | float)
    return value is not None, not number, value if number else str(value or "").casefold()


@act(LIST, "GetItems")
def get_items(ask: Ask, place: Thing) -> Things:
    """Return the items of a CamlQuery, in order; RowLimit and the position cut a page."""
    query = read_view(str(ask.find("ViewXml") or ""))
    where = ask.find("FolderServerRelativeUrl") or ask.find("FolderServerRelativePath")
    path = where.get("DecodedUrl") if isinstance(where, dict) else where
    folder = find_folder(ask, str(path)).dir if path else None
    position = (ask.find("ListItemCollectionPosition") or {}).get("PagingInfo") or ""
    after = int(position.rpartition("p_ID=")[2] or 0) if "p_ID=" in position else 0
    limit = query.limit or MOST_ROWS
    if query.order:
        page = found(ask, place.row, query, folder)[:limit]
    else:
        page = _some(_matching(ask, place.row, query, folder, after), 0, limit)
    return Things(ITEM, lambda _ask: Page(page, filtered=True), replace(place, uri=place.uri))


@act(LIST, "RenderListDataAsStream")
def render_stream(ask: Ask, place: Thing) -> Answer:
    """Return a page of rows, and the list's schema when RenderOptions ask for it."""
    options = int(ask.find("RenderOptions") or DATA)
    body = _data(ask, place.row)
    if options & ~DATA:
        told: dict[str, Any] = {"ListData": body}
        if options & (CONTEXT | SCHEMA):
            told["ListSchema"] = _schema(ask, place.row)
        return json_answer(ask.call, told)
    return json_answer(ask.call, body)


@act(LIST, "RenderListData")
def render_text(ask: Ask, place: Thing) -> Value:
    """Return the rows of a view as JSON in a string."""
    answer = json_answer(ask.call, _data(ask, place.row))
    return Value(bytes(answer.body).decode(), "Edm.String")


def _view(ask: Ask, list_row: sqlite3.Row) -> Query:
    """Return the view that is asked for: its XML, else a saved one by id, else the default."""
    text = str(ask.find("OverrideViewXml") or ask.find("ViewXml") or "")
    if text:
        return read_view(text)
    if key := ask.find("View") or ask.find("ViewId"):
        row = views.get(ask.store, list_row["id"], str(key).strip("{}"))
    else:
        rows = views.every(ask.store, list_row["id"])
        row = next((each for each in rows if each["is_default"]), rows[0])
    return read_view(view_xml(ask, row))


def _asked(ask: Ask, list_row: sqlite3.Row) -> Query:
    """Return the view with the address's own sorting and filters laid over it."""
    query = _view(ask, list_row)
    if name := ask.find("SortField"):
        rising = str(ask.find("SortDir") or "Asc").lower() != "desc"
        query = replace(query, order=((str(name), rising),))
    for number in ("", *(str(n) for n in range(1, 11))):
        name, value = ask.find(f"FilterField{number}"), ask.find(f"FilterValue{number}")
        if name:
            query = replace(query, test=_also(query.test, str(name), str(value or "")))
    return query


def _also(before: Callable[[Any], bool], name: str, text: str) -> Callable[[Any], bool]:
    return lambda row: before(row) and str(row.get(name, "")).casefold() == text.casefold()


def _data(ask: Ask, list_row: sqlite3.Row) -> dict[str, Any]:
    """Return the page: its rows, which rows of how many they are, and the next page's address."""
    query, root = (
        _asked(ask, list_row),
        ask.find("FolderServerRelativeUrl") or ask.find("RootFolder"),
    )
    folder = find_folder(ask, str(root)).dir if root else ""
    limit = min(query.limit or USUAL_ROWS, MOST_ROWS)
    first, after = _first(ask), _after(ask)
    if query.order:
        rows = found(ask, list_row, query, folder)[first - 1 :][: limit + 1]
    else:
        matching = _matching(ask, list_row, query, folder, after)
        rows = _some(matching, 0 if after else first - 1, limit + 1)
    page = rows[:limit]
    told: dict[str, Any] = {
        "Row": [_drawn(ask, item, query.fields) for item in page],
        "FirstRow": first,
        "FolderPermissions": "0x7fffffffffffffff",
        "LastRow": first - 1 + len(page),
        "RowLimit": limit,
    }
    if len(page) < len(rows):
        start = first + len(page)
        told["NextHref"] = f"?Paged=TRUE&p_ID={page[-1]['id']}&PageFirstRow={start}"
    return told


def _first(ask: Ask) -> int:
    """Return the number of the page's first row, from the address or from `Paging`."""
    paging = str(ask.find("Paging") or "")
    text = str(ask.find("PageFirstRow") or paging.rpartition("PageFirstRow=")[2].split("&")[0])
    return int(text) if text.isdecimal() and int(text) else 1


def _after(ask: Ask) -> int:
    """Return the number of the last row of the page before, 0 for the first page."""
    paging = str(ask.find("Paging") or "")
    text = str(ask.find("p_ID") or paging.rpartition("p_ID=")[2].split("&")[0])
    return int(text) if text.isdecimal() else 0


def _drawn(ask: Ask, item: Item, names: tuple[str, ...]) -> dict[str, Any]:
    """Return one row as a page shows it: text, and objects for people."""
    row = plain_row(ask, item)
    wanted = names or tuple(row)
    kinds = {column["name"]: column["kind"] for column in item["_columns"]}
    shown = {name: _printed(ask, kinds.get(name, ""), row[name]) for name in wanted if name in row}
    return shown | {
        "ID": str(item["id"]),
        "UniqueId": f"{{{item['unique_id'].upper()}}}",
        "FSObjType": FOLDER_TYPE if item["kind"] == "folder" else "0",
        "FileRef": row["FileRef"],
        "FileLeafRef": row["FileLeafRef"],
        "ContentTypeId": item["content_type"],
        "PermMask": "0x7fffffffffffffff",
    }


def _printed(ask: Ask, kind: str, value: Any) -> Any:
    if kind == "personOrGroup":
        numbers = value if isinstance(value, list) else [value] if value else []
        return [_person(ask, number) for number in numbers]
    if kind == "boolean":
        return "" if value is None else "Yes" if value else "No"
    if isinstance(value, list):
        return [str(each) for each in value]
    if isinstance(value, dict):
        return str(value.get("Url", ""))
    return "" if value is None else str(value)


def _person(ask: Ask, number: int) -> dict[str, Any]:
    row = principals.get(ask.store, ask.site["id"], int(number))
    return {"id": str(row["id"]), "title": row["title"], "email": row["email"],
            "sip": "", "picture": ""}  # fmt: skip


def _schema(ask: Ask, list_row: sqlite3.Row) -> dict[str, Any]:
    columns = dressed(ask, list_row, [{}])[0]["_columns"]
    fields = [
        {"Name": row["name"], "RealFieldName": row["name"], "DisplayName": row["display_name"],
         "ID": row["id"], "FieldType": row["kind"]}
        for row in columns
    ]  # fmt: skip
    return {"Field": fields, "LCID": str(ask.site["lcid"])}


@act(LIST, "GetListItemChangesSinceToken")
def changes_since(ask: Ask, place: Thing) -> Raw:
    """Return a list's items as the old web service's XML: what changed, and the token to go on by.

    With a ChangeToken only what changed after it comes, the deleted by their number; without one,
    every item that the query asks for.
    """
    said = ask.find("query") or ask.body
    said = {name.lower(): value for name, value in said.items()} if isinstance(said, dict) else {}
    token = str(said.get("changetoken") or "")
    since = int(token.rpartition(";")[2] or 0) if token.rpartition(";")[2].isdecimal() else 0
    query = read_view(str(said.get("query") or ""))
    log = changes.since(ask.store, place.row["id"], since) if since else []
    touched = {row["item_id"] for row in log}
    rows = [
        item for item in found(ask, place.row, query, None) if not since or item["id"] in touched
    ]
    gone = touched - {item["id"] for item in rows}
    return Raw(_xml(ask, place.row, rows, gone).encode(), "text/xml; charset=utf-8")


def _xml(ask: Ask, list_row: sqlite3.Row, rows: list[Item], gone: set[int]) -> str:
    lines = "".join(
        "<z:row "
        + " ".join(
            f"ows_{name}={quoteattr(str(value))}"
            for name, value in plain_row(ask, item).items()
            if value is not None and name.isidentifier()
        )
        + " />"
        for item in rows
    )
    ids = "".join(f'<Id ChangeType="Delete">{number}</Id>' for number in sorted(gone))
    last = current_token(ask, list_row["id"])["StringValue"]
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<GetListItemChangesSinceTokenResult xmlns:rs="urn:schemas-microsoft-com:rowset"'
        ' xmlns:z="#RowsetSchema"><listitems>'
        f'<Changes LastChangeToken="{last}">{ids}</Changes>'
        f'<rs:data ItemCount="{len(rows)}">{lines}</rs:data>'
        "</listitems></GetListItemChangesSinceTokenResult>"
    )
