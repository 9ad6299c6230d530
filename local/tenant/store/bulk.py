"""Many files at once: a library is filled by the thousand, as fast as SQLite takes rows.

Such files are as real as uploaded ones (versions, content, columns, delta), but the log of changes
has one line for the lot: a subscriber hears once that its list has changed.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from local.tenant.errors import name_exists
from local.tenant.store import (
    calculated,
    changes,
    columns,
    content_types,
    files,
    ids,
    items,
    lists,
    names,
    principals,
    values,
    versions,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from local.tenant.call import Principal
    from local.tenant.store.database import Store
    from local.tenant.store.ids import Item

CHUNK = 5_000  # files in one transaction: what a kill in the middle can lose
_PER_STATEMENT = 500


@dataclass(frozen=True, slots=True)
class Many:
    """What to fill a library with. {n} (or {n:06}) in a name or a text is the file's number, 1 up.

    `dir` is an existing folder ("" or "/a/b"); `columns` are values as a client would write them;
    `bytes` is the length of each file's content, which begins with its number and differs from all
    others'; 0 gives empty files.
    """

    count: int
    name: str = "File {n:06}.txt"
    dir: str = ""
    columns: Mapping[str, Any] = field(default_factory=dict)
    bytes: int = 32


def fill(store: Store, list_row: sqlite3.Row, many: Many, who: Principal) -> int:
    """Add files until `count` of this name are there; returns how many were added.

    Commits by the thousand, or joins the caller's transaction. Raises what an upload would raise
    for a wrong column, value, name or folder.
    """
    added = 0
    while chunk := fill_some(store, list_row, many, who):
        added += chunk
    return added


def fill_some(store: Store, list_row: sqlite3.Row, many: Many, who: Principal) -> int:
    """Add the next of the files, at most CHUNK of them, in one transaction; 0 when none is left."""
    key = f"filled:{list_row['id']}:{many.dir}:{many.name}"
    with store.transaction():
        done = int(store.get(key, "0"))
        last = min(many.count, done + CHUNK)
        if last > done:
            _add(store, lists.by_id(store, list_row["id"]), many, (done + 1, last), who)
            store.put(key, str(last))
        return last - done


def _add(
    store: Store, list_row: sqlite3.Row, many: Many, span: tuple[int, int], who: Principal
) -> None:
    first, last = span
    count, actor = last - first + 1, principals.actor_of(who)
    model = _model(store, list_row, many, actor)
    principals.ensure_actor(store, list_row["site_id"], actor)
    seq, number = changes.last(store), int(list_row["next_item"])
    model["seq"], model["id"] = seq + 1 - first, number - first
    store.run(
        "UPDATE lists SET next_item=next_item+?, item_count=item_count+?, modified=? WHERE id=?",
        count, count, model["modified"], list_row["id"],
    )  # fmt: skip
    clean = _Columns(store, list_row, many)
    for start in range(first, last + 1, _PER_STATEMENT):
        states = [
            _state(list_row, many, model, clean, n)
            for n in range(start, min(start + _PER_STATEMENT, last + 1))
        ]
        _write(store, many, states)
    newest = states[-1][0]
    changes.record(store, newest, "add", actor, seq=int(newest["seq"]))


def _model(store: Store, list_row: sqlite3.Row, many: Many, actor: str) -> Item:
    """Return a file's row with everything that the files have in common."""
    settings, at = lists.settings(list_row), store.stamp()
    parent = items.folder(store, list_row, many.dir)
    state: Item = {
        "list_id": list_row["id"],
        "site_id": list_row["site_id"],
        "unique_id": "",
        "kind": "file",
        "parent_id": parent["unique_id"] if parent else list_row["root_id"],
        "dir": many.dir,
        "created": at,
        "created_by": actor,
        "modified": at,
        "modified_by": actor,
        "etag": 1,
        "ctag": 1,
        "size": many.bytes,
        "content_type": content_types.default_of(store, list_row),
        "state": items.LIVE,
        "scope": parent["scope"] if parent else list_row["scope"],
        "checkout": "",
        "comment": "",
        "published": "",
        **versions.first(settings),
    }
    if state["level"] == versions.PUBLISHED:
        state["published"] = versions.label(state)
    return state


class _Columns:
    """The columns of every file: checked once for the first, then by each column's own rule."""

    def __init__(self, store: Store, list_row: sqlite3.Row, many: Many) -> None:
        first = {name: _filled(value, 1) for name, value in many.columns.items()}
        stored = {**values.defaults(store, list_row, ""), **values.clean(store, list_row, first)}
        self._place = store, str(list_row["id"])
        self._fixed = {name: value for name, value in stored.items() if value is not None}
        self._varying = {
            str(row["name"]): (row, text)
            for name, text in many.columns.items()
            if isinstance(text, str)
            and "{n" in text
            and (row := columns.find(store, list_row["id"], name)) is not None
        }

    def of(self, n: int, item: Item) -> str:
        """Return the columns of file number `n` as they are stored."""
        own = {name: values.fitting(row, text.format(n=n))
               for name, (row, text) in self._varying.items()}  # fmt: skip
        return json.dumps(calculated.settled(*self._place, item, self._fixed | own))


def _filled(value: Any, n: int) -> Any:
    return value.format(n=n) if isinstance(value, str) and "{n" in value else value


def _state(
    list_row: sqlite3.Row, many: Many, model: Item, clean: _Columns, n: int
) -> tuple[Item, bytes]:
    unique_id = ids.new_guid()
    data = f"{n} {many.name}\n".ljust(many.bytes, ".").encode()[: many.bytes]
    name = names.checked_path(list_row["path"] + many.dir, many.name.format(n=n))
    return {
        **model,
        "id": model["id"] + n,
        "seq": model["seq"] + n,
        "unique_id": unique_id,
        "name": name,
        "fields": clean.of(n, {**model, "id": model["id"] + n, "name": name}),
        "sha": hashlib.sha256(data).hexdigest() if data else "",
        "drive_item_id": ids.drive_item_id(list_row["drive_id"], unique_id),
    }, data


def _write(store: Store, many: Many, states: list[tuple[Item, bytes]]) -> None:
    fields = tuple(states[0][0])
    marks = ",".join("?" * len(fields))
    rows = [tuple(state.values()) for state, _ in states]
    try:
        store.many(f"INSERT INTO items ({', '.join(fields)}) VALUES ({marks})", rows)
    except sqlite3.IntegrityError as error:
        raise name_exists(
            f"A file between {states[0][0]['name']} and {states[-1][0]['name']} exists."
        ) from error
    kept = versions.COLUMNS
    store.many(
        f"INSERT INTO versions ({', '.join(kept)}) VALUES ({','.join('?' * len(kept))})",
        ([state[name] for name in kept] for state, _ in states),
    )
    if many.bytes:
        store.many("INSERT OR IGNORE INTO blobs VALUES (?,?,?)", _blobs(states))


def _blobs(states: list[tuple[Item, bytes]]) -> Iterator[tuple[str, str, bytes]]:
    for state, data in states:
        yield str(state["sha"]), files.quickxor(data), data
