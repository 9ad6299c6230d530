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
_CORE_TYPE = "application/vnd.openxmlformats-package.core-properties+xml"
_CORE_REL = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
_CP = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
_DC = "http://purl.org/dc/elements/1.1/"
CORE = {  # SharePoint's columns that live in a package's core properties (gk)
    "Title": f"{{{_DC}}}title",
    "Subject": f"{{{_DC}}}subject",
    "_Author": f"{{{_DC}}}creator",
    "_Comments": f"{{{_DC}}}description",
    "Keywords": f"{{{_CP}}}keywords",
    "_Category": f"{{{_CP}}}category",
    "_Status": f"{{{_CP}}}contentStatus",
}
_PREFIXES = {
    "cp": _CP,
    "dc": _DC,
    "dcterms": "http://purl.org/dc/terms/",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}
LIMIT = 64 * 1024 * 1024  # bytes; a larger file keeps its properties as they are
_PART_LIMIT = 1024 * 1024


def applies(name: str, size: int) -> bool:
    return name.lower().endswith((".docx", ".xlsx", ".pptx")) and 0 < size <= LIMIT


def write(data: bytes, fields: Mapping[str, Any]) -> bytes:
    """Return the package with these columns in its core and custom properties.

    What is no Office package comes back as it is.
    """
    parts = _parts(data)
    if parts is None or _TYPES not in parts:
        return data
    values = {
        name: _shown(value)
        for name, value in fields.items()
        if isinstance(value, (str, int, float))
    }
    parts[PART] = _custom({k: v for k, v in values.items() if k not in CORE})
    try:
        parts[_CORE] = _core(parts.get(_CORE, b""), values)
        for name, kind, mime in ((PART, _REL_KIND, _MIME), (_CORE, _CORE_REL, _CORE_TYPE)):
            _register(parts, name, kind, mime)
    except ParseError:
        return data
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, body in parts.items():
            package.writestr(zipfile.ZipInfo(name), body, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def read(data: bytes) -> dict[str, str]:
    """Return the file's custom and core properties, {} when it is no readable package."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            custom, core = (_small(package, name) for name in (PART, _CORE))
        found = {str(node.get("name")): "".join(node.itertext()) for node in _tree(custom)}
        about = _tree(core)
    except (zipfile.BadZipFile, ParseError, NotImplementedError, RuntimeError, EOFError, OSError):
        return {}  # encrypted, damaged or no package at all: SharePoint promotes nothing either
    return found | {name: text for name, tag in CORE.items() if (text := about.findtext(tag))}


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


def _core(body: bytes, values: Mapping[str, str]) -> bytes:
    """Write the columns that have a core property of their own; the other properties stay."""
    root = _tree(body) if body else ET.Element(f"{{{_CP}}}coreProperties")
    for name, tag in CORE.items():
        node = root.find(tag)
        if name in values:
            node = ET.SubElement(root, tag) if node is None else node
            node.text = values[name]
    for prefix, namespace in _PREFIXES.items():
        ET.register_namespace(prefix, namespace)
    return bytes(ET.tostring(root, encoding="UTF-8", xml_declaration=True))


def _register(parts: dict[str, bytes], name: str, kind: str, mime: str) -> None:
    """Name a part in the package's relationships and content types, unless it stands there."""
    rels, types = _entries(parts.get(_RELS), _RELS_NS), _entries(parts.get(_TYPES), _TYPES_NS)
    if not any(node.get("Type") == kind for node in rels):
        number = f"rIdPromoted{len(rels) + 1}"
        ET.SubElement(rels, f"{{{_RELS_NS}}}Relationship",
                      {"Id": number, "Type": kind, "Target": name})  # fmt: skip
    if not any(node.get("PartName") == f"/{name}" for node in types):
        ET.SubElement(types, f"{{{_TYPES_NS}}}Override",
                      {"PartName": f"/{name}", "ContentType": mime})  # fmt: skip
    for key, root, namespace in ((_RELS, rels, _RELS_NS), (_TYPES, types, _TYPES_NS)):
        ET.register_namespace("", namespace)
        parts[key] = bytes(ET.tostring(root, encoding="UTF-8", xml_declaration=True))


def _entries(body: bytes | None, namespace: str) -> ET.Element:
    tag = "Relationships" if namespace == _RELS_NS else "Types"
    return _tree(body) if body else ET.Element(f"{{{namespace}}}{tag}")
