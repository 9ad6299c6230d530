"""One app's way into one tenant: opened once per process and event loop, closed at its end."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Self

from sync.tenant.addresses import Address, Addresses
from sync.tenant.credentials import Tokens, credential_maker
from sync.tenant.graph import Graph
from sync.tenant.pace import Gate
from sync.tenant.retry import Retry

if TYPE_CHECKING:
    from types import TracebackType

    from sync.settings import Settings
    from sync.tenant.pace import Ledger
    from sync.tenant.sharepoint import SharePoint


class Tenant:
    """Graph and SharePoint REST for one app under one retry and one pace.

    `async with Tenant(settings) as tenant:`; the subjects (`documents`, `access`, `notices`,
    `subscriptions`, `lists`, `rows`) are modules of functions that take it first. Nothing is
    connected, and no token fetched, before the first call. `ledger` is where the processes of one
    app share its pace; without one this process takes the app's whole budget for its own.
    """

    def __init__(
        self, settings: Settings, retry: Retry | None = None, *, ledger: Ledger | None = None
    ) -> None:
        hosts = {name: Address.parse(where) for name, where in settings.hosts.items()}
        self.settings = settings
        self.addresses = Addresses(hosts, settings.ca_file)
        self.retry = retry or Retry(Gate(settings.ru_per_minute, ledger=ledger))
        self.tokens = Tokens(credential_maker(settings, self.addresses))
        self.root_paths: dict[str, str] = {}  # by list id, what never changes is asked once
        self.drive_ids: dict[str, str] = {}
        self.group_ids: dict[tuple[str, str], int] = {}  # by site address and title

    @cached_property
    def graph(self) -> Graph:
        return Graph(self.addresses, self.tokens, self.retry, self.settings.user_agent)

    @cached_property
    def sharepoint(self) -> SharePoint:
        from sync.tenant.sharepoint import SharePoint  # noqa: PLC0415 — office365 costs a second

        return SharePoint(self.addresses, self.tokens, self.retry, self.settings.user_agent)

    async def close(self) -> None:
        """Close what was opened; running SharePoint calls are waited for."""
        if "graph" in self.__dict__:
            await self.graph.close()
        if "sharepoint" in self.__dict__:
            await self.sharepoint.close()
        await self.retry.gate.close()
        self.tokens.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()
