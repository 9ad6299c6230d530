"""One file's bytes in, one `Reading` out: what it is, what it says, which content it holds.

The kind is told by content, never by the name alone. Runs in a process of its own (`pool.py`), so
that a file which hangs, or breaks a parser, takes nothing else down.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from pypdf.errors import PyPdfError

from sync.model import Reading, ReadState
from sync.reading.block import in_lines, in_tables
from sync.reading.content import content_id, raw_hash
from sync.reading.limits import CannotRead, Limits
from sync.reading.office import is_word, read_word
from sync.reading.package import Package, property_text
from sync.reading.pdf import read_pdf
from sync.reading.workbook import is_workbook, read_csv, read_workbook

if TYPE_CHECKING:
    from sync.reading.block import Table

PDF, ZIP, OLE = b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PDF_MARK_WITHIN = 1024  # bytes; ISO 32000 readers accept the header this far in
ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
TEXT_NAMES = frozenset({"txt", "csv", "md", "log"})
OWN_NAMES = frozenset({"docx", "docm", "dotx", "xlsx", "xlsm", "xltx", "pdf"})
MARKS = (b"\xff\xfe", b"\xfe\xff")

DAMAGE = (
    zipfile.BadZipFile, zlib.error, ParseError, PyPdfError, struct.error,
    ArithmeticError, AttributeError, EOFError, LookupError, NotImplementedError,
    OSError, RecursionError, TypeError, ValueError,
)  # fmt: skip
"""What the parsers raise on damaged files; anything else ends the process, and the pool tells."""


def read(data: bytes, name: str, limits: Limits) -> Reading:
    """Read a file's bytes; every outcome is a `Reading`, damaged files included."""
    if not data:
        return Reading(ReadState.EMPTY, "The file is empty (0 bytes).", raw_hash=raw_hash(data))
    kind = kind_of(data, name)
    base = Reading(ReadState.READ, kind=kind, content_id=raw_hash(data), raw_hash=raw_hash(data))
    try:
        return _read(data, base, limits)
    except CannotRead as refusal:
        return _refused(base, refusal.state, refusal.why)
    except MemoryError:
        return _refused(base, ReadState.TOO_LARGE, "The file needs more memory than is allowed.")
    except DAMAGE:
        return _refused(base, ReadState.UNREADABLE, "The file is damaged and cannot be opened.")


def kind_of(data: bytes, name: str) -> str:
    """Tell what a file really is: pdf, package, ole, text, csv, "damaged" or "other"."""
    extension = name.rpartition(".")[2].lower()
    if PDF in data[:PDF_MARK_WITHIN]:
        return "pdf"
    if data.startswith(ZIP):
        return "package"
    if data.startswith(OLE):
        return "ole"
    if extension in TEXT_NAMES:
        return "csv" if extension == "csv" else "text"
    return "damaged" if extension in OWN_NAMES else "other"


def _refused(base: Reading, state: ReadState, why: str) -> Reading:
    return Reading(state, why, base.kind, content_id=base.content_id, raw_hash=base.raw_hash)


def _read(data: bytes, base: Reading, limits: Limits) -> Reading:
    match base.kind:
        case "package":
            return _read_package(data, base, limits)
        case "pdf":
            text, properties = read_pdf(data, limits)
            return _result(base, text, properties=properties)
        case "text":
            return _result(base, _checked(_decoded(data), limits))
        case "csv":
            return _result(base, *read_csv(_checked(_decoded(data), limits), limits))
    raise _unreadable(data, base.kind)


def _read_package(data: bytes, base: Reading, limits: Limits) -> Reading:
    package = Package(data, limits)
    names = package.names()
    if is_word(names):
        base = _known(base, "docx", package)
        text, tables = read_word(package)
    elif is_workbook(names):
        base = _known(base, "xlsx", package)
        text, tables = read_workbook(data, package, limits)
    else:
        raise CannotRead(ReadState.UNSUPPORTED, "Text is not read from this kind of file.")
    return _result(base, _checked(text, limits), tables, properties=property_text(package))


def _known(base: Reading, kind: str, package: Package) -> Reading:
    return Reading(base.state, kind=kind, content_id=content_id(package), raw_hash=base.raw_hash)


def _result(
    base: Reading, text: str, tables: tuple[Table, ...] = (), *, properties: str = ""
) -> Reading:
    block = in_tables(tables) if tables else in_lines(text.splitlines())
    return Reading(
        ReadState.READ, "", base.kind, text, properties, block, base.content_id, base.raw_hash
    )


def _decoded(data: bytes) -> str:
    """Decode plain text as UTF-8, as UTF-16 when it says so, else as Windows writes it."""
    if data.startswith(MARKS):
        return data.decode("utf-16")
    if b"\0" in data:
        raise CannotRead(ReadState.UNREADABLE, "The file is not plain text, as its name says.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _checked(text: str, limits: Limits) -> str:
    if len(text) > limits.characters:
        raise CannotRead(ReadState.TOO_LARGE, "The file holds more text than is checked.")
    return text


def _unreadable(data: bytes, kind: str) -> CannotRead:
    if kind == "ole" and ENCRYPTED_PACKAGE in data:
        return CannotRead(ReadState.ENCRYPTED, "The file is protected by a password.")
    if kind == "ole":
        return CannotRead(
            ReadState.UNSUPPORTED, "Text is not read from the old Office formats or from messages."
        )
    if kind == "damaged":
        return CannotRead(ReadState.UNREADABLE, "The file is not what its name says, or damaged.")
    return CannotRead(ReadState.UNSUPPORTED, "Text is not read from this kind of file.")
