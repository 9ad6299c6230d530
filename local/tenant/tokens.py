"""Access tokens as Entra writes them: signed, for one API, saying who asks and by what proof."""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from local.tenant.call import Principal
from local.tenant.errors import unauthenticated
from local.tenant.store import apps

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.config import Config
    from local.tenant.store.apps import App
    from local.tenant.store.database import Store

LIFE = 3599  # seconds of real time (decisions.md 22)
GRAPH = "https://graph.microsoft.com"
GRAPH_NAMES = frozenset({GRAPH, f"{GRAPH}/", "00000003-0000-0000-c000-000000000000"})
SHAREPOINT_APP = "00000003-0000-0ff1-ce00-000000000000"
_ACR = {"user": "0", "secret": "1", "certificate": "2"}
_PROOF = {acr: proof for proof, acr in _ACR.items()}
_CACHE = 2000


@dataclass(frozen=True, slots=True)
class Audience:
    """An API a token can be for: `claim` is what stands in aud, `api` is set for our own apps."""

    name: str
    claim: str
    api: App | None = None


class Tokens:
    """Issues and checks the tenant's tokens with one RSA key kept in its file."""

    def __init__(self, store: Store, config: Config) -> None:
        self._store = store
        self._config = config
        self._key = _signing_key(store)
        public = self._key.public_key()
        self.jwk: dict[str, Any] = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(public))
        self.jwk |= {"use": "sig", "alg": "RS256", "kid": _key_id(public)}
        self._public = public
        self._seen: dict[str, tuple[Principal, float]] = {}

    def audience(self, resource: str) -> Audience | None:
        """Say which API a resource address or id means, None for an unknown one."""
        if not resource or resource in GRAPH_NAMES:
            return Audience("graph", GRAPH)
        bare = resource.removeprefix("https://").rstrip("/").lower()
        if bare in self._config.sharepoint_hosts:
            return Audience("sharepoint", f"https://{bare}")
        if bare.partition("/")[0] == SHAREPOINT_APP:
            return Audience("sharepoint", f"https://{self._config.sharepoint_host}")
        api = apps.by_audience(self._store, resource)
        return None if api is None else Audience("api", api.client_id, api)

    def for_app(self, app: App, audience: Audience, proof: str) -> str:
        """Issue an app-only token; `proof` is "secret" or "certificate"."""
        roles = audience.api.roles_of(app.name) if audience.api else _roles(app.roles, audience)
        return self._sign(
            app,
            audience,
            proof,
            {"idtyp": "app", "oid": app.oid, "sub": app.oid, "roles": sorted(roles)},
        )

    def for_user(self, app: App, user: sqlite3.Row, audience: Audience, scopes: list[str]) -> str:
        """Issue a delegated token: the app acts as this user within these scopes."""
        claims: dict[str, Any] = {
            "idtyp": "user",
            "oid": user["id"],
            "sub": user["id"],
            "upn": user["upn"],
            "unique_name": user["upn"],
            "preferred_username": user["upn"],
            "name": user["display_name"],
            "scp": " ".join(scopes),
        }
        if audience.api:
            claims["roles"] = sorted(audience.api.roles_of(user["upn"]))
        return self._sign(app, audience, "user", claims)

    def identity(self, app: App, user: sqlite3.Row, nonce: str = "") -> str:
        """Issue the id_token that tells a client who signed in."""
        claims = {
            "iss": self.issuer,
            "aud": app.client_id,
            "oid": user["id"],
            "sub": user["id"],
            "tid": self._config.id,
            "name": user["display_name"],
            "preferred_username": user["upn"],
            "ver": "2.0",
        }
        return self._encode(claims | ({"nonce": nonce} if nonce else {}))

    @property
    def issuer(self) -> str:
        return f"https://login.microsoftonline.com/{self._config.id}/v2.0"

    def principal(self, bearer: str, api: str) -> Principal:
        """Return who a bearer token stands for; 401 when it is not a live token for this API."""
        known = self._seen.get(bearer)
        if known is None:
            known = self._read(bearer)
            if len(self._seen) >= _CACHE:
                self._seen.clear()
            self._seen[bearer] = known
        principal, expires = known
        if expires <= time.time():
            raise unauthenticated("Lifetime validation failed, the token is expired.")
        if principal.audience != api:
            raise unauthenticated("Access token validation failure. Invalid audience.")
        return principal

    def _read(self, bearer: str) -> tuple[Principal, float]:
        try:
            claims = jwt.decode(
                bearer,
                self._public,
                algorithms=["RS256"],
                options={"verify_aud": False, "require": ["exp", "aud", "tid", "appid"]},
            )
        except jwt.ExpiredSignatureError as error:
            raise unauthenticated("Lifetime validation failed, the token is expired.") from error
        except jwt.InvalidTokenError as error:
            raise unauthenticated(f"Access token validation failure. {error}") from error
        audience = self.audience(claims["aud"])
        if audience is None or claims["tid"] != self._config.id:
            raise unauthenticated("Access token validation failure. Invalid audience.")
        principal = Principal(
            app_id=claims["appid"],
            audience=audience.name,
            proof=_PROOF[claims["appidacr"]],
            user_id=claims["oid"] if claims["idtyp"] == "user" else None,
            roles=frozenset(claims.get("roles", ())),
            scopes=frozenset(str(claims.get("scp", "")).split()),
        )
        return principal, float(claims["exp"])

    def _sign(self, app: App, audience: Audience, proof: str, claims: dict[str, Any]) -> str:
        ours = audience.api is not None
        common = {
            "aud": audience.claim,
            "iss": self.issuer if ours else f"https://sts.windows.net/{self._config.id}/",
            "app_displayname": app.name,
            "appid": app.client_id,
            "azp": app.client_id,
            "appidacr": _ACR[proof],
            "azpacr": _ACR[proof],
            "tid": self._config.id,
            "uti": uuid.uuid4().hex,
            "ver": "2.0" if ours else "1.0",
        }
        return self._encode(common | claims)

    def _encode(self, claims: dict[str, Any]) -> str:
        now = int(time.time())
        dated = {"iat": now, "nbf": now - 5, "exp": now + LIFE} | claims
        headers = {"kid": self.jwk["kid"], "x5t": self.jwk["kid"]}
        return jwt.encode(dated, self._key, algorithm="RS256", headers=headers)


def _roles(roles: frozenset[str], audience: Audience) -> frozenset[str]:
    """SharePoint knows its own permissions only; Mail.Send says nothing to it."""
    if audience.name == "graph":
        return roles
    return frozenset(role for role in roles if role.startswith(("Sites.", "User.", "TermStore.")))


def _signing_key(store: Store) -> rsa.RSAPrivateKey:
    pem = store.get("signing_key")
    if not pem:
        made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")
        store.put("signing_key", pem)
    key = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256).prepare_key(pem)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("the signing key in the tenant's file is not a private RSA key")
    return key


def _key_id(key: rsa.RSAPublicKey) -> str:
    return hashlib.sha256(str(key.public_numbers().n).encode()).hexdigest()[:27]
