"""Office files are zip packages of XML parts; here they are opened with a hard hand.

Sizes are checked from the directory before a byte is unpacked (zipfile never unpacks more than the
directory declares), XML may define no entities and no document type, and nothing is followed: no
link, no external relationship, no macro, no embedded file.
"""

from __future__ import annotations

import zipfile
from functools import cached_property
from io import BytesIO
from typing import TYPE_CHECKING

from defusedxml import ElementTree

from sync.model import ReadState
from sync.reading.kinds import CONTENT_TYPES
from sync.reading.limits import CannotRead, Limits

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Mapping
    from xml.etree.ElementTree import Element

ENCRYPTED_FLAG = 0x1


class Package:
    """A zip package whose declared sizes, `unpacked` bytes together, are within the limits."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._zip = zipfile.ZipFile(BytesIO(data))
        self._infos = {info.filename: info for info in self._zip.infolist()}
        _refuse_bombs(self._zip.infolist(), len(data), limits)
        _refuse_twins([info.filename for info in self._zip.infolist()])
        self.unpacked = sum(info.file_size for info in self._infos.values())
        if any(info.flag_bits & ENCRYPTED_FLAG for info in self._infos.values()):
            raise CannotRead(ReadState.ENCRYPTED, "The file is protected by a password.")

    def names(self) -> tuple[str, ...]:
        """Return the parts' names, folders left out, in the order of the alphabet."""
        return tuple(sorted(name for name in self._infos if not name.endswith("/")))

    def part(self, name: str) -> bytes:
        """Unpack one part."""
        return self._zip.read(self._infos[name])

    def xml(self, name: str) -> Element:
        """Parse one part; entities and document types are refused."""
        root: Element = ElementTree.fromstring(self.part(name), forbid_dtd=True)
        return root

    def matching(self, pattern: re.Pattern[str], *kinds: str) -> Iterator[str]:
        """Yield the names that match a pattern as a whole, or whose declared type ends in a kind.

        Office goes by what a package declares, so a part's name alone could hide it from us.
        """
        told = self._types if kinds else {}
        for name in self.names():
            if pattern.fullmatch(name) or (kinds and _type_of(name, told).endswith(kinds)):
                yield name

    @cached_property
    def _types(self) -> dict[str, str]:
        """The declared types by part ("/word/document.xml") and by extension (".xml")."""
        if CONTENT_TYPES not in self._infos:
            return {}
        return {
            (one.get("PartName") or f".{one.get('Extension', '')}").lower():
                one.get("ContentType", "")
            for one in self.xml(CONTENT_TYPES)
        }  # fmt: skip


def _type_of(name: str, told: Mapping[str, str]) -> str:
    own = told.get(f"/{name}".lower())
    return own if own is not None else told.get(f".{name.rpartition('.')[2]}".lower(), "")


def local(element: Element) -> str:
    """Return an element's name without its namespace (transitional and strict files differ)."""
    return str(element.tag).rpartition("}")[2]


def property_text(package: Package) -> str:
    """Return the text of the document's properties (title, subject, keywords, custom ones)."""
    values: list[str] = []
    for name in package.names():
        if name.startswith("docProps/") and name.endswith(".xml"):
            values += (piece.strip() for piece in package.xml(name).itertext() if piece.strip())
    return "\n".join(values)


def _refuse_twins(names: list[str]) -> None:
    """Refuse two parts of one name: which of them is shown depends on the program that opens it.

    In an Office file the names' case makes no difference (ECMA-376 part 2, 6.2.2.3).
    """
    office = CONTENT_TYPES in names
    known = {name.lower() for name in names} if office else set(names)
    if len(known) < len(names):
        why = "The file holds two parts of one name; only one of them would be checked."
        raise CannotRead(ReadState.UNREADABLE, why)


def _refuse_bombs(infos: list[zipfile.ZipInfo], packed: int, limits: Limits) -> None:
    unpacked = sum(info.file_size for info in infos)
    if len(infos) > limits.parts:
        raise CannotRead(ReadState.TOO_LARGE, f"The file has more than {limits.parts} parts.")
    if unpacked > limits.unzipped:
        raise CannotRead(
            ReadState.TOO_LARGE,
            f"The file would unpack to more than {limits.unzipped // 2**20} MiB.",
        )
    if unpacked > limits.small and unpacked > limits.ratio * packed:
        raise CannotRead(
            ReadState.TOO_LARGE,
            f"The file would unpack to more than {limits.ratio} times its size.",
        )
