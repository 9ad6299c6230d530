"""Calls of Verger's own API from the command line, as the person or app of the settings."""

from __future__ import annotations

import json
import os
import ssl
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

from rich.markup import escape

from cli.common import console
from sync.errors import Misconfigured, Refused, Rejected, Unavailable
from sync.settings import LOGIN_HOST, LOOPBACK, SETTINGS_FILE, Settings, load_settings

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 100
REFUSALS = (401, 403)


@dataclass
class Api:
    """The API of one installation; the token is asked for once, at the first call."""

    settings: Settings

    @classmethod
    def open(cls, file: Path | None) -> Api:
        if file is not None:
            os.environ[SETTINGS_FILE] = str(file)
        return cls(load_settings())

    @cached_property
    def _token(self) -> str:
        from sync.tenant.sign_in import api_token  # noqa: PLC0415 - after --help

        def show(address: str, code: str) -> None:
            """Show the page where it is: on one machine the login service has its own address."""
            login = str(self.settings.login_address).rstrip("/")
            _show_code(address.replace(f"https://{LOGIN_HOST}", login, 1), code)

        return api_token(self.settings, show)

    @cached_property
    def _root(self) -> str:
        if self.settings.webhook_address is None:
            raise Misconfigured("VERGER_WEBHOOK_ADDRESS is missing; set it to the app's address")
        return f"{str(self.settings.webhook_address).rstrip('/')}/api"

    def call(self, method: str, *path: str, body: Any = None) -> Any:
        """Return the JSON that an operation answers; a refusal's own sentence is raised."""
        address = "/".join([self._root, *(quote(part, safe="") for part in path)])
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        # settings admit https only, and plain http on this machine itself
        request = Request(address, data, headers, method=method)  # noqa: S310 - see above
        try:
            with self._opener.open(request, timeout=SECONDS) as answer:
                return json.load(answer)
        except HTTPError as error:
            with error:
                raise _refusal(error.code, error.read()) from error
        except URLError as error:
            raise Unavailable(f"{address} did not answer: {error.reason}") from error

    @cached_property
    def _opener(self) -> Any:
        """Open with the settings' CA; what stays on this machine goes through no proxy."""
        context = ssl.create_default_context(cafile=self.settings.ca_file)
        address = self.settings.webhook_address
        here = address is not None and address.host in LOOPBACK
        proxies = [ProxyHandler({})] if here else []
        return build_opener(HTTPSHandler(context=context), *proxies)


def _refusal(status: int, raw: bytes) -> Refused | Rejected | Unavailable:
    """Return the error that a problem (RFC 9457) stands for, in its own words."""
    try:
        problem = json.loads(raw)
        lines = [str(problem["detail"])]
        lines += [f"{one['field']}: {one['says']}" for one in problem.get("errors", ())]
    except (ValueError, KeyError, TypeError):
        lines = ["the function app gave no reason"]
    kind: type[Refused | Rejected | Unavailable] = Rejected
    if status in REFUSALS:
        kind = Refused
    elif status >= 500:  # noqa: PLR2004 - HTTP's server errors
        kind = Unavailable
    return kind("; ".join(lines), status=status)


def _show_code(address: str, code: str) -> None:
    says = f"Sign in: open {escape(address)} and enter the code [bold]{escape(code)}[/]."
    console.print(says, soft_wrap=True)  # an address broken over two lines can't be clicked
