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

from sync.errors import Missing, Transient, VergerError
from sync.tenant import meter
from sync.tenant.sharepoint import PLAIN, Look

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sync.tenant.client import Tenant
    from sync.tenant.sharepoint import SiteContext

VERBOSE = "application/json;odata=verbose"
LOOKS = 5
"""How often reads that only came too fast are asked again, each time after the app's pause."""


@dataclass(frozen=True, slots=True)
class Write:
    """One write: `path` below `_api`, verbose JSON; MERGE changes, POST makes or does."""

    path: str
    body: Mapping[str, Any] = field(default_factory=dict)
    method: Literal["POST", "MERGE", "DELETE"] = "POST"

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


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What an exchange did: `done` unless some writes were put off; an answer for each read.

    An answer is None where there is nothing at its address.
    """

    done: bool
    answers: tuple[Any, ...]


async def exchange(
    tenant: Tenant,
    site_url: str,
    writes: Sequence[Write],
    reads: Sequence[str],
    *,
    doing: str,
) -> Exchanged:
    """Carry out writes in their order, then read, all in as few requests as it takes.

    Writes that the tenant puts off (throttled, unavailable) are left undone: what is read shows
    which. Raises the first refusal, and what kept a read from being answered. Nothing is undone.
    """
    errors, answers = await _together(tenant, site_url, writes, reads, doing)
    done = _settled(tenant, writes, errors[: len(writes)], doing)
    late = _unanswered(tenant, reads, errors[len(writes) :], doing)
    for _ in range(LOOKS):
        if not late:
            break
        again = [reads[place] for place in late]
        errors, more = await _together(tenant, site_url, [], again, doing)
        for place, answer in zip(late, more, strict=True):
            answers[place] = answer
        late = [late[place] for place in _unanswered(tenant, again, errors, doing)]
    if late:
        raise next(error for error in errors if isinstance(error, Transient))
    return Exchanged(done, tuple(answers))


async def _together(
    tenant: Tenant, site_url: str, writes: Sequence[Write], reads: Sequence[str], doing: str
) -> tuple[list[VergerError | None], list[Any]]:
    """Send writes and reads once; returns what went wrong with each, and what each read says."""

    def act(context: SiteContext) -> tuple[list[VergerError | None], list[Any]]:
        looks = [Look(context, path) for path in reads]
        for query in (*(_Queued(context, one) for one in writes), *looks):
            context.add_query(query)
        return list(context.execute_together()), [look.answer for look in looks]

    units = sum(one.units for one in writes) + sum(meter.rest_units(one, None) for one in reads)
    return await tenant.sharepoint.call(
        site_url, act, doing=doing, units=units, repeatable=not writes
    )


async def write_together(
    tenant: Tenant, site_url: str, writes: Sequence[Write], *, doing: str
) -> bool:
    """Carry out writes in their order; returns whether all were done. See `exchange`."""
    if not writes:
        return True
    return (await exchange(tenant, site_url, writes, [], doing=doing)).done


def _settled(
    tenant: Tenant, writes: Sequence[Write], errors: Sequence[VergerError | None], doing: str
) -> bool:
    """Return whether all was written; raise the first refusal; pause after what was put off."""
    failed = [(one, error) for one, error in zip(writes, errors, strict=True) if error is not None]
    for one, error in failed:
        _raise_or_pause(tenant, error, f"{doing} ({one.path})")
    return not failed


def _unanswered(
    tenant: Tenant, reads: Sequence[str], errors: Sequence[VergerError | None], doing: str
) -> list[int]:
    """Return the places of reads to be asked again; raise what asking again does not mend."""
    late = []
    for place, error in enumerate(errors):
        if error is not None and not isinstance(error, Missing):
            _raise_or_pause(tenant, error, f"{doing} ({reads[place].partition('?')[0]})")
            late.append(place)
    return late


def _raise_or_pause(tenant: Tenant, error: VergerError, doing: str) -> None:
    if not isinstance(error, Transient):
        error.doing = doing
        raise error
    tenant.retry.gate.hold(error.retry_after or 1.0)


class _Queued(ServiceOperationQuery[Any]):
    """A write in the client's queue; its answer is not needed, what is there is read back."""

    def __init__(self, context: SiteContext, write: Write) -> None:
        super().__init__(context.web, write.path)
        self._write = write

    def build_request(self) -> RequestOptions:
        context = self.context
        request = RequestOptions(f"{context.service_root_url}/{self._write.path}", HttpMethod.Post)
        request.data = dict(self._write.body)
        if self._write.method != "POST":
            request.headers |= {"X-HTTP-Method": self._write.method, "IF-MATCH": "*"}
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
    answer = context.send(request)
    return answer.json() if answer.content else None
