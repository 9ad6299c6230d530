"""What a file really is, told by its content; the name is asked only where content cannot tell.

A name is what somebody typed. A program called "minutes.docx" is a program, whatever it is called,
and a page saved from the web as .doc is no Word document.
"""

from __future__ import annotations

import re
from io import BytesIO

import olefile

PDF, ZIP, OLE = b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
EMPTY_ZIP = b"PK\x05\x06"
PDF_MARK_WITHIN = 1024  # bytes; ISO 32000 readers accept the header this far in
PDF_END = b"%%EOF"
ZIP_END_WITHIN = 22 + 65_535
"""Bytes from the end where an archive's last record begins: it and its comment."""
TEXT_NAMES = frozenset({"txt", "csv", "md", "log"})
OWN_NAMES = frozenset(
    {"docx", "docm", "dotx", "xlsx", "xlsm", "xltx", "pptx", "pptm", "odt", "ods", "odp"}
    | {"pdf", "msg", "zip"}
)
"""Kinds that are known by their content: a file of this name without it is damaged, or no such."""

SIGNATURES = (
    (b"\x7fELF", "program"),
    (b"\xca\xfe\xba\xbe", "program"),
    (b"\xfe\xed\xfa", "program"),
    (b"\xcf\xfa\xed\xfe", "program"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "program"),  # a Windows shortcut starts one
    (b"{\\rtf", "rtf"),
    (b"\x89PNG\r\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"Rar!\x1a\x07", "archive"),
    (b"\x1f\x8b\x08", "archive"),
)
WEB_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*"
    rb"<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
WEB_PAGE_WITHIN = 1024
PE_AT = 0x3C
"""Where a Windows program (after "MZ") keeps the place of its "PE" header."""

STREAMS = (
    ("EncryptedPackage", "encrypted"),
    ("__properties_version1.0", "msg"),
    ("WordDocument", "doc"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("PowerPoint Document", "ppt"),
)
ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")

PARTS = (
    (re.compile(r"word/document\d*\.xml"), "docx", "docm"),
    (re.compile(r"xl/workbook\.xml"), "xlsx", "xlsm"),
    (re.compile(r"ppt/presentation\d*\.xml"), "pptx", "pptm"),
)
MACROS = re.compile(r"(?:word|xl|ppt)/vbaProject\.bin", re.IGNORECASE)
CONTENT_TYPES = "[Content_Types].xml"
OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
OPEN_KINDS = {"text": "odt", "spreadsheet": "ods", "presentation": "odp"}


def kind_of(data: bytes, name: str) -> str:
    """Tell what a file really is, in a word such as "pdf", "msg", "doc", "program" or "text".

    "package" is any zip; `package_kind` tells which. "double" is a PDF and an archive at once.
    "damaged" has the name of a known kind and not its content; "other" is anything else.
    """
    extension = name.rpartition(".")[2].lower()
    pdf = PDF in data[:PDF_MARK_WITHIN]
    if pdf and _is_archive_too(data, extension):
        return "double"
    if data.startswith((ZIP, EMPTY_ZIP)):  # its first part may be a PDF that was not packed
        return "package"
    if pdf:
        return "pdf"
    if data.startswith(OLE):
        return _compound(data)
    return _signed(data) or _textual(data, extension)


def package_kind(names: tuple[str, ...], mime: str) -> str:
    """Tell which kind of package has these parts; `mime` is its "mimetype" part, "" without one.

    A macro-enabled file is "docm", "xlsm" or "pptm" whatever its name says.
    """
    for pattern, plain, macro in PARTS:
        if any(pattern.fullmatch(name) for name in names):
            return macro if any(MACROS.fullmatch(name) for name in names) else plain
    if mime.startswith(OPEN_DOCUMENT):
        shown = mime.removeprefix(OPEN_DOCUMENT).removesuffix("-template").strip()
        return OPEN_KINDS.get(shown, "other")
    if "META-INF/MANIFEST.MF" in names:
        return "program"
    return "other" if CONTENT_TYPES in names or mime else "zip"


def _is_archive_too(data: bytes, extension: str) -> bool:
    """Whether one program would open this PDF as a PDF and another as an archive.

    An archive is known by its end, a PDF by its beginning. One archive *within* a PDF, a file that
    hangs on it, is followed by the PDF's own end.
    """
    if data.startswith((ZIP, EMPTY_ZIP)):
        return extension == "pdf"
    at = data.rfind(EMPTY_ZIP, max(0, len(data) - ZIP_END_WITHIN))
    if at < 0:
        return False
    comment = int.from_bytes(data[at + 20 : at + 22], "little")
    return at + 22 + comment == len(data) or PDF_END not in data[at:]


def _signed(data: bytes) -> str:
    if data.startswith(b"MZ") and _is_program(data):
        return "program"
    return next((kind for mark, kind in SIGNATURES if data.startswith(mark)), "")


def _is_program(data: bytes) -> bool:
    """Whether a PE header stands where a Windows program says, or it is no text at any rate."""
    at = int.from_bytes(data[PE_AT : PE_AT + 4], "little")
    return data[at : at + 2] == b"PE" or b"\0" in data[:PE_AT]


def _textual(data: bytes, extension: str) -> str:
    if extension in TEXT_NAMES:
        return "csv" if extension == "csv" else "text"
    if extension == "eml" and b"\0" not in data:
        return "eml"
    if WEB_PAGE.match(data[:WEB_PAGE_WITHIN]):
        return "html"
    if data.startswith(b"#!"):
        return "program"
    return "damaged" if extension in OWN_NAMES else "other"


def _compound(data: bytes) -> str:
    """Tell the kinds that share Microsoft's old container by the streams they hold."""
    try:
        with olefile.OleFileIO(BytesIO(data)) as compound:
            streams = {path[0] for path in compound.listdir()}
    except (OSError, ValueError, LookupError, TypeError):  # torn: what can be seen of it decides
        return "encrypted" if ENCRYPTED_PACKAGE in data else "ole"
    return next((kind for stream, kind in STREAMS if stream in streams), "ole")
