"""File content: stored once per SHA-256, uploaded, replaced, promoted to and from columns."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

from local.tenant.errors import name_exists
from local.tenant.store import (
    calculated,
    columns,
    content_types,
    items,
    late,
    lists,
    locks,
    names,
    promotion,
    quirks,
    values,
    versions,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from local.tenant.store.database import Store
    from local.tenant.store.ids import Item
    from local.tenant.store.versions import Write

TABLES = """
CREATE TABLE IF NOT EXISTS blobs (sha TEXT PRIMARY KEY, quickxor TEXT NOT NULL, data BLOB NOT NULL);
"""

_NOT_PROMOTED = frozenset({"FileLeafRef", "ContentType"})


def keep(store: Store, data: bytes) -> str:
    """Store bytes and return their SHA-256 ('' for an empty file)."""
    if not data:
        return ""
    sha = hashlib.sha256(data).hexdigest()
    if store.one("SELECT 1 FROM blobs WHERE sha=?", sha) is None:
        store.run("INSERT INTO blobs VALUES (?,?,?)", sha, quickxor(data), data)
    return sha


def read(store: Store, sha: str) -> bytes:
    row = store.one("SELECT data FROM blobs WHERE sha=?", sha)
    return bytes(row["data"]) if row else b""


def hash_of(store: Store, sha: str) -> str:
    """Return the content's quickXorHash, the only hash SharePoint gives."""
    row = store.one("SELECT quickxor FROM blobs WHERE sha=?", sha)
    return str(row["quickxor"]) if row else quickxor(b"")


def quickxor(data: bytes) -> str:
    """Return Microsoft's QuickXorHash: byte i XORed in at bit 11*i mod 160, length at the end."""
    width = 160
    folded = int.from_bytes(data[:width], "little")
    for start in range(width, len(data), width):
        folded ^= int.from_bytes(data[start : start + width], "little")
    state, mask = 0, (1 << width) - 1
    for index, byte in enumerate(folded.to_bytes(width, "little")[: len(data)]):
        shift = index * 11 % width
        state ^= (byte << shift) & mask | (byte << shift) >> width
    state ^= len(data) << (width - 64)
    return base64.b64encode(state.to_bytes(20, "little")).decode()


def sweep(store: Store, sha: str) -> None:
    """Drop content that no version, checked-out copy or attachment uses any more."""
    if (
        sha
        and not store.one("SELECT 1 FROM versions WHERE sha=?", sha)
        and not store.one("SELECT 1 FROM items WHERE sha=?", sha)
        and not store.one("SELECT 1 FROM attachments WHERE sha=?", sha)
    ):
        store.run("DELETE FROM blobs WHERE sha=?", sha)


def upload(
    store: Store, list_row: sqlite3.Row, place: tuple[str, str], data: bytes, how: Write
) -> Item:
    """Put a file at (folder path, name): a new one, or a new version of the one that is there."""
    existing = items.exists(store, list_row, *place)
    if existing is not None:
        return replace(store, list_row, existing, data, how)
    data, later = _split(store, data)
    new = items.NewItem("file", place[1], place[0], sha=keep(store, data), size=len(data))
    made = _promoted_in(store, list_row, items.add(store, list_row, new, how), data)
    return _on_its_way(store, made, later, how)


def replace(store: Store, list_row: sqlite3.Row, item: Item, data: bytes, how: Write) -> Item:
    """Give a file new content: a new version, with the columns its properties bring along."""
    if item["kind"] != "file":
        raise name_exists("A folder has this name.")
    locks.require_free(store, item, how.actor)
    data, later = _split(store, data)
    return _on_its_way(store, _replace(store, list_row, item, data, how), later, how)


def _replace(store: Store, list_row: sqlite3.Row, item: Item, data: bytes, how: Write) -> Item:
    found = _from_properties(store, list_row, item["name"], data)
    kept = items.fields_of(item)
    if promotion.applies(item["name"], len(data)) and quirks.get(
        store, quirks.OFFICE_WIPES_COLUMNS
    ):
        gone = {str(row["name"]) for row in _promotable(store, list_row)}
        kept = {name: value for name, value in kept.items() if name not in gone}
    new = {"sha": keep(store, data), "size": len(data), "fields": json.dumps({**kept, **found})}
    if quirks.get(store, quirks.CONTENT_TYPE_SNAPS_BACK):
        new["content_type"] = content_types.default_of(store, list_row)
    write = versions.Write(
        how.who, version=how.version, touch=how.touch, content=True, kind="content"
    )
    return versions.commit(store, list_row, item, new, write)


def _split(store: Store, data: bytes) -> tuple[bytes, bytes]:
    """Return what is stored at once and what lands later (see `quirks.CONTENT_LATE`)."""
    return (b"", data) if data and quirks.get(store, quirks.CONTENT_LATE) else (data, b"")


def _on_its_way(store: Store, item: Item, later: bytes, how: Write) -> Item:
    if later:
        seconds = float(quirks.get(store, quirks.CONTENT_LATE))
        late.hold(store, item, later, how.who, seconds)
    return item


def land(store: Store) -> int:
    """Let content that was on its way arrive, in the version that waits for it; how many did."""
    due = late.take_due(store)
    for row in due:
        found = store.one("SELECT * FROM items WHERE unique_id=? AND state=0", row["unique_id"])
        if found is not None:  # else the file was deleted before its bytes came
            how = versions.Write(late.sender(row), version=False)
            list_row = lists.by_id(store, found["list_id"])
            _replace(store, list_row, dict(found), bytes(row["data"]), how)
    return len(due)


def _promoted_in(store: Store, list_row: sqlite3.Row, item: Item, data: bytes) -> Item:
    """Give a newly uploaded file the columns that stand in its properties, in its first version."""
    found = _from_properties(store, list_row, item["name"], data)
    if not found:
        return item
    known = {**items.fields_of(item), **found}
    fields = json.dumps(calculated.settled(store, list_row["id"], item, known))
    calculated.put(store, item, fields)
    return {**item, "fields": fields}


def _from_properties(store: Store, list_row: sqlite3.Row, name: str, data: bytes) -> dict[str, Any]:
    """Return the file's properties that the library has a writable column for and that fit it."""
    if not promotion.applies(name, len(data)):
        return {}
    properties = {key.casefold(): text for key, text in promotion.read(data).items()}
    found = {}
    for row in _promotable(store, list_row):
        value = values.fitting(row, properties.get(str(row["name"]).casefold(), ""))
        if value is not None:
            found[str(row["name"])] = value
    return found


def _promotable(store: Store, list_row: sqlite3.Row) -> list[sqlite3.Row]:
    """Return the library's columns that travel in an Office file's properties."""
    return [
        row
        for row in columns.every(store, list_row["id"])
        if not row["read_only"]
        and row["kind"] in {"text", "choice", "dateTime", "number"}
        and row["name"] not in _NOT_PROMOTED
    ]


def write_columns(
    store: Store, list_row: sqlite3.Row, item: Item, given: Mapping[str, Any], how: Write
) -> Item:
    """Write columns of any item, and into an Office file's own properties too."""
    before = item["sha"]
    done = items.write_fields(store, list_row, item, given, how)
    if done["kind"] != "file" or not promotion.applies(done["name"], done["size"]):
        return done
    data = promotion.write(read(store, before), items.fields_of(done))
    new = {"sha": keep(store, data), "size": len(data)}
    store.run("UPDATE items SET sha=?, size=? WHERE unique_id=?", *new.values(), done["unique_id"])
    if not done["checkout"]:
        store.run(
            "UPDATE versions SET sha=?, size=? WHERE unique_id=? AND major=? AND minor=?",
            *new.values(),
            done["unique_id"],
            done["major"],
            done["minor"],
        )
    sweep(store, before)
    return {**done, **new}


def free_name(store: Store, list_row: sqlite3.Row, directory: str, name: str) -> str:
    """Return the name itself, or the first `name 1`, `name 2` … that nobody has."""
    number, candidate = 0, name
    while items.exists(store, list_row, directory, candidate):
        number += 1
        candidate = names.numbered(name, number)
    return candidate
