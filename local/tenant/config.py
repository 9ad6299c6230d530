"""The tenant's standing facts, put into its file by the seed and read by every part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from local.tenant.store.database import Store

GUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
_KEY = "config"


class Config(BaseModel):
    """Who the tenant is and how strictly it behaves.

    `licences` picks the throttling band (wire.md 4); `throttle` and `rate_limit_headers` switch the
    limits and the RateLimit-* headers; `chance` seeds whatever the service leaves open, such as
    whether a notification carries resourceData.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=GUID)
    name: str
    domain: str
    sharepoint_host: str = Field(pattern=r"^[a-z0-9-]+\.sharepoint\.com$")
    licences: int = Field(default=1000, gt=0)
    throttle: bool = True
    rate_limit_headers: bool = False
    chance: int = 0

    @property
    def sharepoint_hosts(self) -> tuple[str, ...]:
        """The tenant's three SharePoint hosts: sites, administration, personal sites."""
        name = self.sharepoint_host.removesuffix(".sharepoint.com")
        return tuple(f"{name}{part}.sharepoint.com" for part in ("", "-admin", "-my"))


def save(store: Store, config: Config) -> None:
    """Keep the facts; `tenant_id` and `sharepoint_host` also by themselves, for the store's use."""
    store.put(_KEY, config.model_dump_json())
    store.put("tenant_id", config.id)
    store.put("sharepoint_host", config.sharepoint_host)


def load(store: Store) -> Config:
    """Return the facts; ValueError when the data folder was never seeded."""
    text = store.get(_KEY)
    if not text:
        raise ValueError(f"{store.path} holds no tenant yet: start it once with --seed tenant.yaml")
    return Config.model_validate_json(text)
