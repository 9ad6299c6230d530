"""Mail as a file (.eml): what was said, by whom, to whom, and what hung on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from email import policy
from email.parser import BytesParser
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from sync.model import ReadState
from sync.reading.limits import CannotRead

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

HEADERS = ("From", "To", "Cc", "Bcc", "Subject", "Date")
UNSAID = frozenset({"script", "style", "title"})
BREAKS = frozenset({"p", "br", "div", "tr", "li", "h1", "h2", "h3", "table"})


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside a file: its own name and bytes."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Message:
    """A mail's own text (headers first) and the files that hang on it, shown pictures left out."""

    text: str
    members: tuple[Member, ...] = ()


def read_mail(data: bytes) -> Message:
    """Read a mail; a mail forwarded inside it counts as its text. No link or picture is fetched."""
    mail: EmailMessage = BytesParser(policy=policy.default).parsebytes(data)
    if not any(name in mail for name in HEADERS):
        raise CannotRead(ReadState.UNREADABLE, "The file is not a mail, as its name says.")
    texts: list[str] = []
    members: list[Member] = []
    for part in _parts(mail):
        if part.get_content_maintype() == "text" and not part.get_filename():
            texts.append(_text(part))
        elif not _is_shown_picture(part):
            members.append(Member(part.get_filename() or "", _bytes(part)))
    return Message("\n".join([*_headers(mail), *texts]), tuple(members))


def html_text(page: str) -> str:
    """Return what a reader of an HTML text sees, a line for each paragraph or table row."""
    reader = _Page()
    reader.feed(page)
    reader.close()
    return "".join(reader.pieces)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unsaid = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs  # what a tag carries is not seen
        self._unsaid += tag in UNSAID
        self.pieces.append("\n" if tag in BREAKS else "\t" if tag == "td" else "")

    def handle_endtag(self, tag: str) -> None:
        self._unsaid -= tag in UNSAID and self._unsaid > 0
        self.pieces.append("\n" if tag in BREAKS else "")

    def handle_data(self, data: str) -> None:
        if not self._unsaid:
            self.pieces.append(data)


def _parts(mail: EmailMessage) -> Iterator[EmailMessage]:
    for part in mail.walk():
        if not part.is_multipart():
            yield part


def _headers(mail: EmailMessage) -> Iterator[str]:
    for part in mail.walk():
        yield from (f"{name}: {part[name]}" for name in HEADERS if name in part)


def _text(part: EmailMessage) -> str:
    said = _bytes(part).decode(_charset(part), errors="replace")
    return html_text(said) if part.get_content_subtype() == "html" else said


def _charset(part: EmailMessage) -> str:
    """Return the character set a part names, if Python knows it; a sender may write anything."""
    named = part.get_content_charset() or "utf-8"
    try:
        "".encode(named)
    except LookupError:
        return "utf-8"
    return named


def _bytes(part: EmailMessage) -> bytes:
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _is_shown_picture(part: EmailMessage) -> bool:
    """Whether a part is a picture of the text itself (a logo), as in a Word document."""
    shown = "Content-ID" in part or part.get_content_disposition() == "inline"
    return part.get_content_maintype() == "image" and shown
