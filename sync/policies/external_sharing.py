"""A file of an open library is shared with the network's own people only.

Links that anybody, or everybody in the organisation, can open are taken away, and so is access for
people outside the member organisations; a guest from a member organisation counts as a member.
Sharing with named colleagues is nobody else's business and stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.model import Finding, Recipient, Revoke, Status, Tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sharepoint_schema.standard import Standard
    from sync.model import Audience, Context, Document

NEEDS = frozenset({"access"})
PERMISSIONS = ("Sites.Selected: fullcontrol",)
PARAMETERS = frozenset({"internal_domains"})
WORDS = {
    "anonymous": "The file is shared by a link that anyone can open, without signing in.",
    "organization": "The file is shared by a link that everyone in the organisation can open.",
}


def check(document: Document, context: Context) -> Iterator[Finding]:
    """Yield one finding for all that lets in more people than the network's own."""
    if document.audience is None:
        return
    found = outward(document.audience, context.standard)
    if not found.links and not found.people:
        return
    scopes = {one.scope for one in document.audience.links if one.id in found.links}
    says = [words for scope, words in WORDS.items() if scope in scopes]
    if domains := outside(document.audience, context.standard):
        says.append(f"The file is shared with somebody outside the network ({', '.join(domains)}).")
    yield Finding(
        says=" ".join(says),
        expected="Files are shared by name, with people of the member organisations.",
        how="Nothing to do: that access was taken away. Share the file with your colleagues by"
        " name; for somebody else, ask the site's owner.",
        waits="Take that access away. Share the file with your colleagues by name; for somebody"
        " else, ask the site's owner.",
        status=Status.CORRECTED,
        remedies=(found, Tell(Recipient.AUTHOR), Tell(Recipient.OWNER)),
    )


def outward(audience: Audience, standard: Standard) -> Revoke:
    """Return what would have to be taken away: links for all, links and access for outsiders."""
    links = tuple(
        one.id
        for one in audience.links
        if one.scope in WORDS or any(not standard.is_internal(who) for who in one.people)
    )
    people = tuple(
        one.principal for one in audience.people if not standard.is_internal(one.address)
    )
    return Revoke(links, people)


def outside(audience: Audience, standard: Standard) -> list[str]:
    """Return the domains of people outside the network that it is shared with, never names."""
    every = [one.address for one in audience.people]
    every += [who for link in audience.links for who in link.people]
    return sorted({one.rpartition("@")[2] for one in every if not standard.is_internal(one)})
