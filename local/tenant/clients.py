"""How a client proves that it is the app: a secret, or an assertion signed with its certificate."""

from __future__ import annotations

import time
from base64 import b64decode
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from local.tenant.errors import Refusal
from local.tenant.store import apps, directory

if TYPE_CHECKING:
    from local.tenant.call import Call
    from local.tenant.store.apps import App
    from local.tenant.store.database import Store

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ("RS256", "PS256")
REQUIRED = ["exp", "iss", "sub", "aud", "jti"]
SKEW_S = 300  # seconds by which Entra lets a client's clock differ from its own
LOGIN = "https://login.microsoftonline.com"


def login_error(error: str, number: int, message: str, status: int = 400) -> Refusal:
    """Refuse at the token endpoint: RFC 6749's word, Entra's number, words for a person."""
    return Refusal(status, error, f"AADSTS{number}: {message}")


def known(store: Store, form: dict[str, str]) -> App:
    """Return the app a form names, proven or not."""
    client_id = form.get("client_id", "")
    app = apps.app(store, client_id)
    if app is None:
        message = f"Application with identifier '{client_id}' was not found in the directory."
        raise login_error("unauthorized_client", 700016, message)
    return app


def in_header(call: Call) -> dict[str, str]:
    """Read HTTP Basic as client id and secret, each percent-encoded (RFC 6749, 2.3.1)."""
    kind, _, packed = call.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return {}
    try:
        text = b64decode(packed, validate=True).decode("utf-8")
    except ValueError as error:
        raise login_error("invalid_request", 900144, "The Basic header is not base64.") from error
    client_id, _, secret = text.partition(":")
    return {"client_id": unquote_plus(client_id), "client_secret": unquote_plus(secret)}


def proven(store: Store, call: Call, form: dict[str, str]) -> tuple[App, str]:
    """Return the app and its proof: "secret", "certificate", or "public" for none at all."""
    app = known(store, form)
    if secret := form.get("client_secret"):
        if not apps.secret_is_right(store, app.client_id, secret):
            message = "Invalid client secret provided."
            raise login_error("invalid_client", 7000215, message, 401)
        return app, "secret"
    if assertion := form.get("client_assertion"):
        if form.get("client_assertion_type") != ASSERTION:
            raise login_error("invalid_request", 700027, "Unknown client_assertion_type.")
        _check_assertion(store, call, app, assertion)
        return app, "certificate"
    return app, "public"


def _check_assertion(store: Store, call: Call, app: App, assertion: str) -> None:
    """Check an assertion claim by claim.

    It needs an id (jti) but may come again until it expires:
    msal signs one and uses it for every token of ten minutes.
    """
    claims = _verified(store, app, assertion)
    if claims["iss"].lower() != app.client_id.lower() or claims["sub"] != claims["iss"]:
        raise _bad_assertion("its issuer and subject must be the client's id")
    if claims["aud"] not in _audiences(store, call):
        raise _bad_assertion(f"its audience {claims['aud']} is not this token endpoint")
    if claims["exp"] <= time.time() - SKEW_S:
        raise _bad_assertion("it has expired")


def _verified(store: Store, app: App, assertion: str) -> dict[str, Any]:
    """Return the claims of an assertion signed with one of the app's certificates."""
    try:
        header = jwt.get_unverified_header(assertion)
        thumbprint = header.get("x5t#S256") or header.get("x5t") or ""
        certificate = apps.certificate(store, app.client_id, thumbprint)
        if certificate is None:
            raise _bad_assertion(f"no certificate {thumbprint} is registered for the app")
        key = certificate.public_key()
        if not isinstance(key, RSAPublicKey):
            raise _bad_assertion("the certificate's key is not RSA")
        claims: dict[str, Any] = jwt.decode(
            assertion,
            key,
            algorithms=list(ALGORITHMS),
            options={"verify_aud": False, "require": REQUIRED},
            leeway=SKEW_S,
        )
    except jwt.InvalidTokenError as error:
        raise _bad_assertion(str(error)) from error
    return claims


def _audiences(store: Store, call: Call) -> set[str]:
    """Return the names of this token endpoint: as called, and by its real host."""
    tenants = {call.args["tenant"], directory.tenant_id(store)}
    return {
        f"{base}/{tenant}{path}"
        for base in (call.base, LOGIN)
        for tenant in tenants
        for path in ("/oauth2/v2.0/token", "/oauth2/token", "/v2.0")
    }


def _bad_assertion(why: str) -> Refusal:
    return login_error("invalid_client", 700027, f"The client assertion was refused: {why}.", 401)
