"""What a story is made of: rounds of acts by staff, and how each file is to end.

Between two rounds Verger comes to rest; the stories of one play share a site and are told side by
side, so every story has documents, numbers and texts of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from local.demo.writing import Control, to_docx
from tests.scenarios.staff import FIRST

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from tests.scenarios.staff import Staff

    type Act = Callable[[Staff], Awaitable[None] | None]

TODAY = datetime.now(UTC).date()
ADOPTED = TODAY - timedelta(days=30)
NUMBER = "999 123 4578"
"""A number of the NHS's own test range, with its right check digit."""
HELEN, OFFICER, DIRECTOR = "helen", "officer", "director"


@dataclass(frozen=True)
class Ending:
    """How one file ends; what is None or empty is not asked about.

    `says` are words of the reason beside the file; `unsaid` must not stand there; `opens` are those
    who can open the file; `mails` counts the mails about it by who got them; `row` is what came of
    the story's row of a native list.
    """

    file: str = FIRST
    name: str | None = None
    area: str | None = None
    folder: str | None = None
    status: str | None = None
    policies: tuple[str, ...] | None = None
    says: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()
    columns: Mapping[str, Any] = field(default_factory=dict)
    versions: tuple[str, ...] | None = None
    opens: frozenset[str] | None = None
    mails: Mapping[str, int] | None = None
    registry: Mapping[str, Any] = field(default_factory=dict)
    journal: frozenset[str] = frozenset()
    number: str | None = None
    gone: bool = False
    waits: str = ""


@dataclass(frozen=True)
class Story:
    """A rule of the network as staff meet it. `plain` stories are told in `make test` too."""

    rule: str
    rounds: tuple[tuple[Act, ...], ...]
    ends: tuple[Ending, ...]
    rows: Mapping[str, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)
    plain: bool = False


@dataclass(frozen=True)
class Play:
    """Stories told under the same modes; `days` pass after the last round."""

    name: str
    modes: str
    stories: tuple[Story, ...]
    days: int = 0


def do(verb: str, *given: Any, **named: Any) -> Act:
    """Return one act of staff, named as in `Staff`."""
    return lambda staff: getattr(staff, verb)(*given, **named)


def british(when: date) -> str:
    return f"{when:%d/%m/%Y}"


def later(months: int = 12) -> str:
    """Return the day a document adopted on ADOPTED is due for review."""
    return british(ADOPTED + timedelta(days=365 * months // 12))


def written(number: str, title: str, label: str = "V0.1", **more: Any) -> bytes:
    """Return a Word document with its control block; a published one is complete in its block.

    `more`: `text`, and the fields of the block that are not as usual.
    """
    text = more.pop("text", f"This is the text of {title}, {number or 'without a number'}.")
    whole = label.startswith("V") and "." not in label
    usual: dict[str, Any] = {
        "approved_by": f"Core Team meeting {british(ADOPTED)}" if whole else "",
        "audience": "all staff of the network",
        "history": ((label, british(ADOPTED), "Published"),) if whole else (),
    }
    if whole:
        usual |= {"adopted_on": british(ADOPTED), "review_on": later()}
    block = Control(title, label, number, **usual | more)
    return to_docx(title, (text,), block)


def plan(number: str, title: str, label: str = "V0.1", **more: Any) -> Act:
    """Return the upload of a plan under its right name."""
    return do("upload", f"{number} {title} {label}.docx", written(number, title, label, **more))


def misnamed(number: str, title: str) -> Act:
    """Return the upload of a document under a name that is not the agreed one."""
    return do("upload", f"{title.lower()}.docx", written(number, title))


def patient(title: str) -> bytes:
    """Return a Word document that holds a patient's number."""
    return without_block(title, f"Patient, NHS number {NUMBER}, seen for {title}.")


def without_block(title: str, *paragraphs: str) -> bytes:
    return to_docx(title, paragraphs)
