"""content_id: equal for two files with the same content, whatever SharePoint wrote around it.

SharePoint promotes columns into an Office file (docProps, customXml), which changes its bytes but
not what the authors wrote. Decisions, copy detection and lineage therefore use a hash over the
package without those parts and without the entries that name them (decision 2).
"""

from __future__ import annotations

import hashlib
import posixpath
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from sync.reading.package import Package, local

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LEFT_OUT = ("docprops/", "customxml/")
CONTENT_TYPES = "[Content_Types].xml"


def raw_hash(data: bytes) -> str:
    """SHA-256 of the bytes, as hexadecimal text."""
    return hashlib.sha256(data).hexdigest()


def content_id(package: Package) -> str:
    """SHA-256 over the parts that hold content, as hexadecimal text (decision 2)."""
    kept = [name for name in package.names() if not _left_out(name)]
    whole = hashlib.sha256()
    for name in kept:
        part = _canonical(package, name, kept)
        if part:
            whole.update(f"{name}\0{hashlib.sha256(part).hexdigest()}\n".encode())
    return whole.hexdigest()


def _left_out(name: str) -> bool:
    return name.lstrip("/").lower().startswith(LEFT_OUT)


def _canonical(package: Package, name: str, kept: list[str]) -> bytes:
    if name != CONTENT_TYPES and not name.endswith(".rels"):
        return package.part(name)
    try:
        root = package.xml(name)
    except ParseError:  # then its bytes are all that can be compared
        return package.part(name)
    entries = _types(root, kept) if name == CONTENT_TYPES else _relations(root, name)
    return "\n".join(sorted(entries)).encode()


def _types(root: Element, kept: list[str]) -> list[str]:
    """Tell the content types of the kept parts; a default for no kept part says nothing."""
    used = {name.rpartition(".")[2].lower() for name in kept}
    return [
        _entry(element)
        for element in root
        if not _left_out(element.get("PartName", ""))
        and element.get("Extension", "").lower() in used | {""}
    ]


def _relations(root: Element, name: str) -> list[str]:
    folder = posixpath.dirname(posixpath.dirname(name))
    return [
        _entry(element)
        for element in root
        if element.get("TargetMode") == "External"
        or not _left_out(posixpath.normpath(posixpath.join("/", folder, element.get("Target", ""))))
    ]


def _entry(element: Element) -> str:
    return f"{local(element)} {sorted(element.attrib.items())}"
