"""Print headers and footers of a workbook's sheets: on every page that is printed, in no cell.

In the sheet they stand as text with codes (ECMA-376 part 1, 18.3.1.46: `&C` begins the centre,
`&"Arial,Bold"`, `&12` and `&K` tell how letters look, `&P` is the page's number).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from defusedxml import ElementTree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync.reading.package import Package

_SHEETS = re.compile(r"xl/(?:work|chart|dialog|macro)sheets/[^/]+\.xml")
_KINDS = ("worksheet+xml", "chartsheet+xml", "dialogsheet+xml", "macrosheet+xml")
_MARGINS = frozenset(
    f"{which}{end}" for which in ("odd", "even", "first") for end in ("Header", "Footer")
)
_SIGNS = tuple("headerFooter".encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be"))
_CODE = re.compile(
    r'&(?:"[^"]*"|K(?:[\dA-F]{6}|\d\d[+-]\d{3})|\d{1,3}|(.))', re.IGNORECASE | re.DOTALL
)
_LOOKS = frozenset("BEHIOSUXY")


def margins(package: Package) -> Iterator[str]:
    """Yield the print headers and footers of all sheets as staff see them on paper."""
    for name in package.matching(_SHEETS, *_KINDS):
        data = package.part(name)
        if any(sign in data for sign in _SIGNS):  # a sheet may be large, and most have none
            found = _Margins()
            parser = ElementTree.XMLParser(target=found, forbid_dtd=True)
            parser.feed(data)
            parser.close()
            yield from filter(None, map(shown, found.texts))


def shown(text: str) -> str:
    """Return a header or footer without its codes; its parts and fields begin new lines."""
    return _CODE.sub(_instead, text).strip()


def _instead(code: re.Match[str]) -> str:
    letter = code[1]
    if letter is None or letter.upper() in _LOOKS:
        return ""  # letters that only look different are still one word
    return "&" if letter == "&" else "\n"


class _Margins:
    """What a parser tells of a sheet, with nothing kept but its headers and footers."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._inside = False

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        if tag.rpartition("}")[2] in _MARGINS:
            self._inside = True
            self.texts.append("")

    def end(self, tag: str) -> None:
        if tag.rpartition("}")[2] in _MARGINS:
            self._inside = False

    def data(self, text: str) -> None:
        if self._inside:
            self.texts[-1] += text
