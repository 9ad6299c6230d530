"""The wire under both SDKs: connections go where hosts are mapped to; all names stay real.

aiohttp serves msgraph-sdk (httpx's own pool costs three times as much, performance.md), requests
serves office365 and azure-identity.
"""

from __future__ import annotations

import logging
import socket
import ssl
from typing import TYPE_CHECKING, Any

import aiohttp
import httpx
import requests
from aiohttp.abc import AbstractResolver, ResolveResult
from azure.core.pipeline.transport import RequestsTransport
from httpx_aiohttp import AiohttpTransport
from requests.adapters import HTTPAdapter

# At INFO both write every address they ask for, and a download link opens its file to anybody.
for _talker in ("httpx", "azure.core.pipeline.policies.http_logging_policy"):
    logging.getLogger(_talker).setLevel(logging.WARNING)

if TYPE_CHECKING:
    from sync.tenant.addresses import Addresses

CONNECT_SECONDS = 10.0
READ_SECONDS = 100.0
CONNECTIONS = 64


class MappedResolver(AbstractResolver):
    """Answers mapped names from the table and all others from DNS."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._dns = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        address = self._addresses.find(host)
        if address is None:
            return await self._dns.resolve(host, port, family)
        where = await self._dns.resolve(address.host, address.port, family)
        return [{**one, "hostname": host} for one in where]

    async def close(self) -> None:
        await self._dns.close()


def async_transport(addresses: Addresses) -> AiohttpTransport:
    """Return an httpx transport over aiohttp; its session is made on first use, inside the loop."""
    context = ssl.create_default_context(cafile=addresses.ca_file)

    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            resolver=MappedResolver(addresses),
            ssl=context,
            limit=CONNECTIONS,
            use_dns_cache=not addresses.mapped,
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers={"User-Agent"},
            trust_env=not addresses.mapped,
        )

    return AiohttpTransport(verify=context, client=session)


def async_client(transport: AiohttpTransport, user_agent: str) -> httpx.AsyncClient:
    """Return a plain httpx client on such a transport: no token, no redirects followed."""
    return httpx.AsyncClient(
        transport=transport,
        headers={"User-Agent": user_agent},
        timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
        follow_redirects=False,
    )


class MappedAdapter(HTTPAdapter):
    """Opens requests' connections at the mapped address; certificates are checked by real name."""

    def __init__(self, addresses: Addresses, **options: Any) -> None:
        self._addresses = addresses
        super().__init__(**options)

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> Any:
        where, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        host = str(where["host"])
        try:
            address = self._addresses.find(host)
        except OSError as error:
            raise requests.exceptions.InvalidURL(str(error), request=request) from error
        if address is None:
            return where, pool
        request.headers["Host"] = host
        named = {"server_hostname": host, "assert_hostname": host}
        return {**where, "host": address.host, "port": address.port}, {**pool, **named}


def session(addresses: Addresses, user_agent: str) -> requests.Session:
    """Return a requests session for one thread. No retries: there is one retry, in retry.py."""
    made = requests.Session()
    made.headers["User-Agent"] = user_agent
    if addresses.mapped:
        made.trust_env = False  # neither a proxy nor REQUESTS_CA_BUNDLE may step in between
        made.mount("https://", MappedAdapter(addresses, max_retries=0))
    if addresses.ca_file is not None:
        made.verify = str(addresses.ca_file)
    return made


def identity_transport(addresses: Addresses, user_agent: str) -> RequestsTransport:
    """Return azure-core's transport over such a session, for azure-identity."""
    verify: bool | str = True if addresses.ca_file is None else str(addresses.ca_file)
    return RequestsTransport(
        session=session(addresses, user_agent),
        session_owner=True,
        connection_verify=verify,
        connection_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        use_env_settings=not addresses.mapped,
    )
