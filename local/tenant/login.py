"""The login service: discovery documents, the token endpoint and its flows (RFC 6749, 7523, 8628).

Errors carry the AADSTS numbers Entra gives, so that a client's own messages stay true.
"""

from __future__ import annotations

import re
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import msgspec

from local.tenant import clients, signin
from local.tenant.call import Answer
from local.tenant.clients import login_error
from local.tenant.routing import Route, Router
from local.tenant.store import directory, grants
from local.tenant.surfaces import Surface, routed
from local.tenant.tokens import GRAPH, LIFE, Audience

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.call import Call
    from local.tenant.door import Door
    from local.tenant.errors import Refusal
    from local.tenant.store.apps import App
    from local.tenant.store.grants import Grant

DEVICE_LIFE = 900  # seconds of real time, as Entra's device codes
REFRESH_LIFE = 90 * 24 * 3600
POLL_EVERY = 1  # seconds; Entra says 5, nobody here needs to wait that long
OPENID = frozenset({"openid", "profile", "email", "offline_access"})
_ANY_TENANT = ("common", "organizations")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a token is asked for: the API, the scopes there, and which OpenID ones came along."""

    audience: Audience
    scopes: list[str]
    openid: frozenset[str]


class Login:
    """Routes of login.microsoftonline.com over the tenant's directory and apps."""

    def __init__(self, door: Door) -> None:
        self._store = door.store
        self._config = door.config
        self._tokens = door.tokens
        self._flows = {
            "client_credentials": self._client_credentials,
            "urn:ietf:params:oauth:grant-type:device_code": self._device_code,
            "refresh_token": self._refresh_token,
            "authorization_code": self._authorization_code,
        }

    def surface(self) -> Surface:
        pages = signin.Pages(self._store)
        get, post = "GET", "POST"
        routes = (
            Route(get, "/common/discovery/instance", self._instance),
            Route(get, "/{tenant}/v2.0/.well-known/openid-configuration", self._configuration),
            Route(get, "/{tenant}/.well-known/openid-configuration", self._configuration),
            Route(get, "/{tenant}/discovery/v2.0/keys", self._keys),
            Route(get, "/{tenant}/discovery/keys", self._keys),
            Route(post, "/{tenant}/oauth2/v2.0/token", self._token),
            Route(post, "/{tenant}/oauth2/v2.0/devicecode", self._start_device),
            Route(get, "/{tenant}/oauth2/deviceauth", pages.ask_code),
            Route(post, "/{tenant}/oauth2/deviceauth", pages.take_code),
            Route(get, "/{tenant}/oauth2/v2.0/authorize", pages.ask_who),
            Route(post, "/{tenant}/oauth2/v2.0/authorize", pages.take_who),
        )
        return Surface("login", None, routed(Router(routes)), refuse)

    def _instance(self, call: Call) -> Answer:
        asked = call.query.get("authorization_endpoint", "")
        tenant = re.search(r"^https://[^/]+/([^/]+)/", asked)
        where = f"{call.base}/{tenant[1] if tenant else 'common'}/v2.0"
        host = call.base.partition("://")[2]
        known = {"preferred_network": host, "preferred_cache": host, "aliases": [host]}
        body = {
            "tenant_discovery_endpoint": f"{where}/.well-known/openid-configuration",
            "api-version": "1.1",
            "metadata": [known],
        }
        return Answer(200, body)

    def _configuration(self, call: Call) -> Answer:
        tenant = self._tenant(call)
        base, oauth = f"{call.base}/{tenant}", f"{call.base}/{tenant}/oauth2/v2.0"
        body = {
            "issuer": self._tokens.issuer,
            "authorization_endpoint": f"{oauth}/authorize",
            "token_endpoint": f"{oauth}/token",
            "device_authorization_endpoint": f"{oauth}/devicecode",
            "jwks_uri": f"{base}/discovery/v2.0/keys",
            "token_endpoint_auth_methods_supported": [
                "client_secret_post",
                "private_key_jwt",
                "client_secret_basic",
            ],
            "response_modes_supported": ["query", "form_post"],
            "response_types_supported": ["code"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            "tenant_region_scope": "EU",
            "cloud_instance_name": "microsoftonline.com",
            "msgraph_host": "graph.microsoft.com",
        }
        return Answer(200, body)

    def _keys(self, call: Call) -> Answer:
        self._tenant(call)
        return Answer(200, {"keys": [{**self._tokens.jwk, "issuer": self._tokens.issuer}]})

    def _tenant(self, call: Call) -> str:
        asked = call.args["tenant"]
        known = (self._config.id, self._config.domain, *_ANY_TENANT)
        if asked.lower() not in {name.lower() for name in known}:
            raise login_error("invalid_tenant", 90002, f"Tenant '{asked}' not found.")
        return asked

    def _token(self, call: Call) -> Answer:
        self._tenant(call)
        form = form_of(call)
        flow = self._flows.get(form.get("grant_type", ""))
        if flow is None:
            kind = form.get("grant_type", "")
            raise login_error("unsupported_grant_type", 70003, f"Unsupported grant type '{kind}'.")
        return Answer(200, flow(call, form), {"Pragma": "no-cache"})

    def _client_credentials(self, call: Call, form: dict[str, str]) -> dict[str, Any]:
        app, proof = clients.proven(self._store, call, form)
        if proof == "public":
            raise login_error("invalid_client", 7000218, "The request body must contain"
                              " 'client_assertion' or 'client_secret'.", 401)  # fmt: skip
        if call.args["tenant"].lower() in _ANY_TENANT:
            raise login_error("invalid_request", 1002016, "Client credentials need a tenant.")
        scope = form.get("scope", "")
        if not scope.endswith("/.default") or " " in scope:
            raise login_error("invalid_scope", 1002012, f"The scope {scope} is not valid for client"
                              " credential flow: it must be {resource}/.default.")  # fmt: skip
        token = self._tokens.for_app(app, self._audience(scope.removesuffix("/.default")), proof)
        return _bearer(token, "")

    def _start_device(self, call: Call) -> Answer:
        self._tenant(call)
        form = form_of(call)
        app = clients.known(self._store, form)
        self._wish(app, form.get("scope", ""))
        grant = grants.Grant(
            app.client_id, form.get("scope", ""), None, "", time.time() + DEVICE_LIFE
        )
        user_code = grants.new_user_code()
        where = f"{call.base}/common/oauth2/deviceauth"
        body = {
            "device_code": grants.issue(self._store, "device", grant, user_code),
            "user_code": user_code,
            "verification_uri": where,
            "expires_in": DEVICE_LIFE,
            "interval": POLL_EVERY,
            "message": f"To sign in, open the page {where} and enter the code {user_code}.",
        }
        return Answer(200, body)

    def _device_code(self, call: Call, form: dict[str, str]) -> dict[str, Any]:
        secret = form.get("device_code", "")
        app, _ = clients.proven(self._store, call, form)
        grant = self._live("device", secret, app, "expired_token")
        if grant.extra == "declined":
            grants.spend(self._store, "device", secret)
            raise login_error("authorization_declined", 70017, "The user refused.")
        if grant.oid is None:
            raise login_error("authorization_pending", 70016, "The user has not signed in yet.")
        grants.spend(self._store, "device", secret)
        return self._delegated(app, grant.oid, grant.scope)

    def _refresh_token(self, call: Call, form: dict[str, str]) -> dict[str, Any]:
        app, _ = clients.proven(self._store, call, form)
        grant = self._live("refresh", form.get("refresh_token", ""), app, "invalid_grant")
        return self._delegated(app, str(grant.oid), form.get("scope") or grant.scope)

    def _authorization_code(self, call: Call, form: dict[str, str]) -> dict[str, Any]:
        app, _ = clients.proven(self._store, call, form)
        secret = form.get("code", "")
        grant = self._live("code", secret, app, "invalid_grant")
        grants.spend(self._store, "code", secret)
        signin.check_pkce(grant.extra, form)
        return self._delegated(app, str(grant.oid), grant.scope, signin.nonce_of(grant.extra))

    def _live(self, kind: str, secret: str, app: App, error: str) -> Grant:
        grant = grants.find(self._store, kind, secret)
        if grant is None or grant.client_id != app.client_id:
            raise login_error("invalid_grant", 70000, "The code or token is not valid.")
        if grant.expires <= time.time():
            raise login_error(error, 70008, "The code or token has expired.")
        return grant

    def _delegated(self, app: App, user_id: str, scope: str, nonce: str = "") -> dict[str, Any]:
        user = directory.user(self._store, user_id)
        if user is None or not user["enabled"]:
            raise login_error("invalid_grant", 50057, "The user account is disabled.")
        wish = self._wish(app, scope)
        body = _bearer(
            self._tokens.for_user(app, user, wish.audience, wish.scopes), " ".join(wish.scopes)
        )
        body["client_info"] = _client_info(user, self._config.id)
        if "openid" in wish.openid:
            body["id_token"] = self._tokens.identity(app, user, nonce)
        if "offline_access" in wish.openid:
            kept = grants.Grant(app.client_id, scope, user["id"], "", time.time() + REFRESH_LIFE)
            body["refresh_token"] = grants.issue(self._store, "refresh", kept)
        return body

    def _audience(self, resource: str) -> Audience:
        audience = self._tokens.audience(resource)
        if audience is None:
            raise login_error("invalid_resource", 500011, "The resource principal named"
                              f" {resource} was not found in the tenant.")  # fmt: skip
        return audience

    def _wish(self, app: App, scope: str) -> Wish:
        """Read a delegated scope string: one API, and nothing its owner has not consented to."""
        asked = scope.split()
        openid = OPENID.intersection(asked)
        named = [split_scope(each) for each in asked if each not in OPENID]
        resources = {resource for resource, _ in named} or {GRAPH}
        if len(resources) > 1:
            raise login_error("invalid_request", 28000, "Scopes of more than one resource.")
        audience = self._audience(resources.pop())
        return Wish(audience, self._consented(app, audience, [name for _, name in named]), openid)

    def _consented(self, app: App, audience: Audience, names: list[str]) -> list[str]:
        if audience.api is not None:
            return [name for name in names if name != ".default"] or ["user_impersonation"]
        held = {scope for scope in app.scopes if belongs(scope, audience.name)}
        if not names or ".default" in names:
            return sorted(held)
        if missing := sorted(set(names) - held - {"User.Read"}):
            raise login_error("invalid_grant", 65001, f"Nobody has consented to {missing} for the"
                              f" app {app.name}.")  # fmt: skip
        return names


def belongs(scope: str, audience: str) -> bool:
    """Tell a SharePoint scope (AllSites.Read) from a Graph one; some have the same name in both."""
    if scope.startswith(("AllSites.", "MyFiles.")):
        return audience == "sharepoint"
    return audience == "graph" or scope.startswith("Sites.")


def split_scope(scope: str) -> tuple[str, str]:
    """Split "https://graph.microsoft.com/Sites.Read.All" into resource and name."""
    resource, slash, name = scope.rpartition("/")
    return (resource.rstrip("/"), name) if slash else (GRAPH, scope)


def form_of(call: Call) -> dict[str, str]:
    """Return the form's members; id and secret may stand in the Authorization header instead."""
    form = dict(parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True))
    return clients.in_header(call) | form


def refuse(call: Call, refusal: Refusal) -> Answer:
    """Render a refusal the way the token endpoint does (RFC 6749, 5.2, with Entra's additions)."""
    number = re.match(r"AADSTS(\d+)", refusal.message)
    body = {
        "error": refusal.code,
        "error_description": f"{refusal.message} Trace ID: {call.headers['request-id']}",
        "error_codes": [int(number[1])] if number else [],
        "timestamp": call.store.stamp(),
        "trace_id": call.headers["request-id"],
        "correlation_id": call.headers["client-request-id"],
    }
    return Answer(refusal.status, body, dict(refusal.headers))


def _bearer(token: str, scope: str) -> dict[str, Any]:
    body = {"token_type": "Bearer", "expires_in": LIFE, "ext_expires_in": LIFE}
    return body | {"access_token": token} | ({"scope": scope} if scope else {})


def _client_info(user: sqlite3.Row, tenant: str) -> str:
    info = msgspec.json.encode({"uid": user["id"], "utid": tenant})
    return urlsafe_b64encode(info).rstrip(b"=").decode("ascii")
