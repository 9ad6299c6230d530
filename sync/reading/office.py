"""Word documents and slides: all text a reader could see, and the tables among it."""

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
_SLIDES = re.compile(r"ppt/slides/slide\d+\.xml")
_BESIDE = re.compile(
    r"ppt/(?:notesSlides/notesSlide|comments/(?:comment|modernComment_)\w*)\d*\.xml"
)
_MAIN, _SLIDE = "main+xml", ".slide+xml"
_NOTES = ("header+xml", "footer+xml", "footnotes+xml", "endnotes+xml", ".comments+xml")
_SPOKEN = (".notesSlide+xml", ".comments+xml")
"""How the types of such parts end, whatever made the file (ECMA-376 part 1, 11.3 and 13.3)."""
_WRAPPERS = frozenset({"sdt", "sdtContent", "ins", "customXml", "smartTag"})
_BREAKS = {"p": "\n", "tr": "\n", "tc": "\t", "tab": "\t", "br": "\n", "cr": "\n"}
_HIDDEN = frozenset({"delText", "instrText"})


def read_word(package: Package) -> tuple[str, tuple[Table, ...]]:
    """Return a Word document's text and its tables.

    Headers, footers, notes, comments, text boxes and tracked deletions are text as well: what a
    reader can uncover counts as shared.
    """
    bodies = [package.xml(name) for name in package.matching(_BODY, _MAIN)]
    around = [package.xml(name) for name in package.matching(_AROUND, *_NOTES)]
    text = "\n".join(_text(root) for root in bodies + around)
    return text, tuple(_table(table) for root in bodies for table in _named(root, "tbl"))


def read_slides(package: Package) -> tuple[str, tuple[Table, ...]]:
    """Return a presentation's text, slide by slide, then speaker's notes and comments; its tables.

    Hidden slides count: whoever opens the file can show them.
    """
    slides = [package.xml(name) for name in sorted(package.matching(_SLIDES, _SLIDE), key=_count)]
    beside = [package.xml(name) for name in sorted(package.matching(_BESIDE, *_SPOKEN), key=_count)]
    text = "\n".join(_text(root) for root in slides + beside)
    said = (one.text or "" for root in beside for one in _named(root, "text"))
    tables = tuple(_table(table) for root in slides for table in _named(root, "tbl"))
    return "\n".join([text, *said]), tables


def _count(name: str) -> tuple[int, str]:
    """Order slide10 after slide9."""
    digits = re.findall(r"\d+", name)
    return (int(digits[-1]) if digits else 0), name


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
