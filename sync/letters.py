"""The one place where a mail is laid out: words from the standard, as simple HTML and as text.

HTML for readers and screen readers alike (WCAG 2.1 AA): the page's language and title, one main
heading, lists as lists, links that say where they lead, no colours or tables of its own. The text
part says the same. What can wait rests on weekends and bank holidays.
"""

from __future__ import annotations

import html
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from sharepoint_schema.working_days import is_working_day, next_working_day
from sync.model import SITE_TIME
from sync.model.identifiers import names_one
from sync.state.notices import NewNotice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sharepoint_schema.letters import Kind, Letters
    from sync.service import Service

POST_TIME = time(7, 30)
"""When mail that rested goes out on the next working day (UK time), with the day's digests."""


@dataclass(frozen=True, slots=True)
class Point:
    """One line of a list; with an `address` the line itself is the link."""

    says: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Points under a heading; without a heading they follow the opening."""

    points: tuple[Point, ...]
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail's parts in the order they are read. `link` is what the link to `address` says.

    `at_once` is false for one that rests on days that are not worked.
    """

    subject: str
    signed: str
    opening: str
    sections: tuple[Section, ...] = ()
    address: str = ""
    link: str = ""
    closing: str = ""
    at_once: bool = True

    def body(self) -> dict[str, str]:
        """Return the mail's two parts: {"html", "text"}."""
        return {"html": as_html(self), "text": as_text(self)}


def write(
    letters: Letters,
    kind: Kind,
    told: Mapping[str, str],
    points: Sequence[str] = (),
    address: str = "",
) -> Letter:
    """Fill in one kind's words with what is `told`; `points` become a list after the opening.

    A kind whose words have no link gets none, and an address that itself names what no mail may
    repeat is left out.
    """
    words = letters.mails[kind]
    address = "" if names_one(address) or not words.link else address
    return Letter(
        subject=words.subject.format_map(told),
        signed=letters.signed,
        opening=words.opening.format_map(told),
        sections=(Section(tuple(Point(one) for one in points)),) if points else (),
        address=address,
        link=(words.link or "").format_map(told) if address else "",
        closing=(words.closing or "").format_map(told),
        at_once=words.at_once,
    )


def notice(
    service: Service, letter: Letter, key: str, to: str, document_id: str | None = None
) -> NewNotice:
    """Return a letter ready to be queued, once for each `key`, for the mailbox `to`."""
    return NewNotice(
        idempotency_key=key,
        recipient=to,
        document_id=document_id,
        subject=letter.subject,
        body=letter.body(),
        not_before=None if letter.at_once else rests_until(service.now()),
    )


def rests_until(now: datetime) -> datetime | None:
    """Return when mail of a day that is not worked goes out (UTC); None on a working day."""
    day = now.astimezone(SITE_TIME).date()
    if is_working_day(day):
        return None
    return datetime.combine(next_working_day(day), POST_TIME, SITE_TIME).astimezone(UTC)


def with_sections(letter: Letter, sections: Sequence[Section]) -> Letter:
    """Return a letter that lists these sections after its opening."""
    return replace(letter, sections=tuple(sections))


def as_text(letter: Letter) -> str:
    """Lay a letter out as plain text, every address written out."""
    parts = [letter.opening]
    for section in letter.sections:
        lines = [section.heading] if section.heading else []
        for one in section.points:
            lines += [f"- {one.says}", *([f"  {one.address}"] if one.address else [])]
        parts.append("\n".join(lines))
    link = f"{letter.link}: {letter.address}" if letter.address else ""
    return "\n\n".join(part for part in (*parts, link, letter.closing, letter.signed) if part)


def as_html(letter: Letter) -> str:
    """Lay a letter out as simple, accessible HTML; nothing in it is taken as markup."""
    title, inside = html.escape(letter.subject), "".join(_parts(letter))
    return (
        f'<!DOCTYPE html><html lang="en-GB"><head><title>{title}</title></head>'
        f"<body><h1>{title}</h1>{inside}</body></html>"
    )


def _parts(letter: Letter) -> Iterator[str]:
    yield _tagged("p", letter.opening)
    for section in letter.sections:
        yield _tagged("h2", section.heading)
        points = (_linked(one.says, one.address) for one in section.points)
        yield f"<ul>{''.join(f'<li>{one}</li>' for one in points)}</ul>"
    if letter.address:
        yield f"<p>{_linked(letter.link, letter.address)}</p>"
    yield _tagged("p", letter.closing)
    yield _tagged("p", letter.signed)


def _tagged(tag: str, says: str) -> str:
    return f"<{tag}>{html.escape(says)}</{tag}>" if says else ""


def _linked(says: str, address: str) -> str:
    told = html.escape(says)
    return f'<a href="{html.escape(address, quote=True)}">{told}</a>' if address else told
