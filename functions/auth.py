"""Who calls the API: a bearer token, checked by key, issuer, audience, tenant and lifetime.

The token is all that counts: what a platform in front of us claims about the caller in a header
(X-MS-CLIENT-PRINCIPAL) is never read (decision 24). A refusal says nothing about its reason to the
caller; the reason is journalled. Lifetimes are in real time (decision 22).
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import jwt

from sync.callers import Caller, Role
from sync.errors import Misconfigured, Transient
from sync.tenant.signing_keys import issuer, signing_keys

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from sync.service import Service

ALGORITHM = "RS256"  # what Entra signs with; a token never chooses for itself
KEYS_LIVE = 24 * 3600.0
"""Seconds before the keys are asked for anew (Entra: at least once a day)."""
ASK_AGAIN = 60.0
"""Seconds between two questions brought about by an unknown key: strangers can name any."""
LEEWAY = 60  # seconds by which clocks may differ
LONGEST = 16_384  # characters of an Authorization header
SCOPE = "user_impersonation"
"""The API's one delegated scope: a person's token must have been asked for with it."""
REQUIRED = ["exp", "nbf", "iss", "aud", "tid", "oid"]

log = logging.getLogger("verger.auth")


class NotAuthenticated(Exception):
    """No token that we accept. `reason` is for the journal, never for the caller."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True)
class Keys:
    """The login service's public keys by id; read at first use, kept a day.

    While the service is away the keys at hand go on being used.
    """

    read: Callable[[], Awaitable[Sequence[Mapping[str, Any]]]]
    clock: Callable[[], float] = time.monotonic
    _keys: dict[str, jwt.PyJWK] = field(default_factory=dict)
    _read_at: float | None = None

    async def find(self, key_id: str) -> jwt.PyJWK | None:
        """Return the key, asking again for an unknown one; None when there is no such key."""
        age = None if self._read_at is None else self.clock() - self._read_at
        if age is None or age > KEYS_LIVE or (key_id not in self._keys and age > ASK_AGAIN):
            await self._refresh()
        return self._keys.get(key_id)

    async def _refresh(self) -> None:
        try:
            found = await self.read()
        except Transient as error:
            if not self._keys:
                raise
            log.warning("going on with the keys at hand: %s", error)
        else:
            self._keys = {str(one["kid"]): jwt.PyJWK(dict(one)) for one in found if _signs(one)}
        self._read_at = self.clock()


def _signs(key: Mapping[str, Any]) -> bool:
    return key.get("kty") == "RSA" and key.get("use", "sig") == "sig" and "kid" in key


@dataclass(frozen=True, slots=True)
class Door:
    """Lets callers of one API in: `tenant_id` and `audience` are what their tokens must say."""

    tenant_id: str
    audience: str
    keys: Keys

    async def admit(self, authorization: str | None) -> Caller:
        """Return who the Authorization header proves its sender to be.

        Raises NotAuthenticated, and Unavailable while no key was ever read.
        """
        token = _bearer(authorization or "")
        try:
            key_id = jwt.get_unverified_header(token).get("kid")
            key = await self.keys.find(str(key_id))
            if key is None:
                raise NotAuthenticated("unknown key")
            claims = self._claims(token, key)
        except jwt.InvalidTokenError as error:
            raise NotAuthenticated(type(error).__name__) from error
        return _caller(claims)

    def _claims(self, token: str, key: jwt.PyJWK) -> dict[str, Any]:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=self.audience,
            issuer=issuer(self.tenant_id),
            leeway=LEEWAY,
            options={"require": REQUIRED},
        )
        if claims["tid"] != self.tenant_id:
            raise NotAuthenticated("another tenant")
        return claims


def _bearer(header: str) -> str:
    scheme, _, token = header.partition(" ")
    if scheme.casefold() != "bearer" or not token:
        raise NotAuthenticated("no bearer token")
    if len(header) > LONGEST:
        raise NotAuthenticated("too long")
    return token.strip()


def _caller(claims: Mapping[str, Any]) -> Caller:
    """Read a person's token (it has scopes) or an app's own (it has roles alone)."""
    scopes = str(claims.get("scp", "")).split()
    roles = claims.get("roles")
    person = bool(scopes)
    if person and SCOPE not in scopes:
        raise NotAuthenticated("not for this API's scope")
    if not person and claims.get("idtyp", "app") != "app":
        raise NotAuthenticated("neither a person's nor an app's")
    named = str(claims.get("name") or claims.get("app_displayname") or claims["oid"])
    return Caller(
        oid=str(claims["oid"]),
        name=" ".join(named.split())[:255],
        roles=Role.of(roles if isinstance(roles, list) else ()),
        person=person,
    )


def open_door(service: Service) -> Door:
    """Return the door of this service's API. Raises Misconfigured when it has no audience."""
    settings = service.settings
    if settings.api_audience is None:
        raise Misconfigured(
            "VERGER_API_AUDIENCE is missing; set it to the client id of the API's registration"
        )
    keys = Keys(lambda: signing_keys(service.tenant))
    return Door(settings.tenant_id, settings.api_audience, keys)
