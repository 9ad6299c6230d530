"""One request to the tenant and its answer, free of any web framework: $batch replays it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from local.tenant.errors import bad_request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.tenant.store.database import Store


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking. An app-only token has no user; a delegated one has both.

    `roles` are application permissions (Sites.Selected, Mail.Send …), `scopes` delegated ones.
    `audience` is "graph" or "sharepoint"; `proof` is "secret", "certificate" or "user".
    """

    app_id: str
    audience: str
    proof: str
    user_id: str | None = None
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()

    @property
    def app_only(self) -> bool:
        return self.user_id is None


@dataclass(slots=True)
class Call:
    """A request as the dialects see it: percent-decoded path, lower-case header names, raw body.

    `path` has no /v1.0 and no host; for SharePoint REST it starts after the site ("/_api/…") and
    `site_path` holds the site's server-relative address ("/sites/core"). `base` is scheme and host
    as the client wrote them, so that links given out lead back by the same way.
    `cost` is in resource units; a handler raises it where the documented cost depends on the query.
    """

    store: Store
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    principal: Principal | None
    base: str
    site_path: str = ""
    raw_path: str = ""
    args: dict[str, str] = field(default_factory=dict)
    cost: int = 0

    @property
    def who(self) -> Principal:
        """The caller; the door has already answered 401 when there is none."""
        if self.principal is None:
            raise RuntimeError(f"{self.method} {self.path} was let in without a principal")
        return self.principal

    def json(self) -> dict[str, Any]:
        """Return the body as a JSON object, {} when empty; 400 when it is anything else."""
        if not self.body.strip():
            return {}
        try:
            value = json.loads(self.body)
        except ValueError as error:
            raise bad_request(f"The body is not JSON: {error}") from error
        if not isinstance(value, dict):
            raise bad_request("The body is not a JSON object")
        return value


@dataclass(slots=True)
class Answer:
    """What goes back: `body` is JSON-able data, bytes as they are, or None for no body."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
