"""One file's bytes in, one `Reading` out: what it is, what it says, which content it holds.

The kind is told by content, never by the name alone. Runs in a process of its own (`pool.py`), so
that a file which hangs, or breaks a parser, takes nothing else down.
"""

from __future__ import annotations

import csv
import struct
import zipfile
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING

from pypdf.errors import PyPdfError

from sync.model import Reading, ReadState
from sync.reading import inside
from sync.reading.block import in_lines, in_tables
from sync.reading.content import content_id, raw_hash
from sync.reading.kinds import CONTENT_TYPES, kind_of, package_kind
from sync.reading.likeness import likeness, text_id, words_of
from sync.reading.limits import CannotRead, Limits
from sync.reading.mail import Member, Message, read_mail
from sync.reading.office import read_slides, read_word
from sync.reading.opendocument import read_open
from sync.reading.outlook import read_message
from sync.reading.package import Package, property_text
from sync.reading.pdf import read_pdf
from sync.reading.signs import legible
from sync.reading.workbook import read_csv, read_workbook

if TYPE_CHECKING:
    from sync.reading.block import Table

MARKS = (b"\xff\xfe", b"\xfe\xff")
MIME_PART = "mimetype"

DAMAGE = (
    csv.Error, zipfile.BadZipFile, zlib.error, SyntaxError, PyPdfError, struct.error,
    ArithmeticError, AttributeError, EOFError, LookupError, NotImplementedError,
    OSError, RecursionError, TypeError, ValueError,
)  # fmt: skip
"""What the parsers raise on damaged files (both XML libraries: a SyntaxError).

Anything else ends the process, and the pool tells.
"""

NOT_READ = {
    "encrypted": (ReadState.ENCRYPTED, "The file is protected by a password."),
    "doc": (ReadState.UNSUPPORTED, "The text of old Word files (.doc) is not read."),
    "xls": (ReadState.UNSUPPORTED, "The text of old Excel files (.xls) is not read."),
    "ppt": (ReadState.UNSUPPORTED, "The text of old PowerPoint files (.ppt) is not read."),
    "ole": (ReadState.UNSUPPORTED, "Text is not read from the old Office formats."),
    "damaged": (ReadState.UNREADABLE, "The file is not what its name says, or damaged."),
    "double": (
        ReadState.UNREADABLE,
        "The file is a PDF and an archive at once; only one of them would be checked.",
    ),
    "program": (ReadState.UNSUPPORTED, "The file is a program; programs are not opened."),
    "image": (ReadState.UNSUPPORTED, "The file is a picture; text in pictures is not read."),
    "archive": (ReadState.UNSUPPORTED, "This kind of archive is not opened."),
    "html": (ReadState.UNSUPPORTED, "The file is a web page; web pages are not read."),
}
OTHER = (ReadState.UNSUPPORTED, "Text is not read from this kind of file.")
NESTED = "It is an archive, or a mail with attachments, inside another one."


def read(data: bytes, name: str, limits: Limits) -> Reading:
    """Read a file's bytes; every outcome is a `Reading`, damaged files included."""
    return _read_one(data, name, limits, outer=True)[0]


def _read_one(data: bytes, name: str, limits: Limits, *, outer: bool) -> tuple[Reading, int]:
    """Return the reading and how many bytes the file unpacked to."""
    if not data:
        empty = Reading(ReadState.EMPTY, "The file is empty (0 bytes).", raw_hash=raw_hash(data))
        return empty, 0
    kind = kind_of(data, name)
    base = Reading(ReadState.READ, kind=kind, content_id=raw_hash(data), raw_hash=raw_hash(data))
    package = None
    try:
        if kind == "package":
            package = Package(data, limits)
            base = _as_package(base, package)
        return _read(data, base, package, limits, outer=outer), _size(data, package)
    except CannotRead as refusal:
        refused = _refused(base, refusal.state, refusal.why)
    except MemoryError:
        why = "The file needs more memory than is allowed."
        refused = _refused(base, ReadState.TOO_LARGE, why)
    except DAMAGE:
        why = "The file is damaged and cannot be opened."
        refused = _refused(base, ReadState.UNREADABLE, why)
    return refused, _size(data, package)


def _size(data: bytes, package: Package | None) -> int:
    return len(data) if package is None else package.unpacked


def _refused(base: Reading, state: ReadState, why: str) -> Reading:
    return replace(base, state=state, why=why)


def _as_package(base: Reading, package: Package) -> Reading:
    """Tell which kind of package it is, and its content_id: that of its parts for Office files."""
    names = package.names()
    mime = package.part(MIME_PART).decode("latin-1").strip() if MIME_PART in names else ""
    kind = package_kind(names, mime)
    office = CONTENT_TYPES in names and kind != "zip"
    return replace(base, kind=kind, content_id=content_id(package) if office else base.content_id)


def _read(
    data: bytes, base: Reading, package: Package | None, limits: Limits, *, outer: bool
) -> Reading:
    if package is not None and base.kind != "zip":
        return _read_package(data, base, package, limits)
    match base.kind:
        case "pdf":
            text, properties = read_pdf(data, limits)
            return _result(base, text, properties=properties)
        case "text":
            return _result(base, _checked(_decoded(data), limits))
        case "csv":
            return _result(base, *read_csv(_checked(_decoded(data), limits), limits))
        case "zip" | "eml" | "msg":
            return _read_container(data, base, package, limits, outer=outer)
    raise CannotRead(*NOT_READ.get(base.kind, OTHER))


def _read_package(data: bytes, base: Reading, package: Package, limits: Limits) -> Reading:
    match base.kind:
        case "docx" | "docm":
            text, tables = read_word(package)
        case "pptx" | "pptm":
            text, tables = read_slides(package)
        case "xlsx" | "xlsm":
            text, tables = read_workbook(data, package, limits)
        case "odt" | "ods" | "odp":
            text, tables, properties = read_open(package)
            return _result(base, _checked(text, limits), tables, properties=properties)
        case _:
            raise CannotRead(*NOT_READ.get(base.kind, OTHER))
    return _result(base, _checked(text, limits), tables, properties=property_text(package))


def _read_container(
    data: bytes, base: Reading, package: Package | None, limits: Limits, *, outer: bool
) -> Reading:
    """Read a mail or an archive with the files inside it, one level deep (decision 9)."""
    if package is not None:
        message, members = Message(""), inside.members_of(package)
    else:
        message = read_mail(data) if base.kind == "eml" else read_message(data, limits.unzipped)
        members = iter(message.members)
    text = _checked(message.text, limits)
    if not outer and (package is not None or message.members):
        refused = _refused(base, ReadState.UNSUPPORTED, NESTED)
        return replace(refused, text=legible(text))
    left = limits.less(characters=len(text))
    found = inside.read_inside(members, left, _member)
    return Reading(
        state=found.state,
        why=found.why,
        kind=base.kind,
        text=legible("\n".join(filter(None, [text, found.text]))),
        properties=found.properties,
        content_id=base.content_id,
        raw_hash=base.raw_hash,
        holds=found.kinds,
    )


def _member(member: Member, limits: Limits) -> tuple[Reading, int]:
    return _read_one(member.data, member.name, limits, outer=False)


def _result(
    base: Reading, text: str, tables: tuple[Table, ...] = (), *, properties: str = ""
) -> Reading:
    text = legible(text)
    block = in_tables(tables) if tables else in_lines(text.splitlines())
    said = words_of(text, block)
    return replace(
        base,
        text=text,
        properties=legible(properties),
        block=block,
        words=len(said),
        text_id=text_id(said),
        likeness=likeness(said),
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
