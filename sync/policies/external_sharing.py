"""A file of an open library is shared with the network's own people only.

Links that anybody, or everybody in the organisation, can open are taken away, and so is access for
people outside the member organisations; a guest from a member organisation counts as a member.
"Everyone" and whole groups are taken away too: nobody sees in the file who is in a group, or will
be. Sharing with named colleagues is nobody else's business and stays, and so does a group of the
directory that the library itself is open to.
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
VERSION = "2"
WORDS = {
    "anonymous": "The file is shared by a link that anyone can open, without signing in.",
    "organization": "The file is shared by a link that everyone in the organisation can open.",
}
"""What is said of a link that is for all, by its scope."""
CROWDS = {
    "everyone": "The file is open to everyone who can sign in, guests too.",
    "organization": "The file is open to everyone in the organisation.",
    "group": "The file is shared with a whole group, not with people by name.",
}
"""What is said of a group that is let in, by its scope."""


def check(document: Document, context: Context) -> Iterator[Finding]:
    """Yield one finding for all that lets in more people than the network's own."""
    if document.audience is None:
        return
    found = outward(document.audience, context.standard)
    if not found.links and not found.people:
        return
    says = _said(document.audience)
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


def _said(audience: Audience) -> list[str]:
    """Say what lets in whole crowds, each kind once."""
    links = {one.scope for one in audience.links}
    crowds = {one.scope for one in audience.crowds}
    if any(_is_group(who) for one in audience.links for who in one.people):
        crowds.add("group")
    said = [words for scope, words in WORDS.items() if scope in links]
    return said + [words for scope, words in CROWDS.items() if scope in crowds]


def outward(audience: Audience, standard: Standard) -> Revoke:
    """Return what would have to be taken away: links for all, crowds, whatever lets outsiders in.

    A crowd is wider than any place: "everyone" is what a link for the organisation is, and who is
    in a group of the directory changes without the file showing it (decision 10 knows an address
    as internal, never a group).
    """
    links = tuple(
        one.id
        for one in audience.links
        if one.scope in WORDS or any(not standard.is_internal(who) for who in one.people)
    )
    people = tuple(
        one.principal for one in audience.people if not standard.is_internal(one.address)
    )
    return Revoke(links, (*people, *(one.principal for one in audience.crowds)))


def _is_group(who: str) -> bool:
    """Whether a link is for a group: the directory's number stands for it, no address."""
    return bool(who) and "@" not in who


def outside(audience: Audience, standard: Standard) -> list[str]:
    """Return the domains of people outside the network that it is shared with, never names."""
    every = [one.address for one in audience.people]
    every += [who for link in audience.links for who in link.people]
    return sorted(
        {
            one.rpartition("@")[2]
            for one in every
            if not _is_group(one) and not standard.is_internal(one)
        }
    )
