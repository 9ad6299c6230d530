"""Outlook's own messages (.msg): a compound file with a stream for each property ([MS-OXMSG])."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import olefile

from sync.model import ReadState
from sync.reading.limits import CannotRead
from sync.reading.mail import Member, Message, html_text
from sync.reading.rtf import rtf_text, unpacked_rtf

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT, TEXT_8, BYTES, OBJECT = "001F", "001E", "0102", "000D"
"""Types of a property: UTF-16 text, text of one byte a letter, bytes, a message within."""

SAID = (("From", "0C1A"), ("From", "0C1F"), ("To", "0E04"), ("Cc", "0E03"), ("Subject", "0037"))
BODY, HTML, RTF = "1000", "1013", "1009"
DATA, LONG_NAME, SHORT_NAME, CONTENT_ID, KIND = "3701", "3707", "3704", "3712", "370E"
ATTACHED = "__attach_version1.0_"

Folder = tuple[str, ...]


def read_message(data: bytes, most: int) -> Message:
    """Read a message, those attached to it included; `most` bounds all its streams, in bytes."""
    with olefile.OleFileIO(BytesIO(data)) as compound:
        sizes = (compound.get_size("/".join(path)) for path in compound.listdir())
        if sum(sizes) > most:
            raise CannotRead(ReadState.TOO_LARGE, "The message holds more than is checked.")
        return _message(compound, ())


def _message(compound: olefile.OleFileIO, folder: Folder) -> Message:
    said = [f"{label}: {_text(compound, folder, tag)}" for label, tag in SAID]
    texts = ["\n".join([*said, _body(compound, folder)])]
    members: list[Member] = []
    for attached in _attachments(compound, folder):
        inner = (*attached, _stream(DATA, OBJECT))
        if compound.exists("/".join(inner)):  # a message forwarded inside this one is its text
            message = _message(compound, inner)
            texts.append(message.text)
            members += message.members
        elif not _is_shown_picture(compound, attached):
            name = _text(compound, attached, LONG_NAME) or _text(compound, attached, SHORT_NAME)
            members.append(Member(name, _bytes(compound, attached, DATA)))
    return Message("\n".join(texts), tuple(members))


def _attachments(compound: olefile.OleFileIO, folder: Folder) -> Iterator[Folder]:
    depth = len(folder)
    inside = (tuple(path) for path in compound.listdir() if tuple(path[:depth]) == folder)
    named = {path[: depth + 1] for path in inside if len(path) > depth + 1}
    return iter(sorted(path for path in named if path[depth].startswith(ATTACHED)))


def _body(compound: olefile.OleFileIO, folder: Folder) -> str:
    """Return the text: plain if there is one, else from HTML, else from Outlook's packed RTF."""
    if plain := _text(compound, folder, BODY):
        return plain
    if page := _bytes(compound, folder, HTML) or _text(compound, folder, HTML).encode():
        return html_text(page.decode("utf-8", errors="replace"))
    packed = _bytes(compound, folder, RTF)
    return rtf_text(unpacked_rtf(packed)) if packed else ""


def _text(compound: olefile.OleFileIO, folder: Folder, tag: str) -> str:
    if found := _read(compound, folder, _stream(tag, TEXT)):
        return found.decode("utf-16-le", errors="replace").rstrip("\0")
    found = _read(compound, folder, _stream(tag, TEXT_8))
    return found.decode("cp1252", errors="replace").rstrip("\0")


def _bytes(compound: olefile.OleFileIO, folder: Folder, tag: str) -> bytes:
    return _read(compound, folder, _stream(tag, BYTES))


def _read(compound: olefile.OleFileIO, folder: Folder, name: str) -> bytes:
    path = "/".join((*folder, name))
    if not compound.exists(path) or compound.get_type(path) != olefile.STGTY_STREAM:
        return b""
    with compound.openstream(path) as stream:
        content: bytes = stream.read()
    return content


def _stream(tag: str, kind: str) -> str:
    return f"__substg1.0_{tag}{kind}"


def _is_shown_picture(compound: olefile.OleFileIO, attached: Folder) -> bool:
    """Whether an attachment is a picture of the text itself (a logo), as in a Word document."""
    shown = bool(_text(compound, attached, CONTENT_ID))
    return shown and _text(compound, attached, KIND).startswith("image/")
