"""PDF files: the text layer, page by page; no script, action, link or attachment is touched."""

from __future__ import annotations

from io import BytesIO

from pypdf import PasswordType, PdfReader

from sync.model import ReadState
from sync.reading.limits import CannotRead, Limits


def read_pdf(data: bytes, limits: Limits) -> tuple[str, str]:
    """Return a PDF's text and its properties.

    Raises CannotRead when it asks for a password, has too many pages, or has no text layer (a
    scan). A file that opens with the empty password is readable by anyone and is read.
    """
    reader = PdfReader(BytesIO(data), strict=False)
    if reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED:
        raise CannotRead(ReadState.ENCRYPTED, "The PDF is protected by a password.")
    if len(reader.pages) > limits.pages:
        raise CannotRead(ReadState.TOO_LARGE, f"The PDF has more than {limits.pages} pages.")
    text = _pages(reader, limits)
    if not text.strip():
        raise CannotRead(ReadState.NO_TEXT, "The PDF has no text layer; it may be a scan.")
    return text, "\n".join(str(value) for value in (reader.metadata or {}).values())


def _pages(reader: PdfReader, limits: Limits) -> str:
    pages: list[str] = []
    total = 0
    for page in reader.pages:
        pages.append(page.extract_text())
        total += len(pages[-1])
        if total > limits.characters:
            raise CannotRead(ReadState.TOO_LARGE, "The PDF holds more text than is checked.")
    return "\n".join(pages)
