"""Sow the seed's sites: groups' members, libraries, columns, files, lists, grants of apps.

Everything is sown by name: what is there already is left as people made it.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from local.tenant.call import Principal
from local.tenant.errors import Refusal
from local.tenant.seed_page import SeedError
from local.tenant.store import bulk, columns, directory, files, ids, items, lists, principals, sites
from local.tenant.store.versions import Write

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from local.tenant.seed_page import SeedApp, SeedFile, SeedLibrary, SeedList, SeedMany, SeedSite
    from local.tenant.store.database import Store


@dataclass(frozen=True, slots=True)
class Ground:
    """Where it is sown: the store, the seed's folder, the site host, groups by nickname."""

    store: Store
    folder: Path
    host: str
    groups: Mapping[str, str]

    def user(self, upn: str, wanted_by: str) -> str:
        """Return the object id of a seeded user; SeedError when there is no such one."""
        row = directory.user(self.store, upn)
        if row is None:
            raise SeedError(f"{wanted_by} names {upn}, who is not among the users")
        return str(row["id"])

    def principal(self, upn: str, wanted_by: str) -> Principal:
        """Return the person who does what the seed says is done, through no app."""
        return Principal("", "graph", "user", self.user(upn, wanted_by))


def sow_site(ground: Ground, site: SeedSite) -> None:
    """Make a site with all that stands under it, or add what it lacks."""
    store, owner = ground.store, ground.user(site.owner, site.path)
    if store.one("SELECT 1 FROM sites WHERE path=?", site.path) is None:
        new = sites.NewSite(ground.host, site.path, site.title, f"user:{owner}", site.description,
                            site.template)  # fmt: skip
        sites.create(store, new)
    row = sites.by_path(store, site.path)
    named = (site.owners, site.members, site.visitors)
    for group, names in zip(sites.associated_groups(store, row["id"]), named, strict=True):
        for name in names:
            _join(ground, row, group, name)
    for library in site.libraries:
        with _named(f"{site.path}/{library.title}"):
            _sow_library(ground, row, library, site.owner)
    for each in site.lists:
        with _named(f"{site.path}/{each.title}"):
            _sow_list(ground, row, each, site.owner)


def sow_grants(store: Store, app: SeedApp) -> None:
    """Give an app its roles on single sites, once each."""
    for path, role in app.site_grants.items():
        with _named(f"{app.name}: site_grants: {path}"):
            site = sites.by_path(store, path)
        held = (site["id"], app.client_id)
        if store.run("UPDATE site_grants SET role=? WHERE site_id=? AND app_id=?", role,
                     *held).rowcount == 0:  # fmt: skip
            store.run("INSERT INTO site_grants VALUES (?,?,?,?)", ids.new_guid(), *held, role)
        principals.ensure_app(store, site["id"], app.client_id)


def _join(ground: Ground, site: sqlite3.Row, group: int, name: str) -> None:
    if (group_id := ground.groups.get(name)) is not None:
        member = principals.ensure_group(ground.store, site["id"], group_id)
    else:
        user = ground.user(name, site["path"])
        member = principals.ensure_user(ground.store, site["id"], user)
    principals.add_member(ground.store, site["id"], group, member)


def _sow_library(ground: Ground, site: sqlite3.Row, library: SeedLibrary, owner: str) -> None:
    row = _found(ground.store, site, library.title)
    if row is None:
        new = lists.NewList(library.title, "documentLibrary", library.description)
        actor = f"user:{ground.user(owner, library.title)}"
        row = lists.create(ground.store, site, new, actor)
    if library.settings:
        row = lists.update(ground.store, row, library.settings)
    _add_columns(ground.store, row, library.columns)
    for file in library.files:
        _sow_file(ground, row, file, ground.principal(file.by or owner, file.path))
    who = ground.principal(owner, library.title)
    for many in library.many:
        _sow_many(ground.store, row, many, who)


def _sow_list(ground: Ground, site: sqlite3.Row, new: SeedList, owner: str) -> None:
    row = _found(ground.store, site, new.title)
    how = Write(ground.principal(owner, new.title))
    if row is not None:
        _add_columns(ground.store, row, new.columns)
        return
    wanted = lists.NewList(new.title, new.template, new.description, columns=new.columns)
    row = lists.create(ground.store, site, wanted, how.actor)
    if new.settings:
        row = lists.update(ground.store, row, new.settings)
    for values in new.items:
        items.add(ground.store, row, items.NewItem("item", values=values), how)


def _found(store: Store, site: sqlite3.Row, title: str) -> sqlite3.Row | None:
    return store.one("SELECT * FROM lists WHERE site_id=? AND title=?", site["id"], title)


def _add_columns(
    store: Store, row: sqlite3.Row, definitions: Iterable[Mapping[str, object]]
) -> None:
    for definition in definitions:
        if columns.find(store, row["id"], str(definition.get("name"))) is None:
            columns.add(store, row["id"], definition)


def _sow_file(ground: Ground, row: sqlite3.Row, file: SeedFile, who: Principal) -> None:
    where, name = _make_folders(ground.store, row, file.path, Write(who))
    if items.exists(ground.store, row, where, name) is not None:
        return
    item = files.upload(ground.store, row, (where, name), _content(ground, file), Write(who))
    if file.columns:
        how = Write(who, version=False, touch=False)
        files.write_columns(ground.store, row, item, file.columns, how)


def _sow_many(store: Store, row: sqlite3.Row, many: SeedMany, who: Principal) -> None:
    inside = many.folder.strip("/")
    where = _make_folders(store, row, f"{inside}/-", Write(who))[0] if inside else ""
    wanted = bulk.Many(many.count, many.name, where, many.columns, many.bytes)
    bulk.fill(store, row, wanted, who)


def _make_folders(store: Store, row: sqlite3.Row, path: str, how: Write) -> tuple[str, str]:
    """Make the folders of a path that are missing; return (folder inside the list, name)."""
    *above, name = path.strip("/").split("/")
    where = ""
    for folder in above:
        if items.exists(store, row, where, folder) is None:
            items.add(store, row, items.NewItem("folder", folder, where), how)
        where = f"{where}/{folder}"
    return where, name


def _content(ground: Ground, file: SeedFile) -> bytes:
    if file.source is None:
        return (file.text or "").encode("utf-8")
    try:
        return (ground.folder / file.source).read_bytes()
    except OSError as error:
        raise SeedError(f"{file.path}: {file.source} cannot be read: {error.strerror}") from error


@contextmanager
def _named(place: str) -> Iterator[None]:
    """Say where in the seed it was that the tenant refused something."""
    try:
        yield
    except Refusal as refusal:
        raise SeedError(f"{place}: {refusal.message}") from refusal
