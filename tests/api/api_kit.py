"""A stage for the API's tests: who calls, what the app is told, what its journal says."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sync.state import State
from sync.state.journal_reading import Query, entries
from tests import tenant_kit as kit
from tests.sig import kit as sig

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from tests.host.hosting import RunningHost

KEYS = "k1:" + "a1" * 32


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@dataclass
class Stage:
    """What runs, and the way to call it as one of the people."""

    folder: Path
    tenant: kit.Tenant
    database: str
    roles: Path
    port: int = field(default_factory=_free_port)
    host: RunningHost = field(init=False, repr=False)

    def settings(self, app: str = "enforcer") -> dict[str, str]:
        """Return what one of the two apps is told."""
        own = {"VERGER_CLIENT_ID": kit.ENFORCER if app == "enforcer" else kit.PROVISIONER}
        own["VERGER_CERTIFICATE"] = str(self.tenant.certificate(app))
        own["VERGER_ROLE"] = app
        return own | {
            "VERGER_TENANT_ID": kit.TENANT_ID,
            "VERGER_SHAREPOINT_HOST": kit.HOST,
            "VERGER_LOGIN_ADDRESS": self.tenant.address,
            "VERGER_GRAPH_ADDRESS": self.tenant.address,
            "VERGER_SHAREPOINT_ADDRESS": self.tenant.address,
            "VERGER_CA_FILE": str(self.tenant.ca),
            "VERGER_DATABASE_URL": self.database,
            "VERGER_ROLES": str(self.roles),
            "VERGER_API_AUDIENCE": kit.API,
            "VERGER_WEBHOOK_ADDRESS": f"http://127.0.0.1:{self.port}",
            "VERGER_WEBHOOK_KEYS": KEYS,
            "VERGER_RU_PER_MINUTE": "100000",
            "VERGER_MAILBOX": kit.NOTICES,
            "AzureFunctionsJobHost__extensions__queues__maxPollingInterval": "00:00:00.2",
        }

    def token(self, who: str) -> str:
        scopes = ["user_impersonation"] if "@" in who else None
        return self.tenant.token(who, "api://verger", scopes)

    def call(
        self, who: str | None, method: str, path: str = "", body: Any = None, **headers: str
    ) -> httpx.Response:
        """Call /api/sig-requests{path} as somebody, or as nobody."""
        bearer = {"authorization": f"Bearer {self.token(who)}"} if who else {}
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        address = f"/api/sig-requests{path}"
        return self.host.http.request(method, address, json=body, headers=bearer | told)

    def fire(self, host: RunningHost, timer: str) -> None:
        """Have a timer's function run now."""
        answer = host.http.post(f"/admin/functions/{timer}", headers=host.master(), json={})
        assert answer.status_code == 202, answer.text

    def ask(self, name: str, who: str = kit.HELEN) -> str:
        """Ask for a group's site; returns the request's id."""
        answer = self.call(who, "POST", "", {**sig.WISH, "name": name})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def refusals(self) -> list[tuple[str, dict[str, Any], str]]:
        """Return what the journal says of refused requests: actor, what and why, correlation."""

        async def look() -> list[tuple[str, dict[str, Any], str]]:
            state = State.open(self.database)
            async with state.read() as tx:
                found = await entries(tx, Query(site_id="api", kind="refused"))
            await state.close()
            return [(one.actor, one.after, one.correlation_id) for one in found]

        return asyncio.run(look())
