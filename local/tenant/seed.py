"""The seed: a YAML page that says what is in the tenant; sowing it twice changes nothing."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

from cryptography import x509

from local.tenant import config, seed_sites
from local.tenant.seed_page import (
    Seed,
    SeedApp,
    SeedError,
    SeedGroup,
    SeedUser,
    parse,
    read,
)
from local.tenant.store import apps, directory, sites

if TYPE_CHECKING:
    from pathlib import Path

    from local.tenant.store.database import Store

__all__ = ["Seed", "SeedError", "parse", "read", "sow"]


def sow(store: Store, seed: Seed, folder: Path) -> None:
    """Put the seed into the tenant in one transaction; certificates are read from the folder."""
    with store.transaction():
        config.save(store, seed.tenant)
        store.put("domain", seed.tenant.domain)
        store.put("organization", seed.tenant.name)
        if not store.get("seed"):  # what `/_local/reset` goes back to
            store.put("seed", seed.model_dump_json())
            store.put("seed_folder", str(folder.resolve()))
        for user in seed.users:
            _sow_user(store, seed, user)
        for group in seed.groups:
            _sow_group(store, seed, group)
        for app in seed.apps:
            _sow_app(store, seed, app, folder)
        _sow_root(store, seed)
        nicknames = {group.nickname: _group_id(seed, group) for group in seed.groups}
        ground = seed_sites.Ground(store, folder, seed.tenant.sharepoint_host, nicknames)
        for site in seed.sites:
            seed_sites.sow_site(ground, site)
        for app in seed.apps:
            seed_sites.sow_grants(store, app)


def _sow_user(store: Store, seed: Seed, user: SeedUser) -> None:
    mail = user.upn if user.mail is None else user.mail or None
    number = user.id or _guid(seed, "user", user.upn)
    directory.put_user(store, directory.User(number, user.upn, user.name, mail, user.job_title,
                                             user.enabled, user.guest))  # fmt: skip


def _sow_group(store: Store, seed: Seed, group: SeedGroup) -> None:
    number = _group_id(seed, group)
    mail = f"{group.nickname}@{seed.tenant.domain}" if group.unified else None
    directory.put_group(store, directory.Group(number, group.name, group.nickname, mail,
                                               group.description, group.unified))  # fmt: skip
    for names, owner in ((group.members, False), (group.owners, True)):
        for upn in names:
            directory.add_member(store, number, _user_id(store, upn, group.name), owner=owner)


def _sow_app(store: Store, seed: Seed, app: SeedApp, folder: Path) -> None:
    number = app.id or _guid(seed, "app", app.client_id)
    apps.put_app(store, apps.App(
        app.client_id, number, app.name, app.roles, app.scopes, app.mailboxes, app.identifiers,
        json.dumps(app.assigned),
    ))  # fmt: skip
    for secret in app.secrets:
        apps.put_secret(store, app.client_id, secret)
    for name in app.certificates:
        _sow_certificate(store, app, folder, name)


def _sow_certificate(store: Store, app: SeedApp, folder: Path, text: str) -> None:
    """Register a certificate: PEM as it stands, or the file of that name."""
    inline = text.lstrip().startswith("-----BEGIN")
    called = "A certificate" if inline else str(folder / text)
    try:
        pem = text.encode() if inline else (folder / text).read_bytes()
        apps.put_certificate(store, app.client_id, pem)
    except OSError as error:
        raise SeedError(f"The certificate {called} of {app.name}: {error.strerror}") from error
    except (ValueError, x509.InvalidVersion) as error:
        raise SeedError(f"{called} of {app.name} holds no PEM certificate: {error}") from error


def _sow_root(store: Store, seed: Seed) -> None:
    if store.one("SELECT 1 FROM sites WHERE path=''") is None:
        owner = f"user:{_user_id(store, seed.owner, 'owner')}"
        sites.create(store, sites.NewSite(seed.tenant.sharepoint_host, "", seed.tenant.name, owner))


def _user_id(store: Store, upn: str, wanted_by: str) -> str:
    row = directory.user(store, upn)
    if row is None:
        raise SeedError(f"{wanted_by} names {upn}, who is not among the users")
    return str(row["id"])


def _group_id(seed: Seed, group: SeedGroup) -> str:
    return group.id or _guid(seed, "group", group.nickname)


def _guid(seed: Seed, kind: str, key: str) -> str:
    """Give what has no id of its own the same one at every reading."""
    return str(uuid.uuid5(uuid.UUID(seed.tenant.id), f"{kind}:{key.lower()}"))
