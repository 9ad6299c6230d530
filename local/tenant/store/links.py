"""Sharing links and invitations: a link is a hidden group that holds a role on one file or folder.

An organisation's link lets in every member of the tenant who opens it (`redeem`), an anonymous one
whoever does, signed in or not (`open_unsigned`); a link for named people lets them in at once.
Making one gives the item permissions of its own. A password bars an anonymous link from everybody
who does not send it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from local.tenant.errors import Refusal, access_denied, bad_request, not_found, unauthenticated
from local.tenant.store import access, changes, directory, ids, principals, quirks

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from local.tenant.call import Principal
    from local.tenant.store.access import Securable
    from local.tenant.store.database import Store

TABLES = """
CREATE TABLE IF NOT EXISTS links (
  id TEXT PRIMARY KEY, site_id TEXT NOT NULL, unique_id TEXT NOT NULL, kind TEXT NOT NULL,
  reach TEXT NOT NULL, principal_id INTEGER NOT NULL, token TEXT NOT NULL UNIQUE, url TEXT NOT NULL,
  expires TEXT NOT NULL, created_by TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS links_by_item ON links(unique_id);
CREATE TABLE IF NOT EXISTS link_passwords (
  link_id TEXT PRIMARY KEY, digest TEXT NOT NULL) WITHOUT ROWID;
"""

ANONYMOUS = "anonymous"
_GONE = "The sharing link no longer exists, or you do not have permission to access it."
_ROUNDS = 1_000  # of key derivation: passwords of tests, in a store of tests

ROLE = {
    "view": access.READER,
    "blocksDownload": access.READER,
    "review": access.READER,
    "edit": access.CONTRIBUTE,
}


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link to make: `kind` view or edit, `reach` anonymous, organization or users.

    `retain` keeps what was inherited; `people` are UPNs, mail addresses or object ids.
    """

    kind: str
    reach: str
    address: str
    people: Sequence[str] = ()
    expires: str = ""
    retain: bool = True
    password: str = ""


def create(store: Store, at: Securable, new: NewLink, who: Principal) -> sqlite3.Row:
    """Make the link, or return the item's existing one of that kind and reach.

    403 for an anonymous link where the tenant forbids them; 400 for a password on any other.
    """
    if new.reach == ANONYMOUS and not anonymous_allowed(store):
        raise _forbidden()
    if new.password and new.reach != ANONYMOUS:
        raise bad_request("Only anonymous links can have a password.")
    row = store.one(
        "SELECT * FROM links WHERE unique_id=? AND kind=? AND reach=? AND reach<>'users'",
        at.id,
        new.kind,
        new.reach,
    )
    if row is not None:
        return row
    own = access.break_inheritance(store, at, who, copy=new.retain, clear=False)
    link_id, token = ids.new_guid(), secrets.token_urlsafe(24)
    group = principals.add_link_group(
        store, at.site_id, link_id, f"SharingLinks.{at.id}.{new.kind}.{link_id}"
    )
    store.run(
        "INSERT INTO links VALUES (?,?,?,?,?,?,?,?,?,?)",
        link_id,
        at.site_id,
        at.id,
        new.kind,
        new.reach,
        group,
        token,
        f"{new.address}/{token}",
        new.expires,
        principals.actor_of(who),
    )
    access.assign(store, own, group, ROLE[new.kind], principals.actor_of(who))
    if new.password:
        digest = _digest(link_id, new.password)
        store.run("INSERT INTO link_passwords VALUES (?,?)", link_id, digest)
    for person in new.people:
        principals.add_member(
            store, at.site_id, group, principals.ensure_login(store, at.site_id, person)
        )
    return get(store, link_id)


def get(store: Store, link_id: str) -> sqlite3.Row:
    row = store.one("SELECT * FROM links WHERE id=?", link_id)
    if row is None:
        raise not_found()
    return row


def of_item(store: Store, unique_id: str) -> list[sqlite3.Row]:
    return store.all("SELECT * FROM links WHERE unique_id=? ORDER BY id", unique_id)


def remove(store: Store, row: sqlite3.Row, actor: str) -> None:
    """Delete a link: whoever came in by it is out."""
    principals.remove_group(store, row["site_id"], row["principal_id"])
    store.run("DELETE FROM links WHERE id=?", row["id"])
    store.run("DELETE FROM link_passwords WHERE link_id=?", row["id"])
    changes.record_security(
        store, row["site_id"], _list_of(store, row["unique_id"]), row["unique_id"], actor
    )


def _list_of(store: Store, unique_id: str) -> str:
    row = store.one("SELECT list_id FROM items WHERE unique_id=?", unique_id)
    return str(row["list_id"]) if row else ""


def redeem(store: Store, share: str, who: Principal) -> sqlite3.Row:
    """Open a link by its token, its address or Graph's `u!` encoding; returns it.

    403 for an expired link, for one with a password, for a guest on an organisation's link, and for
    a person it is not for.
    """
    row = _valid(store, share)
    if has_password(store, row):
        raise access_denied("The sharing link needs a password.")
    if who.user_id is None:
        return row
    number = principals.ensure_user(store, row["site_id"], who.user_id)
    inside = row["reach"] == "organization" and not directory.is_guest(store, who.user_id)
    if inside or row["reach"] == ANONYMOUS:
        principals.add_member(store, row["site_id"], row["principal_id"], number)
    if number not in {
        member["id"] for member in principals.members(store, row["site_id"], row["principal_id"])
    }:
        raise access_denied()
    return row


def _valid(store: Store, share: str) -> sqlite3.Row:
    """Return the link that a token or address means; 404 when it is gone, 403 when it is over."""
    row = store.one("SELECT * FROM links WHERE token=? OR url=?", share, _decoded(share))
    if row is None:
        raise not_found(_GONE)
    if row["expires"] and row["expires"] <= store.now().isoformat():
        raise access_denied("The sharing link has expired.")
    if row["reach"] == ANONYMOUS and not anonymous_allowed(store):
        raise _forbidden()
    return row


def open_unsigned(store: Store, token: str, password: str) -> sqlite3.Row:
    """Open an anonymous link without signing in; returns it.

    401 for a link of another kind (sign in first) and for a wrong password or none, 404 for a link
    that is gone, 403 for one that is over, forbids downloads, or is no longer allowed.
    """
    row = _valid(store, token)
    if row["reach"] != ANONYMOUS:
        raise unauthenticated("Sign in to open this link.")
    if not _fits(store, row, password):
        raise unauthenticated("This link needs its password.")
    if row["kind"] == "blocksDownload":
        raise access_denied("This link does not allow downloads.")
    return row


def has_password(store: Store, row: sqlite3.Row) -> bool:
    sql = "SELECT 1 FROM link_passwords WHERE link_id=?"
    return store.one(sql, row["id"]) is not None


def _fits(store: Store, row: sqlite3.Row, password: str) -> bool:
    known = store.one("SELECT digest FROM link_passwords WHERE link_id=?", row["id"])
    return known is None or hmac.compare_digest(known["digest"], _digest(row["id"], password))


def _digest(link_id: str, password: str) -> str:
    salt = link_id.encode()
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ROUNDS).hex()


def anonymous_allowed(store: Store) -> bool:
    """Whether the tenant lets files be shared with anyone (`quirks.ANONYMOUS_LINKS`)."""
    return quirks.get(store, quirks.ANONYMOUS_LINKS) is None


def _forbidden() -> Refusal:
    return access_denied("Sharing with anyone is turned off for this organisation.")


def _decoded(share: str) -> str:
    """Return the address inside `u!…` (base64url), anything else as it is."""
    if not share.startswith("u!"):
        return share
    text = share[2:]
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except ValueError:
        return share
