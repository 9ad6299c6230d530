"""What can go wrong between Verger and the world; the class says whether trying again helps.

VergerError
├── Transient               trying again can help; `retry_after` is the wait asked for, in seconds
│   ├── Throttled           429, or 503 with a wait: we asked for too much
│   ├── Unavailable         the service or the way to it is down (5xx, no connection, time-out)
│   ├── Locked              423: somebody edits it or holds it checked out
│   ├── NotReady            made, but not usable yet (a new site, a new group)
│   └── Stale               412: it has changed since we read it; read again, judge again
└── Terminal                trying the same again will not help
    ├── Misconfigured       a setting is missing or wrong
    ├── Refused             401 or 403: we may not
    ├── Missing             404: it is not there, or we may not see it
    ├── CursorGone          a delta link that no longer works; enumerate anew
    ├── Rejected            400, 409, 422 …: the request itself cannot be carried out
    └── BlockedByRecord     a retention label forbids it; a matter for a person

A broken governance rule is a finding (`sync.model`), never an error. Foreign exceptions are turned
into these in one place, `sync/tenant/translate.py`, with the cause kept by `raise … from`.

What an error says goes into logs, mails and the journal, and much of it is a service's own words:
it is one line, and no token stands in it.
"""

from __future__ import annotations

import re

LONGEST = 4_000
"""Characters of a sentence that are kept; a service may answer with a whole page."""
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
"""Control characters, ends of line of any kind, and what turns the direction of reading."""
_SECRET = re.compile(
    r"\beyJ[\w-]{8,}(?:\.[\w-]*)*"  # a JSON web token
    r"|(?<=tempauth=)[^&\s\"']+|(?<=access_token=)[^&\s\"']+|(?<=[?&]sig=)[^&\s\"']+",
    re.IGNORECASE,
)
"""What opens a door by itself: a token, a pre-authenticated link's, a signed address's."""


def one_line(text: str) -> str:
    """Return what a stranger said as one line fit for a log: no control character, no token."""
    return _SECRET.sub("…", _UNSEEN.sub(" ", text[:LONGEST]))


class VergerError(Exception):
    """Base of all. `says` is a sentence for a person; `doing` is what we were about.

    `status` is the HTTP status (None when there was no answer) and `code` the service's own code
    ("itemNotFound", "-2147018894"), so that a caller need never search the text.
    """

    def __init__(
        self, says: str, *, doing: str = "", status: int | None = None, code: str = ""
    ) -> None:
        self.says = one_line(says)
        self.doing = one_line(doing)
        self.status = status
        self.code = one_line(code)
        super().__init__(self.says)

    def __str__(self) -> str:
        """Return "could not read item 7: 404 itemNotFound: Item not found"."""
        answer = " ".join(str(part) for part in (self.status, self.code) if part)
        facts = f"{answer}: {self.says}" if answer else self.says
        return f"could not {self.doing}: {facts}" if self.doing else facts


class Transient(VergerError):
    """Trying again can help. `retry_after` is in seconds, None when the service named no wait.

    `maybe_done` is true when the request may have been carried out although no answer came.
    """

    def __init__(  # noqa: PLR0913 — the base's four facts and these two, all by name
        self,
        says: str,
        *,
        doing: str = "",
        status: int | None = None,
        code: str = "",
        retry_after: float | None = None,
        maybe_done: bool = False,
    ) -> None:
        super().__init__(says, doing=doing, status=status, code=code)
        self.retry_after = retry_after
        self.maybe_done = maybe_done


class Throttled(Transient):
    """We asked for more than our share; the whole app pauses."""


class Unavailable(Transient):
    """The service, or the way to it, is down."""


class Locked(Transient):
    """Somebody is editing it or holds it checked out; never forced."""


class NotReady(Transient):
    """It has been made but does not work yet."""


class Stale(Transient):
    """It changed between our reading and our writing; the answer is to read and judge again."""


class Terminal(VergerError):
    """Trying the same again will not help."""


class Misconfigured(Terminal):
    """A setting is missing or wrong; the sentence names it and the way out.

    The words are our own; there may be a line for each setting.
    """

    def __init__(self, says: str, *, doing: str = "", status: int | None = None) -> None:
        super().__init__(says, doing=doing, status=status)
        self.says = "\n".join(map(one_line, says.splitlines()))


class Refused(Terminal):
    """We are not allowed; the grant that is missing is a matter for an administrator."""


class Missing(Terminal):
    """It is not there, or we may not see it (SharePoint does not tell the two apart)."""


class CursorGone(Terminal):
    """A delta link no longer works.

    `kind` is the service's code ("resyncChangesApplyDifferences", "resyncRequired", …) and
    `location` the link from which to enumerate anew, None when the service gave none.
    """

    def __init__(
        self,
        says: str,
        *,
        doing: str = "",
        status: int | None = None,
        kind: str = "",
        location: str | None = None,
    ) -> None:
        super().__init__(says, doing=doing, status=status, code=kind)
        self.kind = kind
        self.location = location


class Rejected(Terminal):
    """The request cannot be carried out as it stands (a taken name, a value that does not fit)."""

    @property
    def name_taken(self) -> bool:
        """Whether another item already has the name asked for."""
        return self.code.partition(",")[0] in NAME_TAKEN


class BlockedByRecord(Terminal):
    """A retention label declares the item a record; a person decides."""


# Graph's code, and SharePoint's "already exists" numbers (office365 client 3.3.0, error classes)
NAME_TAKEN = frozenset({"nameAlreadyExists", "-2130575342", "-2130575257", "-2147024816"})
