"""The letter that greets a new group's chair and facilitator: where their site is, what to do."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from sync.state.notices import NewNotice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sharepoint_schema.expand import SiteSpec
    from sync.state.requests import Request


def welcomes(request: Request, spec: SiteSpec, address: str) -> Iterator[NewNotice]:
    """Yield one mail for each of chair and facilitator; the same person gets one."""
    lines = tuple(_lines(request, spec))
    letter = {"html": _as_html(lines, address), "text": _as_text(lines, address)}
    for recipient in dict.fromkeys((request.wish["chair"], request.wish["facilitator"])):
        yield NewNotice(
            idempotency_key=f"sig-opened:{request.id}:{recipient}",
            recipient=recipient,
            subject=f"The site of your group is open: {request.wish['name']}",
            body=letter,
        )


def _lines(request: Request, spec: SiteSpec) -> Iterator[str]:
    yield (
        f"The site of the Special Interest Group {request.wish['name']} is open. Its chair is"
        f" {request.wish['chair']}, its facilitator {request.wish['facilitator']}."
    )
    for area in spec.lists:
        if area.description:
            yield f"{area.title}: {area.description}."
    yield (
        "Work in SharePoint as you always do. What Verger finds in a document stands beside it, in"
        " the column Control status; point at it to see why."
    )


def _as_text(lines: tuple[str, ...], address: str) -> str:
    first, *rest = lines
    body = "\n\n".join([first, f"The site: {address}", *rest])
    return f"{body}\n\nVerger, for the network's document control"


def _as_html(lines: tuple[str, ...], address: str) -> str:
    first, *rest = (html.escape(line) for line in lines)
    link = html.escape(address, quote=True)
    points = "".join(f"<p>{line}</p>" for line in rest)
    return (
        f'<html lang="en-GB"><body><p>{first}</p><p><a href="{link}">Open the site</a></p>{points}'
        "<p>Verger, for the network's document control</p></body></html>"
    )
