"""File content: stored once per SHA-256, uploaded, replaced, promoted to and from columns."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

from local.tenant.errors import name_exists
from local.tenant.store import columns, items, locks, names, promotion, values, versions

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from local.tenant.store.database import Store
    from local.tenant.store.ids import Item
    from local.tenant.store.versions import Write

TABLES = """
CREATE TABLE IF NOT EXISTS blobs (sha TEXT PRIMARY KEY, quickxor TEXT NOT NULL, data BLOB NOT NULL);
"""


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
    for index, byte in enumerate(folded.to_bytes(width, "little")):
        shift = index * 11 % width
        state ^= (byte << shift) & mask | (byte << shift) >> width
    state ^= len(data) << (width - 64)
    return base64.b64encode(state.to_bytes(20, "little")).decode()


def _sweep(store: Store, sha: str) -> None:
    """Drop content that no version and no checked-out copy uses any more."""
    if (
        sha
        and not store.one("SELECT 1 FROM versions WHERE sha=?", sha)
        and not store.one("SELECT 1 FROM items WHERE sha=?", sha)
    ):
        store.run("DELETE FROM blobs WHERE sha=?", sha)


def upload(
    store: Store, list_row: sqlite3.Row, place: tuple[str, str], data: bytes, how: Write
) -> Item:
    """Put a file at (folder path, name): a new one, or a new version of the one that is there."""
    existing = items.exists(store, list_row, *place)
    if existing is not None:
        return replace(store, list_row, existing, data, how)
    new = items.NewItem("file", place[1], place[0], sha=keep(store, data), size=len(data))
    item = items.add(store, list_row, new, how)
    return _promoted_in(store, list_row, item, data)


def replace(store: Store, list_row: sqlite3.Row, item: Item, data: bytes, how: Write) -> Item:
    """Give a file new content: a new version, with the columns its properties bring along."""
    if item["kind"] != "file":
        raise name_exists("A folder has this name.")
    locks.require_free(store, item, how.actor)
    fields = {**items.fields_of(item), **_from_properties(store, list_row, item["name"], data)}
    new = {"sha": keep(store, data), "size": len(data), "fields": json.dumps(fields)}
    write = versions.Write(
        how.who, version=how.version, touch=how.touch, content=True, kind="content"
    )
    return versions.commit(store, list_row, item, new, write)


def _promoted_in(store: Store, list_row: sqlite3.Row, item: Item, data: bytes) -> Item:
    """Give a newly uploaded file the columns that stand in its properties, in its first version."""
    found = _from_properties(store, list_row, item["name"], data)
    if not found:
        return item
    fields = json.dumps({**items.fields_of(item), **found})
    store.run("UPDATE items SET fields=? WHERE unique_id=?", fields, item["unique_id"])
    store.run("UPDATE versions SET fields=? WHERE unique_id=?", fields, item["unique_id"])
    return {**item, "fields": fields}


def _from_properties(store: Store, list_row: sqlite3.Row, name: str, data: bytes) -> dict[str, Any]:
    """Return the file's properties that the library has a writable column for and that fit it."""
    if not promotion.applies(name, len(data)):
        return {}
    found = {}
    for key, text in promotion.read(data).items():
        row = columns.find(store, list_row["id"], key)
        if (
            row is not None
            and not row["read_only"]
            and row["kind"] in {"text", "choice", "dateTime", "number"}
        ):
            value = values.fitting(row, text)
            if value is not None:
                found[str(row["name"])] = value
    return found


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
    _sweep(store, before)
    return {**done, **new}


def free_name(store: Store, list_row: sqlite3.Row, directory: str, name: str) -> str:
    """Return the name itself, or the first `name 1`, `name 2` … that nobody has."""
    number, candidate = 0, name
    while items.exists(store, list_row, directory, candidate):
        number += 1
        candidate = names.numbered(name, number)
    return candidate
