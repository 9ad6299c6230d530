"""SharePoint REST for provisioning: plain reads, and many writes sent as one `$batch`.

Through office365's request pipeline (token, form digest, transport), with bodies of our own: the
documented verbose form, each with its type.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from office365.runtime.http.http_method import HttpMethod
from office365.runtime.http.request_options import RequestOptions
from office365.runtime.queries.service_operation import ServiceOperationQuery

from sync.errors import Transient, VergerError
from sync.tenant import meter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sync.tenant.client import Tenant
    from sync.tenant.sharepoint import SiteContext

PLAIN = "application/json;odata=nometadata"
VERBOSE = "application/json;odata=verbose"


@dataclass(frozen=True, slots=True)
class Write:
    """One write: `path` below `_api`, verbose JSON; MERGE changes, POST makes or does."""

    path: str
    body: Mapping[str, Any] = field(default_factory=dict)
    method: Literal["POST", "MERGE"] = "POST"

    @property
    def units(self) -> int:
        """Return the assumed cost in resource units."""
        return meter.rest_units(self.path, None)


def typed(name: str, **members: Any) -> dict[str, Any]:
    """Return a verbose entity of a type; members that are None are left out."""
    body = {key: value for key, value in members.items() if value is not None}
    return {"__metadata": {"type": name}, **body}


def collection(values: Sequence[Any], kind: str = "Edm.String") -> dict[str, Any]:
    """Return a verbose collection."""
    return {"__metadata": {"type": f"Collection({kind})"}, "results": list(values)}


def quoted(text: str) -> str:
    """Return text as a literal of an OData address."""
    return "'" + text.replace("'", "''") + "'"


async def read(tenant: Tenant, site_url: str, path: str, *, doing: str) -> Any:
    """Return what a GET of `path` (below `_api`) answers, decoded, without OData's own members."""

    def look(context: SiteContext) -> Any:
        return _send(context, "GET", path, None)

    return await tenant.sharepoint.call(
        site_url, look, doing=doing, units=meter.rest_units(path, None)
    )


async def invoke(tenant: Tenant, site_url: str, write: Write, *, doing: str) -> Any:
    """Carry out one write on its own and return what it answers."""

    def act(context: SiteContext) -> Any:
        return _send(context, "POST", write.path, write.body)

    return await tenant.sharepoint.call(
        site_url, act, doing=doing, units=write.units, repeatable=False
    )


async def write_together(
    tenant: Tenant, site_url: str, writes: Sequence[Write], *, doing: str
) -> bool:
    """Carry out writes in their order in as few requests as it takes.

    Returns whether all were done; False when some were only put off (throttled, unavailable): read
    what is there and write the rest. Raises the first refusal. Nothing is undone.
    """
    if not writes:
        return True

    def act(context: SiteContext) -> Sequence[VergerError | None]:
        for one in writes:
            context.add_query(_Queued(context, one))
        return context.execute_together()

    errors = await tenant.sharepoint.call(
        site_url, act, doing=doing, units=sum(one.units for one in writes), repeatable=False
    )
    failed = [(one, error) for one, error in zip(writes, errors, strict=True) if error is not None]
    for one, error in failed:
        if not isinstance(error, Transient):
            error.doing = f"{doing} ({one.path})"
            raise error
        tenant.retry.gate.hold(error.retry_after or 1.0)
    return not failed


class _Queued(ServiceOperationQuery[Any]):
    """A write in the client's queue; its answer is not needed, what is there is read back."""

    def __init__(self, context: SiteContext, write: Write) -> None:
        super().__init__(context.web, write.path)
        self._write = write

    def build_request(self) -> RequestOptions:
        context = self.context
        request = RequestOptions(f"{context.service_root_url}/{self._write.path}", HttpMethod.Post)
        request.data = dict(self._write.body)
        if self._write.method == "MERGE":
            request.headers |= {"X-HTTP-Method": "MERGE", "IF-MATCH": "*"}
        pending = context.pending_request()
        pending.beforeExecute(request)
        pending.apply_client_request_id(request)
        return request


def _send(context: SiteContext, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
    request = RequestOptions(f"{context.service_root_url}/{path}", HttpMethod[method.title()])
    request.set_header("Accept", PLAIN)
    if body is not None:
        request.set_header("Content-Type", VERBOSE)
        request.data = dict(body)
    answer = context.pending_request().execute_request_direct(request)
    return answer.json() if answer.content else None
