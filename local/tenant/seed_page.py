"""The tenant file as a page: what may stand in it, and what is said when something is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from local.tenant.config import GUID, Config

if TYPE_CHECKING:
    from pathlib import Path

SITE = r"^/(sites|teams)/[^/]+$"


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
    """An app registration.

    A certificate is PEM, or the name of a PEM file relative to the seed. `site_grants` are what
    Sites.Selected is worth: {"/sites/quality": "write"}; "" is the root site.
    """

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
    site_grants: dict[str, str] = {}

    @model_validator(mode="after")
    def _known_roles(self) -> Self:
        known = ("read", "write", "manage", "fullcontrol", "owner")
        if wrong := sorted(set(self.site_grants.values()) - set(known)):
            raise ValueError(f"site_grants: {', '.join(wrong)} is none of {', '.join(known)}")
        return self


class SeedFile(_Strict):
    """A file at a path inside its library; its content is `text`, or that of the file `source`.

    `source` is relative to the seed; `by` (a UPN) uploads it, the site's owner unless said.
    """

    path: str
    text: str | None = None
    source: str | None = None
    by: str | None = None
    columns: dict[str, Any] = {}

    @model_validator(mode="after")
    def _one_content(self) -> Self:
        if (self.text is None) == (self.source is None):
            raise ValueError("a file has either text or source")
        return self


class SeedMany(_Strict):
    """Files by the thousand in one folder: {n} (or {n:06}) in name and columns counts from 1.

    `bytes` is the length of each; the library is filled up to `count`, not by `count` each time.
    """

    count: int = Field(gt=0)
    name: str = "File {n:06}.txt"
    folder: str = ""
    columns: dict[str, Any] = {}
    bytes: int = Field(default=32, ge=0)


class SeedList(_Strict):
    """A list with columns (Graph's columnDefinition) and items; rows are sown with a new list.

    `settings` are SharePoint's own (EnableMinorVersions, EnableModeration, ForceCheckout …).
    """

    title: str
    template: str = "genericList"
    description: str = ""
    settings: dict[str, Any] = {}
    columns: tuple[dict[str, Any], ...] = ()
    items: tuple[dict[str, Any], ...] = ()


class SeedLibrary(_Strict):
    """A document library; "Documents" is there already and gets what is said of it."""

    title: str
    description: str = ""
    settings: dict[str, Any] = {}
    columns: tuple[dict[str, Any], ...] = ()
    files: tuple[SeedFile, ...] = ()
    many: tuple[SeedMany, ...] = ()


class SeedSite(_Strict):
    """A site; `owner` is a UPN, members of its three groups are UPNs or groups' nicknames."""

    path: str = Field(pattern=SITE)
    title: str
    owner: str
    description: str = ""
    template: str = "STS#3"
    owners: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    visitors: tuple[str, ...] = ()
    libraries: tuple[SeedLibrary, ...] = ()
    lists: tuple[SeedList, ...] = ()


class Seed(_Strict):
    """The whole page. `owner` (a UPN) owns the root site."""

    tenant: Config
    owner: str
    users: tuple[SeedUser, ...]
    groups: tuple[SeedGroup, ...] = ()
    apps: tuple[SeedApp, ...] = ()
    sites: tuple[SeedSite, ...] = ()


def read(path: Path) -> Seed:
    """Read a seed; SeedError names every mistake in it."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SeedError(f"{path} cannot be read: {error.strerror}") from error
    return parse(text, str(path))


def parse(text: str, name: str) -> Seed:
    """Return the page that stands in a YAML (or JSON) text; `name` is what messages call it."""
    try:
        return Seed.model_validate(YAML(typ="safe").load(text))
    except YAMLError as error:
        raise SeedError(f"{name} is not YAML: {error}") from error
    except ValidationError as error:
        lines = [f"  {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise SeedError("\n".join([f"{name} is not a seed:", *lines])) from error
