"""OpenDocument files (.odt, .ods, .odp): plain XML, so that no library is needed to read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.model import ReadState
from sync.reading.limits import CannotRead
from sync.reading.package import Package, local

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from sync.reading.block import Table

CONTENT, STYLES, META, MANIFEST = "content.xml", "styles.xml", "meta.xml", "META-INF/manifest.xml"
_ENDS = {"p": "\n", "h": "\n", "table-row": "\n", "table-cell": "\t", "line-break": "\n"}
_SINGLE = {"tab": "\t", "s": " "}
_GROUPS = frozenset({"table-header-rows", "table-rows", "table-row-group"})


def read_open(package: Package) -> tuple[str, tuple[Table, ...], str]:
    """Return the text, the tables and the properties.

    Notes, comments, headers, footers and tracked deletions are text as well. Raises CannotRead for
    a file with a password: OpenDocument encrypts its parts and leaves the package open.
    """
    names = package.names()
    if MANIFEST in names and any(
        local(one) == "encryption-data" for one in package.xml(MANIFEST).iter()
    ):
        raise CannotRead(ReadState.ENCRYPTED, "The file is protected by a password.")
    body = package.xml(CONTENT)
    roots = [body, *(package.xml(name) for name in (STYLES,) if name in names)]
    text = "\n".join("".join(_pieces(root)) for root in roots)
    tables = tuple(_table(one) for one in body.iter() if local(one) == "table")
    meta = package.xml(META).itertext() if META in names else ()
    return text, tables, "\n".join(piece.strip() for piece in meta if piece.strip())


def _pieces(element: Element) -> Iterator[str]:
    """Yield the text in reading order; a loop, since files may nest deeper than Python."""
    stack: list[Element | str] = [element]
    while stack:
        one = stack.pop()
        if isinstance(one, str):
            yield one
            continue
        yield _SINGLE.get(local(one), "")
        yield one.text or ""
        stack.append(_ENDS.get(local(one), ""))
        for child in reversed(one):
            stack += [child.tail or "", child]


def _table(table: Element) -> Table:
    return tuple(
        tuple("".join(_pieces(cell)).strip() for cell in row if local(cell) == "table-cell")
        for row in _rows(table)
    )


def _rows(table: Element) -> Iterator[Element]:
    for child in table:
        if local(child) == "table-row":
            yield child
        elif local(child) in _GROUPS:
            yield from _rows(child)
