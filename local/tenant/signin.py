"""Pages on which a person says who they are; there are no passwords in a tenant on one machine."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64encode
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from local.tenant.call import Answer
from local.tenant.clients import known, login_error
from local.tenant.places import LOOPBACK
from local.tenant.store import directory, grants

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.tenant.call import Call
    from local.tenant.store.database import Store

CODE_LIFE = 600  # seconds
_HTML = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": "default-src 'none'"
         "; style-src 'unsafe-inline'"}  # fmt: skip


class Pages:
    """The device-code page and the sign-in page; each lists the seeded people."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def ask_code(self, call: Call) -> Answer:
        code = escape(call.query.get("user_code", ""), quote=True)
        field = f'<p><label>Code <input name="user_code" value="{code}" required></label></p>'
        return _page("Enter the code", f'<form method="post">{field}{self._people()}</form>')

    def take_code(self, call: Call) -> Answer:
        """Approve the code for the person whose button was pressed."""
        form = _form(call)
        user = directory.user(self._store, form.get("upn", ""))
        if user is None or not grants.decide(self._store, form.get("user_code", ""), user["id"]):
            return _page("Not signed in", "<p>That code is not waiting for anyone.</p>", 400)
        return _page("Signed in", f"<p>{escape(user['display_name'])}, you can close this.</p>")

    def ask_who(self, call: Call) -> Answer:
        _check_request(self._store, call.query)
        return _page("Sign in", f'<form method="post">{self._people()}</form>')

    def take_who(self, call: Call) -> Answer:
        """Send the browser back to the client with a code (RFC 6749, 4.1.2)."""
        query = call.query
        _check_request(self._store, query)
        user = directory.user(self._store, _form(call).get("upn", ""))
        if user is None:
            return _page("Not signed in", "<p>There is no such person.</p>", 400)
        kept = {name: query.get(name, "") for name in ("redirect_uri", "code_challenge", "nonce")}
        grant = grants.Grant(known(self._store, dict(query)).client_id, query.get("scope", ""),
                             user["id"], json.dumps(kept), time.time() + CODE_LIFE)  # fmt: skip
        back = {"code": grants.issue(self._store, "code", grant), "state": query.get("state", "")}
        if query.get("response_mode") == "form_post":
            return _post_back(query["redirect_uri"], back)
        return Answer(302, None, {"Location": f"{query['redirect_uri']}?{urlencode(back)}"})

    def _people(self) -> str:
        return "".join(
            f'<p><button name="upn" value="{escape(user["upn"], quote=True)}">'
            f"{escape(user['display_name'])}</button></p>"
            for user in directory.users(self._store)
            if user["enabled"]
        )


def check_pkce(extra: str, form: Mapping[str, str]) -> None:
    """Refuse a code with another verifier or redirect address than it began with (RFC 7636)."""
    kept = json.loads(extra)
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    shown = urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
    if kept["code_challenge"] and not hmac.compare_digest(shown, kept["code_challenge"]):
        raise login_error("invalid_grant", 501481, "The Code_Verifier does not match.")
    if form.get("redirect_uri") != kept["redirect_uri"]:
        raise login_error("invalid_grant", 50011, "The redirect address does not match.")


def nonce_of(extra: str) -> str:
    return str(json.loads(extra)["nonce"])


def _check_request(store: Store, query: Mapping[str, str]) -> None:
    known(store, dict(query))
    if query.get("response_type") != "code":
        raise login_error("unsupported_response_type", 700054, "Only response_type=code is served.")
    if urlsplit(query.get("redirect_uri", "")).hostname not in LOOPBACK:
        raise login_error("invalid_request", 50011, "The redirect address must be on this machine.")
    if query.get("code_challenge_method", "S256") != "S256":
        raise login_error("invalid_request", 501491, "Only S256 code challenges are served.")


def _post_back(where: str, values: Mapping[str, str]) -> Answer:
    fields = "".join(f'<input type="hidden" name="{name}" value="{escape(value, quote=True)}">'
                     for name, value in values.items())  # fmt: skip
    target = escape(where, quote=True)
    form = f'<form method="post" action="{target}">{fields}<button>Continue</button></form>'
    return _page("Signed in", form)


def _form(call: Call) -> dict[str, str]:
    return dict(parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True))


def _page(title: str, body: str, status: int = 200) -> Answer:
    head = f'<meta charset="utf-8"><title>{title}</title>'
    page = f'<!doctype html><html lang="en-GB">{head}<h1>{title}</h1>{body}</html>'
    return Answer(status, page.encode(), dict(_HTML))
