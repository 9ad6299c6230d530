"""Word documents: all text a reader could see, and the tables that may be the control block."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sync.reading.package import Package, local

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from sync.reading.block import Table

_BODY = re.compile(r"word/document\d*\.xml")
_AROUND = re.compile(r"word/(?:header|footer|footnotes|endnotes|comments)\d*\.xml")
_WRAPPERS = frozenset({"sdt", "sdtContent", "ins", "customXml", "smartTag"})
_BREAKS = {"p": "\n", "tr": "\n", "tc": "\t", "tab": "\t", "br": "\n", "cr": "\n"}
_HIDDEN = frozenset({"delText", "instrText"})


def is_word(names: tuple[str, ...]) -> bool:
    """Whether a package with these parts is a Word document (macro-enabled ones too)."""
    return any(_BODY.fullmatch(name) for name in names)


def read_word(package: Package) -> tuple[str, tuple[Table, ...]]:
    """Return a Word document's text and its tables.

    Headers, footers, notes, comments, text boxes and tracked deletions are text as well: what a
    reader can uncover counts as shared.
    """
    bodies = [package.xml(name) for name in package.matching(_BODY)]
    around = [package.xml(name) for name in package.matching(_AROUND)]
    text = "\n".join(_text(root) for root in bodies + around)
    return text, tuple(_table(table) for root in bodies for table in _named(root, "tbl"))


def _named(root: Element, name: str) -> Iterator[Element]:
    return (element for element in root.iter() if local(element) == name)


def _text(root: Element) -> str:
    """Put the pieces together; hidden pieces go last, so that they never touch a visible one."""
    shown: list[str] = []
    hidden: list[str] = []
    for element in root.iter():
        name = local(element)
        if name == "t":
            shown.append(element.text or "")
        elif name in _HIDDEN:
            hidden.append(element.text or "")
        elif name in _BREAKS:
            shown.append(_BREAKS[name])
    return "\n".join(["".join(shown), *hidden])


def _table(table: Element) -> Table:
    return tuple(
        tuple(_text(cell).strip() for cell in _children(row, "tc"))
        for row in _children(table, "tr")
    )


def _children(element: Element, name: str) -> Iterator[Element]:
    """Yield an element's own rows or cells, also from within content controls, not deeper."""
    for child in element:
        if local(child) == name:
            yield child
        elif local(child) in _WRAPPERS:
            yield from _children(child, name)
