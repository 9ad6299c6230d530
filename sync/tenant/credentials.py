"""Who Verger is to Microsoft 365: an app with a certificate, or a managed identity. Never a secret.

SharePoint REST takes app-only tokens only when a certificate proved the app (ACS retired in 2026).
"""

from __future__ import annotations

import asyncio
import re
import threading
import time
from typing import TYPE_CHECKING

from azure.core.exceptions import AzureError, HttpResponseError
from azure.identity import CertificateCredential, ManagedIdentityCredential

from sync.errors import Misconfigured, Refused, Unavailable, VergerError
from sync.settings import LOGIN_HOST
from sync.tenant.translate import SERVER_ERRORS, TOO_MANY, cannot_reach
from sync.tenant.transports import identity_transport

if TYPE_CHECKING:
    from collections.abc import Callable

    from azure.core.credentials import AccessToken, TokenCredential

    from sync.settings import Settings
    from sync.tenant.addresses import Addresses

GRAPH_SCOPE = "https://graph.microsoft.com/.default"
# A token is replaced this long before it lapses, so that it lives through a slow call (seconds)
SPARE = 300
_IN_WORDS = re.compile(r"HTTP (?:status|Error): (\d{3})")


def sharepoint_scope(host: str) -> str:
    """Return the scope of a tenant's SharePoint; the admin host has one of its own."""
    return f"https://{host}/.default"


def credential_maker(settings: Settings, addresses: Addresses) -> Callable[[], TokenCredential]:
    """Return a function that makes a fresh credential object, its caches empty."""

    def certificate() -> TokenCredential:
        return CertificateCredential(
            settings.tenant_id,
            settings.client_id,
            certificate_data=certificate_of(settings),
            send_certificate_chain=False,
            disable_instance_discovery=LOGIN_HOST in addresses.hosts,
            retry_total=0,  # the one retry is ours
            transport=identity_transport(addresses, settings.user_agent),
        )

    def managed() -> TokenCredential:
        return ManagedIdentityCredential(client_id=settings.managed_identity)

    return certificate if settings.certificate or settings.certificate_pem else managed


def certificate_of(settings: Settings) -> bytes:
    """Return the app's certificate and key as PEM: from the setting itself, or from its file."""
    if settings.certificate_pem is not None:
        return settings.certificate_pem.get_secret_value().encode()
    if settings.certificate is None:
        raise Misconfigured("neither VERGER_CERTIFICATE nor VERGER_CERTIFICATE_PEM is set")
    return settings.certificate.read_bytes()


class Tokens:
    """Tokens by scope, kept until shortly before they lapse; safe from several threads.

    `clock` gives real time in seconds since 1970: the login service's lifetimes know no other.
    """

    def __init__(
        self, make: Callable[[], TokenCredential], clock: Callable[[], float] = time.time
    ) -> None:
        self._make = make
        self._clock = clock
        self._lock = threading.Lock()
        self._credential: TokenCredential | None = None
        self._kept: dict[str, AccessToken] = {}

    def kept(self, scope: str) -> str | None:
        """Return the token at hand if it is good for a while, without going anywhere."""
        token = self._kept.get(scope)
        return token.token if token and token.expires_on - self._clock() > SPARE else None

    def get(self, scope: str) -> str:
        """Return a token, asking the login service when none is at hand.

        Raises Refused when the app or its certificate is unknown, Unavailable when nobody answers.
        """
        with self._lock:
            if token := self.kept(scope):
                return token
            if self._credential is None:
                self._credential = self._make()
            try:
                fresh = _ask(self._credential, scope)
            except VergerError:
                self._forget()  # msal keeps an error answer for a minute; a new object asks again
                raise
            self._kept[scope] = fresh
            return str(fresh.token)

    async def aget(self, scope: str) -> str:
        """Return a token as `get` does, asking in a thread so that the loop goes on."""
        if token := self.kept(scope):
            return token
        return await asyncio.to_thread(self.get, scope)

    def drop(self, token: str) -> None:
        """Forget a token that was refused, and the credential object that caches it (decision 22).

        Does nothing when another call has already replaced it.
        """
        with self._lock:
            if any(kept.token == token for kept in self._kept.values()):
                self._forget()

    def _forget(self) -> None:
        self._kept.clear()
        credential, self._credential = self._credential, None
        _close(credential)

    def close(self) -> None:
        """Close the credential's connections; a later `get` opens new ones."""
        with self._lock:
            self._forget()


def _ask(credential: TokenCredential, scope: str) -> AccessToken:
    doing = f"get a token for {scope}"
    try:
        return credential.get_token(scope)
    except HttpResponseError as error:
        raise _refusal(error, doing) from error
    except AzureError as error:
        raise Unavailable(str(error), doing=doing) from error


def _refusal(error: HttpResponseError, doing: str) -> VergerError:
    """Tell a no of the login service from its not being there.

    A no comes with an answer, or as msal's ValueError over an answer of 400 (no such tenant);
    anything else that azure-identity wraps is trouble on the way.
    """
    status = _status(error)
    cause = error.__cause__
    heard = status is not None or cause is None or isinstance(cause, ValueError)
    busy = status is not None and (status == TOO_MANY or status >= SERVER_ERRORS)
    if heard and not busy:
        return Refused(error.message, doing=doing, status=status)
    says = error.message if busy else cannot_reach(LOGIN_HOST, error)
    return Unavailable(says, doing=doing, status=status)


def _status(error: HttpResponseError) -> int | None:
    """Return the status of the login service's answer, which msal tells only in words."""
    if error.response is not None:
        return error.response.status_code
    step: BaseException | None = error
    while step is not None:
        if found := _IN_WORDS.search(str(step)):
            return int(found[1])
        step = step.__cause__ or step.__context__
    return None


def _close(credential: TokenCredential | None) -> None:
    close = getattr(credential, "close", None)
    if close is not None:
        close()
