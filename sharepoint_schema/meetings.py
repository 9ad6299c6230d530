"""Names of meeting papers: "NEB 2026-12-01 agenda.docx", body, day, kind, and a title if any."""

import re
from dataclasses import dataclass
from datetime import date

_NAME = re.compile(
    r"(?P<body>[A-Za-z][A-Za-z-]*) (?P<day>\d{4}-\d\d-\d\d) (?P<kind>agenda|papers|minutes|actions)"
    r"(?: (?P<title>[^.].*))?\.(?P<extension>[A-Za-z0-9]+)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class MeetingPaper:
    """A paper of one meeting, as its file name says."""

    body: str
    day: date
    kind: str
    title: str
    extension: str

    def __str__(self) -> str:
        """Return the file name."""
        title = f" {self.title}" if self.title else ""
        return f"{self.body} {self.day.isoformat()} {self.kind}{title}.{self.extension}"


def parse_meeting_paper(text: str) -> MeetingPaper | None:
    """Return what a file name says of its meeting; None when it is not in the agreed form."""
    found = _NAME.fullmatch(text)
    if found is None:
        return None
    try:
        day = date.fromisoformat(found["day"])
    except ValueError:  # no such day: 2026-02-30
        return None
    kind, title = found["kind"].lower(), found["title"] or ""
    return MeetingPaper(found["body"], day, kind, title, found["extension"])
