"""Property promotion: SharePoint writes a library's columns into Office files and reads them back.

A column write therefore changes the stored bytes (never the content version), and an uploaded
file's own properties override the columns of the same name.
"""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from defusedxml.ElementTree import ParseError, fromstring

if TYPE_CHECKING:
    from collections.abc import Mapping

PART = "docProps/custom.xml"
_CORE = "docProps/core.xml"
_RELS, _TYPES = "_rels/.rels", "[Content_Types].xml"
_CUSTOM_NS = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
_VALUE_NS = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
_RELS_NS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES_NS = "http://schemas.openxmlformats.org/package/2006/content-types"
_REL_KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties"
_MIME = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
_FMTID = (
    "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"  # the one format id Office uses for custom properties
)
_TITLE = "{http://purl.org/dc/elements/1.1/}title"
LIMIT = 64 * 1024 * 1024  # bytes; a larger file keeps its properties as they are
_PART_LIMIT = 1024 * 1024


def applies(name: str, size: int) -> bool:
    return name.lower().endswith((".docx", ".xlsx", ".pptx")) and 0 < size <= LIMIT


def write(data: bytes, fields: Mapping[str, Any]) -> bytes:
    """Return the package with these columns as custom properties; other bytes as they are."""
    parts = _parts(data)
    if parts is None or _TYPES not in parts:
        return data
    values = {
        name: _shown(value)
        for name, value in fields.items()
        if isinstance(value, (str, int, float))
    }
    parts[PART] = _custom(values)
    try:
        parts[_RELS] = _with(
            parts.get(_RELS),
            _RELS_NS,
            "Relationship",
            {"Id": "rIdCustomProperties", "Type": _REL_KIND, "Target": PART},
        )
        parts[_TYPES] = _with(
            parts.get(_TYPES), _TYPES_NS, "Override", {"PartName": f"/{PART}", "ContentType": _MIME}
        )
    except ParseError:
        return data
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, body in parts.items():
            package.writestr(zipfile.ZipInfo(name), body, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def read(data: bytes) -> dict[str, str]:
    """Return the file's custom properties and its title, {} when it is no readable package."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            custom, core = (_small(package, name) for name in (PART, _CORE))
        found = {str(node.get("name")): "".join(node.itertext()) for node in _tree(custom)}
        title = _tree(core).find(_TITLE)
    except (zipfile.BadZipFile, ParseError, NotImplementedError, RuntimeError, EOFError, OSError):
        return {}  # encrypted, damaged or no package at all: SharePoint promotes nothing either
    if title is not None and title.text:
        found["Title"] = title.text
    return found


def _small(package: zipfile.ZipFile, name: str) -> bytes:
    """Return a part of up to a megabyte, b"" when missing or larger (no bomb is unpacked)."""
    if name not in package.namelist() or package.getinfo(name).file_size > _PART_LIMIT:
        return b""
    return package.read(name)


def _tree(body: bytes) -> ET.Element:
    root: ET.Element = fromstring(body) if body else ET.Element("none")
    return root


def _parts(data: bytes) -> dict[str, bytes] | None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            entries = package.infolist()
            if sum(entry.file_size for entry in entries) > LIMIT:
                return None
            return {entry.filename: package.read(entry) for entry in entries}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        return None  # as in `read`


def _shown(value: float | str) -> str:
    return str(value)


def _custom(values: Mapping[str, str]) -> bytes:
    root = ET.Element(f"{{{_CUSTOM_NS}}}Properties")
    for number, (name, value) in enumerate(sorted(values.items()), start=2):  # 0 and 1 are reserved
        node = ET.SubElement(
            root, f"{{{_CUSTOM_NS}}}property", fmtid=_FMTID, pid=str(number), name=name
        )
        ET.SubElement(node, f"{{{_VALUE_NS}}}lpwstr").text = value
    return bytes(ET.tostring(root, encoding="UTF-8", xml_declaration=True))


def _with(body: bytes | None, namespace: str, tag: str, attributes: dict[str, str]) -> bytes:
    """Add an entry to a relationships or content-types part unless it is there already."""
    root = _tree(body) if body else ET.Element(f"{{{namespace}}}{tag}s")
    if not any(
        attributes.items() <= dict(node.items()).items() or node.get("Type") == _REL_KIND
        for node in root
    ):
        ET.SubElement(root, f"{{{namespace}}}{tag}", attributes)
    ET.register_namespace("", namespace)
    return bytes(ET.tostring(root, encoding="UTF-8", xml_declaration=True))
