"""Identifiers in the shapes SharePoint gives them, for clients that take one apart."""

from __future__ import annotations

import base64
import uuid
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

type Record = Mapping[str, Any] | sqlite3.Row
type Item = dict[str, Any]  # a row of `items`, its `fields` still JSON text


def new_guid() -> str:
    return str(uuid.uuid4())


def drive_id(site_id: str, web_id: str, list_id: str) -> str:
    """`b!` and the three guids of site, web and list, base64url: a drive's id never changes."""
    raw = b"".join(uuid.UUID(part).bytes_le for part in (site_id, web_id, list_id))
    return "b!" + base64.urlsafe_b64encode(raw).decode()


def drive_item_id(drive: str, unique_id: str) -> str:
    """`01` and base32 of the drive's checksum and the file's guid.

    The same file has another id in another library, and two libraries cannot share one.
    """
    raw = zlib.crc32(drive.encode()).to_bytes(4, "little") + uuid.UUID(unique_id).bytes_le
    return "01" + base64.b32encode(raw).decode()


def version_number(label: str) -> int:
    """SharePoint's integer for a version label: 512 for each major, 1 for each minor."""
    major, _, minor = label.partition(".")
    return int(major) * 512 + int(minor or 0)
