"""People and their groups as the directory keeps them; site groups live with `principals`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from local.tenant.store import apps, profiles

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.store.database import Store

TABLES = (
    profiles.TABLES
    + """
CREATE TABLE IF NOT EXISTS users (
    id TEXT PRIMARY KEY COLLATE NOCASE,
    upn TEXT NOT NULL UNIQUE COLLATE NOCASE,
    display_name TEXT NOT NULL,
    mail TEXT COLLATE NOCASE,
    job_title TEXT,
    enabled INTEGER NOT NULL DEFAULT 1,
    guest INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS users_by_mail ON users (mail);
CREATE TABLE IF NOT EXISTS groups (
    id TEXT PRIMARY KEY COLLATE NOCASE,
    display_name TEXT NOT NULL,
    nickname TEXT NOT NULL,
    mail TEXT COLLATE NOCASE,
    description TEXT,
    unified INTEGER NOT NULL DEFAULT 0,
    created TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS group_members (
    group_id TEXT NOT NULL COLLATE NOCASE REFERENCES groups (id) ON DELETE CASCADE,
    member_id TEXT NOT NULL COLLATE NOCASE,
    owner INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (group_id, member_id, owner)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS groups_by_member ON group_members (member_id);
"""
)


@dataclass(frozen=True, slots=True)
class User:
    """An account to be written. `mail` is None for an account without a mailbox."""

    id: str
    upn: str
    display_name: str
    mail: str | None = None
    job_title: str | None = None
    enabled: bool = True
    guest: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """An Entra group to be written; `unified` marks a Microsoft 365 group."""

    id: str
    display_name: str
    nickname: str
    mail: str | None = None
    description: str | None = None
    unified: bool = False


def tenant_id(store: Store) -> str:
    """Return the tenant's guid, as seeded."""
    return store.get("tenant_id")


def put_user(store: Store, user: User) -> None:
    """Add the account, or bring the one with this object id up to date."""
    store.run(
        "INSERT INTO users (id, upn, display_name, mail, job_title, enabled, guest)"
        " VALUES (?,?,?,?,?,?,?) ON CONFLICT(id) DO UPDATE SET upn=excluded.upn,"
        " display_name=excluded.display_name, mail=excluded.mail, job_title=excluded.job_title,"
        " enabled=excluded.enabled, guest=excluded.guest",
        user.id, user.upn, user.display_name, user.mail, user.job_title, user.enabled, user.guest,
    )  # fmt: skip
    profiles.note(store, user.id, profiles.USER)


def remove_user(store: Store, user_id: str) -> None:
    """Delete an account and take it out of every group."""
    for row in store.all("SELECT DISTINCT group_id FROM group_members WHERE member_id=?", user_id):
        profiles.note_member(store, row["group_id"], user_id, gone=True)
    store.run("DELETE FROM group_members WHERE member_id=?", user_id)
    store.run("DELETE FROM users WHERE id=?", user_id)
    profiles.forget(store, user_id, profiles.USER)


def user(store: Store, key: str) -> sqlite3.Row | None:
    """Find an account by object id, user principal name or mail address."""
    return store.one("SELECT * FROM users WHERE id=?1 OR upn=?1 OR mail=?1 LIMIT 1", key)


def users(store: Store) -> list[sqlite3.Row]:
    return store.all("SELECT * FROM users ORDER BY display_name, id")


def is_guest(store: Store, user_id: str) -> bool:
    row = user(store, user_id)
    return row is not None and bool(row["guest"])


def app_name(store: Store, client_id: str) -> str:
    """Return an app's display name, its client id when the tenant has no such registration."""
    found = apps.app(store, client_id)
    return client_id if found is None else found.name


def put_group(store: Store, group: Group) -> None:
    """Add the group, or bring the one with this id up to date."""
    store.run(
        "INSERT INTO groups (id, display_name, nickname, mail, description, unified, created)"
        " VALUES (?,?,?,?,?,?,?) ON CONFLICT(id) DO UPDATE SET display_name=excluded.display_name,"
        " nickname=excluded.nickname, mail=excluded.mail, description=excluded.description,"
        " unified=excluded.unified",
        group.id, group.display_name, group.nickname, group.mail, group.description,
        group.unified, store.stamp(),
    )  # fmt: skip
    profiles.note(store, group.id, profiles.GROUP)


def remove_group(store: Store, group_id: str) -> None:
    """Delete a group with its memberships, and take it out of other groups."""
    store.run("DELETE FROM group_members WHERE group_id=?1 OR member_id=?1", group_id)
    store.run("DELETE FROM groups WHERE id=?", group_id)
    profiles.forget(store, group_id, profiles.GROUP)


def group(store: Store, group_id: str) -> sqlite3.Row | None:
    return store.one("SELECT * FROM groups WHERE id=?1 OR mail=?1 LIMIT 1", group_id)


def groups(store: Store) -> list[sqlite3.Row]:
    return store.all("SELECT * FROM groups ORDER BY display_name, id")


def groups_of(store: Store, member_id: str) -> frozenset[str]:
    """Return the ids of all groups a person or group is in, directly or through another group."""
    rows = store.all(
        "WITH RECURSIVE up(id) AS (SELECT group_id FROM group_members WHERE member_id=? AND owner=0"
        " UNION SELECT m.group_id FROM group_members m JOIN up ON m.member_id=up.id"
        " WHERE m.owner=0) SELECT id FROM up",
        member_id,
    )
    return frozenset(str(row["id"]) for row in rows)


def direct_groups(store: Store, member_id: str) -> list[sqlite3.Row]:
    """Return the groups a person or group was itself put into."""
    return store.all(
        "SELECT groups.* FROM group_members JOIN groups ON groups.id=group_members.group_id"
        " WHERE member_id=? AND owner=0 ORDER BY groups.display_name",
        member_id,
    )


def member_groups(store: Store, group_id: str) -> list[sqlite3.Row]:
    """Return the groups that are members of a group."""
    return store.all(
        "SELECT groups.* FROM group_members JOIN groups ON groups.id=group_members.member_id"
        " WHERE group_id=? AND owner=0 ORDER BY groups.display_name",
        group_id,
    )


def members(store: Store, group_id: str, *, owners: bool = False) -> list[sqlite3.Row]:
    return store.all(
        "SELECT users.* FROM group_members JOIN users ON users.id=group_members.member_id"
        " WHERE group_id=? AND owner=? ORDER BY users.display_name",
        group_id, owners,
    )  # fmt: skip


def add_member(store: Store, group_id: str, member_id: str, *, owner: bool = False) -> bool:
    """Return whether the person or group was not yet in the group."""
    done = store.run(
        "INSERT OR IGNORE INTO group_members VALUES (?,?,?)", group_id, member_id, owner
    )
    if done.rowcount == 1 and not owner:
        profiles.note_member(store, group_id, member_id)
    return done.rowcount == 1


def remove_member(store: Store, group_id: str, member_id: str, *, owner: bool = False) -> bool:
    """Return whether the person or group was in the group."""
    done = store.run(
        "DELETE FROM group_members WHERE group_id=? AND member_id=? AND owner=?",
        group_id, member_id, owner,
    )  # fmt: skip
    if done.rowcount == 1 and not owner:
        profiles.note_member(store, group_id, member_id, gone=True)
    return done.rowcount == 1
