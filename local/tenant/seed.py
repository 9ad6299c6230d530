"""The seed: a YAML page that says who is in the tenant; reading it twice changes nothing."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

from cryptography import x509
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from local.tenant import config
from local.tenant.config import GUID, Config
from local.tenant.store import apps, directory, sites

if TYPE_CHECKING:
    from pathlib import Path

    from local.tenant.store.database import Store


class SeedError(Exception):
    """The seed cannot be used; the message names the file, the place and what is wrong there."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SeedUser(_Strict):
    """`mail` is the UPN unless said; "" gives an account without a mailbox."""

    upn: str = Field(pattern=r"^[^@\s]+@[^@\s]+$")
    name: str
    id: str | None = Field(default=None, pattern=GUID)
    mail: str | None = None
    job_title: str | None = None
    enabled: bool = True
    guest: bool = False


class SeedGroup(_Strict):
    """An Entra group; members and owners by UPN. `unified` makes it a Microsoft 365 group."""

    name: str
    nickname: str
    id: str | None = Field(default=None, pattern=GUID)
    description: str | None = None
    unified: bool = False
    members: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()


class SeedApp(_Strict):
    """An app registration; certificates are PEM files, relative to the seed."""

    client_id: str = Field(pattern=GUID)
    name: str
    id: str | None = Field(default=None, pattern=GUID)
    secrets: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    mailboxes: frozenset[str] = frozenset()
    identifiers: frozenset[str] = frozenset()
    assigned: dict[str, tuple[str, ...]] = {}


class Seed(_Strict):
    """The whole page. `owner` (a UPN) owns the root site."""

    tenant: Config
    owner: str
    users: tuple[SeedUser, ...]
    groups: tuple[SeedGroup, ...] = ()
    apps: tuple[SeedApp, ...] = ()


def read(path: Path) -> Seed:
    """Read a seed; SeedError names every mistake in it."""
    try:
        data = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        return Seed.model_validate(data)
    except OSError as error:
        raise SeedError(f"{path} cannot be read: {error.strerror}") from error
    except YAMLError as error:
        raise SeedError(f"{path} is not YAML: {error}") from error
    except ValidationError as error:
        lines = [f"  {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise SeedError("\n".join([f"{path} is not a seed:", *lines])) from error


def sow(store: Store, seed: Seed, folder: Path) -> None:
    """Put the seed into the tenant in one transaction; certificates are read from the folder."""
    with store.transaction():
        config.save(store, seed.tenant)
        store.put("domain", seed.tenant.domain)
        store.put("organization", seed.tenant.name)
        for user in seed.users:
            _sow_user(store, seed, user)
        for group in seed.groups:
            _sow_group(store, seed, group)
        for app in seed.apps:
            _sow_app(store, seed, app, folder)
        _sow_root(store, seed)


def _sow_user(store: Store, seed: Seed, user: SeedUser) -> None:
    mail = user.upn if user.mail is None else user.mail or None
    number = user.id or _guid(seed, "user", user.upn)
    directory.put_user(store, directory.User(number, user.upn, user.name, mail, user.job_title,
                                             user.enabled, user.guest))  # fmt: skip


def _sow_group(store: Store, seed: Seed, group: SeedGroup) -> None:
    number = group.id or _guid(seed, "group", group.nickname)
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
        path = folder / name
        try:
            apps.put_certificate(store, app.client_id, path.read_bytes())
        except OSError as error:
            raise SeedError(f"The certificate {path} of {app.name}: {error.strerror}") from error
        except (ValueError, x509.InvalidVersion) as error:
            raise SeedError(f"{path} of {app.name} holds no PEM certificate: {error}") from error


def _sow_root(store: Store, seed: Seed) -> None:
    if store.one("SELECT 1 FROM sites WHERE path=''") is None:
        owner = f"user:{_user_id(store, seed.owner, 'owner')}"
        sites.create(store, sites.NewSite(seed.tenant.sharepoint_host, "", seed.tenant.name, owner))


def _user_id(store: Store, upn: str, wanted_by: str) -> str:
    row = directory.user(store, upn)
    if row is None:
        raise SeedError(f"{wanted_by} names {upn}, who is not among the users")
    return str(row["id"])


def _guid(seed: Seed, kind: str, key: str) -> str:
    """Give what has no id of its own the same one at every reading."""
    return str(uuid.uuid5(uuid.UUID(seed.tenant.id), f"{kind}:{key.lower()}"))
