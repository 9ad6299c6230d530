"""A token for Verger's own API at the command line: a person's by device code, or an app's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from azure.identity import DeviceCodeCredential

from sync.errors import Misconfigured
from sync.settings import LOGIN_HOST
from sync.tenant.addresses import Address, Addresses
from sync.tenant.credentials import Tokens, credential_maker
from sync.tenant.transports import identity_transport

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from azure.core.credentials import TokenCredential

    from sync.settings import Settings

PATIENCE = 300
"""Seconds a person may take to enter the code."""


def api_token(settings: Settings, show: Callable[[str, str], None]) -> str:
    """Return a token for the API of these settings.

    With a certificate in the settings it is the app's own; without, a person signs in: `show` is
    given the address to open and the code to enter. Raises Misconfigured, Refused, Unavailable.
    """
    if settings.api_audience is None:
        raise Misconfigured(
            "VERGER_API_AUDIENCE is missing; set it to the client id of the API's registration"
        )
    hosts = {name: Address.parse(where) for name, where in settings.hosts.items()}
    addresses = Addresses(hosts, settings.ca_file)
    certified = settings.certificate or settings.certificate_pem
    make = credential_maker(settings, addresses)
    tokens = Tokens(make if certified else _by_device(settings, addresses, show))
    try:
        return tokens.get(f"{settings.api_audience}/.default")
    finally:
        tokens.close()


def _by_device(
    settings: Settings, addresses: Addresses, show: Callable[[str, str], None]
) -> Callable[[], TokenCredential]:
    def told(address: str, code: str, _until: datetime) -> None:
        show(address, code)

    def make() -> TokenCredential:
        return DeviceCodeCredential(
            client_id=settings.client_id,
            tenant_id=settings.tenant_id,
            prompt_callback=told,
            timeout=PATIENCE,
            disable_instance_discovery=LOGIN_HOST in addresses.hosts,
            retry_total=0,
            transport=identity_transport(addresses, settings.user_agent),
        )

    return make
