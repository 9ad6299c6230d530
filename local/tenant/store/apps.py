"""App registrations: what an app may ask for, and how it proves that it is the app."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.store.database import Store

TABLES = """
CREATE TABLE IF NOT EXISTS apps (
    client_id TEXT PRIMARY KEY COLLATE NOCASE,
    oid TEXT NOT NULL UNIQUE COLLATE NOCASE,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    roles TEXT NOT NULL,
    scopes TEXT NOT NULL,
    mailboxes TEXT NOT NULL,
    identifiers TEXT NOT NULL,
    assigned TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS app_secrets (
    client_id TEXT NOT NULL COLLATE NOCASE,
    digest TEXT NOT NULL,
    PRIMARY KEY (client_id, digest)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS app_certificates (
    client_id TEXT NOT NULL COLLATE NOCASE,
    thumbprint TEXT NOT NULL,
    pem TEXT NOT NULL,
    PRIMARY KEY (client_id, thumbprint)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class App:
    """An app and its service principal (`oid`).

    `roles` are the application permissions granted to it, `scopes` the delegated ones staff may use
    it for, `mailboxes` the only ones it may send from (empty: any), `identifiers` the audiences it
    is an API under, `assigned` the app roles of that API by user or app: {upn or name: [role]}.
    """

    client_id: str
    oid: str
    name: str
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    mailboxes: frozenset[str] = frozenset()
    identifiers: frozenset[str] = frozenset()
    assigned: str = "{}"

    def roles_of(self, *names: str) -> frozenset[str]:
        """Return the app roles this API has assigned to any of these user or app names."""
        wanted = {name.casefold() for name in names}
        held: dict[str, list[str]] = json.loads(self.assigned)
        return frozenset(role for who, roles in held.items() if who.casefold() in wanted
                         for role in roles)  # fmt: skip


def put_app(store: Store, app: App) -> None:
    """Add the registration, or bring the one with this client id up to date."""
    store.run(
        "INSERT INTO apps VALUES (?,?,?,?,?,?,?,?) ON CONFLICT(client_id) DO UPDATE SET"
        " oid=excluded.oid, name=excluded.name, roles=excluded.roles, scopes=excluded.scopes,"
        " mailboxes=excluded.mailboxes, identifiers=excluded.identifiers, "
        " assigned=excluded.assigned",
        app.client_id, app.oid, app.name, _words(app.roles), _words(app.scopes),
        _words(app.mailboxes), _words(app.identifiers), app.assigned,
    )  # fmt: skip


def app(store: Store, key: str) -> App | None:
    """Find a registration by client id, service principal id or name."""
    row = store.one("SELECT * FROM apps WHERE client_id=?1 OR oid=?1 OR name=?1 LIMIT 1", key)
    return None if row is None else _app(row)


def apps(store: Store) -> list[App]:
    return [_app(row) for row in store.all("SELECT * FROM apps ORDER BY name")]


def by_audience(store: Store, audience: str) -> App | None:
    """Find the app that is an API under this audience (its identifier or its client id)."""
    wanted = audience.casefold()
    for found in apps(store):
        if wanted == found.client_id.casefold() or wanted in map(str.casefold, found.identifiers):
            return found
    return None


def put_secret(store: Store, client_id: str, secret: str) -> None:
    store.run("INSERT OR IGNORE INTO app_secrets VALUES (?,?)", client_id, _digest(secret))


def secret_is_right(store: Store, client_id: str, secret: str) -> bool:
    hit = store.one("SELECT 1 FROM app_secrets WHERE client_id=? AND digest=?",
                    client_id, _digest(secret))  # fmt: skip
    return hit is not None


def put_certificate(store: Store, client_id: str, pem: bytes) -> None:
    """Register a certificate (PEM; a private key in the same file is not read, let alone kept)."""
    certificate = x509.load_pem_x509_certificate(pem)
    clean = certificate.public_bytes(Encoding.PEM).decode("ascii")
    for thumbprint in thumbprints(certificate):
        store.run("INSERT OR REPLACE INTO app_certificates VALUES (?,?,?)",
                  client_id, thumbprint, clean)  # fmt: skip


def certificate(store: Store, client_id: str, thumbprint: str) -> x509.Certificate | None:
    """Find the app's certificate by an assertion's x5t or x5t#S256 (base64url without padding)."""
    row = store.one("SELECT pem FROM app_certificates WHERE client_id=? AND thumbprint=?",
                    client_id, thumbprint.rstrip("="))  # fmt: skip
    return None if row is None else x509.load_pem_x509_certificate(row["pem"].encode("ascii"))


def thumbprints(certificate: x509.Certificate) -> tuple[str, str]:
    """Return x5t (SHA-1) and x5t#S256 as RFC 7515, 4.1.7 and 4.1.8 spell them."""
    der = certificate.public_bytes(Encoding.DER)
    digests = (hashlib.sha1(der, usedforsecurity=False), hashlib.sha256(der))
    first, second = (urlsafe_b64encode(d.digest()).rstrip(b"=").decode("ascii") for d in digests)
    return first, second


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _words(values: frozenset[str]) -> str:
    return json.dumps(sorted(values))


def _app(row: sqlite3.Row) -> App:
    def words(column: str) -> frozenset[str]:
        return frozenset(json.loads(row[column]))

    return App(
        client_id=row["client_id"],
        oid=row["oid"],
        name=row["name"],
        roles=words("roles"),
        scopes=words("scopes"),
        mailboxes=words("mailboxes"),
        identifiers=words("identifiers"),
        assigned=row["assigned"],
    )
