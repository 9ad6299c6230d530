"""Where Verger runs and as whom: every setting, read once from the environment (VERGER_…).

There is no local mode (decision 20): on one machine the three addresses point at the local tenant
and all else is as in the cloud. The deployed app refuses an address that is not Microsoft's.
"""

from __future__ import annotations

import difflib
import os
import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import AliasChoices, AnyHttpUrl, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from sync.errors import Misconfigured
from sync.hints import parse_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PREFIX = "VERGER_"
SETTINGS_FILE = "VERGER_SETTINGS"
STORAGE = "AzureWebJobsStorage"
LOGIN_HOST = "login.microsoftonline.com"
GRAPH_HOST = "graph.microsoft.com"
# Azure Functions and App Service put these into every instance
CLOUD_MARKS = ("WEBSITE_INSTANCE_ID", "WEBSITE_SITE_NAME")
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")  # what never leaves the machine may be plain http
MICROSOFT = (".microsoftonline.com", ".microsoft.com", ".sharepoint.com")

WAYS_OUT = {
    "tenant_id": "the directory (tenant) id from the Entra overview page",
    "client_id": "the application (client) id of this identity's app registration",
    "certificate": "a PEM file holding the app's certificate and its private key",
    "sharepoint_host": "the host of your SharePoint, e.g. wmin.sharepoint.com",
    "database_url": "e.g. sqlite+aiosqlite:///verger.db or postgresql+psycopg://…",
    "webhook_keys": "key ids with their secrets, e.g. k1:0a1b…,k2:… (hex, 32 bytes each)",
    "webhook_address": "the public https address under which Graph reaches this app",
}


class Settings(BaseSettings):
    """Everything the product must be told. Addresses are https; keys never appear in a repr."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True,
        hide_input_in_errors=True,  # a mistyped key is still a key
    )  # fmt: skip

    tenant_id: str
    client_id: str
    certificate: Path | None = Field(
        default=None, description="PEM with key; left out, the managed identity is used"
    )
    certificate_pem: SecretStr | None = Field(
        default=None, description="the same as text, as a Key Vault reference gives it"
    )
    managed_identity: str | None = Field(
        default=None, description="client id of a user-assigned managed identity"
    )
    sharepoint_host: str
    login_address: AnyHttpUrl = AnyHttpUrl(f"https://{LOGIN_HOST}")
    graph_address: AnyHttpUrl = AnyHttpUrl(f"https://{GRAPH_HOST}")
    sharepoint_address: AnyHttpUrl | None = None
    ca_file: Path | None = None
    database_url: str = Field(default="sqlite+aiosqlite:///verger.db", repr=False)
    storage: str | None = Field(
        default=None,
        repr=False,
        validation_alias=AliasChoices(STORAGE, "VERGER_STORAGE"),
    )
    webhook_address: AnyHttpUrl | None = None
    webhook_keys: Annotated[dict[str, bytes], NoDecode] = Field(default_factory=dict, repr=False)
    api_audience: str | None = Field(
        default=None, description="client id of the API's app registration: aud of its tokens"
    )
    role: Literal["enforcer", "provisioner"] = Field(
        default="enforcer", description="which of the two apps this one is (decision 19)"
    )
    mailbox: str | None = None
    user_agent: str = "NONISV|WMIN|Verger/0.1.0"
    roles: Path | None = Field(default=None, description="YAML of the people and apps by role")
    clock_file: Path | None = Field(
        default=None,
        description="seconds to add to the time of day, for rehearsals; never in Azure",
    )
    modes: Path | None = Field(
        default=None, description="YAML of policy modes over the shipped ones"
    )
    ru_per_minute: int = Field(
        default=1250, ge=60, description="resource units a minute; 1,250 up to 1,000 licences"
    )

    @field_validator("webhook_keys", mode="before")
    @classmethod
    def _keys(cls, value: object) -> object:
        return parse_keys(value) if isinstance(value, str) else value

    @field_validator("login_address", "graph_address", "sharepoint_address")
    @classmethod
    def _secure(cls, value: AnyHttpUrl | None) -> AnyHttpUrl | None:
        if value is not None and value.scheme != "https":
            raise ValueError(f"{value} is not https; tokens never travel in the clear")
        return value

    @field_validator("webhook_address")
    @classmethod
    def _reachable(cls, value: AnyHttpUrl | None) -> AnyHttpUrl | None:
        if value is not None and value.scheme != "https" and value.host not in LOOPBACK:
            raise ValueError(f"{value} is not https; Graph calls no other address")
        return value

    @field_validator("sharepoint_host")
    @classmethod
    def _host(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", value):
            raise ValueError(f"{value!r} is not a bare host name such as wmin.sharepoint.com")
        return value

    @field_validator("certificate", "ca_file", "roles", "modes")
    @classmethod
    def _there(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError(f"there is no file {value}")
        return value

    @cached_property
    def hosts(self) -> dict[str, str]:
        """Each real host name that is served from another address: name → "host:port".

        The admin and personal hosts of the tenant follow the SharePoint address.
        """
        name, _, rest = self.sharepoint_host.partition(".")
        sharepoint = (f"{name}.{rest}", f"{name}-admin.{rest}", f"{name}-my.{rest}")
        wanted = [(LOGIN_HOST, self.login_address), (GRAPH_HOST, self.graph_address)]
        if self.sharepoint_address is not None:
            wanted += [(host, self.sharepoint_address) for host in sharepoint]
        elsewhere = [(host, urlsplit(str(url))) for host, url in wanted]
        return {
            host: f"{url.hostname}:{url.port or 443}"
            for host, url in elsewhere
            if url.hostname not in (host, sharepoint[0])
        }


def load_settings() -> Settings:
    """Return the settings from the environment, over those of the file VERGER_SETTINGS names.

    Raises Misconfigured, naming every setting that is missing or wrong with the way out, and when
    the deployed app is told an address that is not Microsoft's.
    """
    file = os.environ.get(SETTINGS_FILE) or None
    if file is not None and not Path(file).is_file():
        raise Misconfigured(f"{SETTINGS_FILE} names {file}, but there is no such file")
    in_file = dotenv_values(file) if file else {}
    _refuse_unknown(in_file, os.environ)
    try:
        settings = Settings(_env_file=file)
    except ValidationError as error:
        raise Misconfigured(_words(error)) from error
    _refuse_foreign(settings, os.environ)
    return settings


def _refuse_unknown(in_file: Iterable[str], environ: Iterable[str]) -> None:
    """Raise on a misspelt name: it would silently leave its setting at the default."""
    known = {PREFIX + name.upper() for name in Settings.model_fields} | {SETTINGS_FILE}
    strangers = {name for name in (*in_file, *environ) if name.startswith(PREFIX)} - known
    for name in sorted(strangers):
        near = difflib.get_close_matches(name, known, 1, cutoff=0.85)
        if near or name in set(in_file):
            hint = f"; did you mean {near[0]}?" if near else ""
            raise Misconfigured(f"{name} is not a setting of Verger{hint}")


def _refuse_foreign(settings: Settings, told: Mapping[str, str]) -> None:
    if not any(told.get(mark) for mark in CLOUD_MARKS):
        return
    if settings.clock_file is not None:
        raise Misconfigured("VERGER_CLOCK_FILE is for rehearsals; remove it from the function app")
    for name in ("login_address", "graph_address", "sharepoint_address"):
        url = getattr(settings, name)
        if url is not None and not str(url.host).endswith(MICROSOFT):
            raise Misconfigured(
                f"{PREFIX}{name.upper()} is {url}, which is not Microsoft's; the deployed app "
                "talks to Microsoft only. Remove the setting from the function app."
            )


def _words(error: ValidationError) -> str:
    lines = []
    for problem in error.errors():
        name = str(problem["loc"][0]) if problem["loc"] else "?"
        way = WAYS_OUT.get(name, "")
        what = "is missing" if problem["type"] == "missing" else f"is wrong: {problem['msg']}"
        shown = name if name == STORAGE else PREFIX + name.upper()
        lines.append(f"{shown} {what}" + (f"; set it to {way}" if way else ""))
    return "\n".join(lines)
