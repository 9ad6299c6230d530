"""Sites as wholes: made and waited for, opened to our apps, given their starter files."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from tenacity import AsyncRetrying, retry_if_exception_type
from tenacity.stop import stop_after_delay
from tenacity.wait import wait_exponential

from sync.errors import Missing, NotReady, Refused, Rejected, Transient
from sync.tenant import lists, meter, rest
from sync.tenant.graph import BATCH, ERRORS, Ask, segment
from sync.tenant.shapes import list_path
from sync.tenant.site_reader import site_url
from sync.tenant.translate import CONFLICT, from_answer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from sharepoint_schema.expand import SiteSpec
    from sync.tenant.client import Tenant

PROVISIONING, READY, FAILED, EXISTS = 1, 2, 3, 4
"""SiteStatus of SPSiteManager (sp-dev-docs, site-creation-rest)."""

CREATION_DEADLINE = 600.0
"""Seconds. Most sites take a few; minutes are seen (contrib#8171). Apply can go on later."""

FIRST_LOOK = 0.2
LONGEST_LOOK = 15.0


async def create_site(tenant: Tenant, spec: SiteSpec, deadline: float = CREATION_DEADLINE) -> str:
    """Make a site and return Graph's id of it once both dialects answer for it.

    A site that is being made already is waited for. Raises NotReady after `deadline` seconds,
    Rejected when SharePoint gave up.
    """
    request = rest.typed(
        "Microsoft.SharePoint.Portal.SPSiteCreationRequest",
        Title=spec.title,
        Url=site_url(tenant, spec),
        Lcid=spec.language,
        WebTemplate=spec.template,
        Owner=spec.owner,
        Description=spec.description,
        ShareByEmailEnabled=False,
    )
    doing = f"make the site {spec.path}"
    write = rest.Write("SPSiteManager/Create", {"request": request})
    told = await rest.invoke(tenant, _root(tenant), write, doing=doing)
    if told["SiteStatus"] == FAILED:
        raise Rejected("SharePoint could not make the site", doing=doing)
    await until_ready(tenant, lambda: _made(tenant, spec), deadline)
    return await until_ready(tenant, lambda: _answers(tenant, spec), deadline)


async def until_ready[T](tenant: Tenant, probe: Callable[[], Awaitable[T]], deadline: float) -> T:
    """Ask until it answers; NotReady, Missing and Refused mean "not yet" for `deadline` seconds.

    The last of them is raised when the time is up. Waits by the tenant's own gate.
    """
    retrying = AsyncRetrying(
        retry=retry_if_exception_type((NotReady, Missing, Refused)),
        wait=wait_exponential(multiplier=FIRST_LOOK, max=LONGEST_LOOK),
        stop=stop_after_delay(deadline),
        sleep=tenant.retry.gate.sleep,
        reraise=True,
    )

    async def attempt() -> T:
        return await probe()  # tenacity awaits nothing but a coroutine function

    found: T = await retrying(attempt)
    return found


async def _made(tenant: Tenant, spec: SiteSpec) -> None:
    url = rest.quoted(site_url(tenant, spec)).replace(":", "%3A").replace("/", "%2F")
    doing = f"ask whether the site {spec.path} is made"
    told = await rest.read(tenant, _root(tenant), f"SPSiteManager/status?url={url}", doing=doing)
    if told["SiteStatus"] == FAILED:
        raise Rejected("SharePoint could not make the site", doing=doing)
    if told["SiteStatus"] not in (READY, EXISTS):
        raise NotReady("the site is still being made", doing=doing)


async def _answers(tenant: Tenant, spec: SiteSpec) -> str:
    """Return Graph's id when both dialects know the site."""
    url = site_url(tenant, spec)
    await rest.read(tenant, url, "Web?$select=Title", doing=f"open the site {spec.path}")
    return (await lists.site(tenant, url)).id


def _root(tenant: Tenant) -> str:
    return f"https://{tenant.settings.sharepoint_host}"


async def grant_app(tenant: Tenant, site_id: str, app: str, role: str) -> None:
    """Let one of our apps use a site by `Sites.Selected`; `role` is one of Graph's words.

    Costs 5 units. Made twice it would be there twice: look first.
    """
    body = {
        "roles": [role],
        "grantedToIdentities": [{"application": {"id": app, "displayName": "Verger"}}],
    }
    doing = f"let the app {app} use the site"
    path = f"/sites/{site_id}/permissions"
    await tenant.graph.send(Ask("POST", path, doing, body=body, units=meter.PERMISSIONS))


async def change_grant(tenant: Tenant, site_id: str, permission_id: str, role: str) -> None:
    """Change what an app may do on a site (5 units)."""
    doing = "change what an app may do"
    path = f"/sites/{site_id}/permissions/{segment(permission_id)}"
    ask = Ask("PATCH", path, doing, body={"roles": [role]}, units=meter.PERMISSIONS)
    await tenant.graph.send(ask)


async def revoke_app(tenant: Tenant, site_id: str, permission_id: str) -> None:
    """Take from an app what it may do on a site (5 units); nothing to take is no error."""
    path = f"/sites/{site_id}/permissions/{segment(permission_id)}"
    ask = Ask("DELETE", path, "take an app's permission away", units=meter.PERMISSIONS)
    try:
        await tenant.graph.send(ask)
    except Missing:
        return


@dataclass(frozen=True, slots=True)
class ListAt:
    """A list as the subjects of `sync.tenant` address it."""

    id: str
    site_id: str
    site_url: str


@dataclass(frozen=True, slots=True)
class NewFile:
    """A small file for the top of a library."""

    where: ListAt
    name: str
    content: bytes


class _Part(msgspec.Struct, frozen=True):
    id: str
    status: int
    headers: dict[str, str] = {}
    body: Any = None


class _Parts(msgspec.Struct):
    responses: list[_Part]


BATCH_BYTES = 2 * 1024 * 1024
"""Bytes of files in one `$batch`, whose body Graph limits to 4 MB (gk) and base64 makes longer."""


async def put_file(tenant: Tenant, where: ListAt, name: str, content: bytes) -> None:
    """Put one small file at the top of a library; see `put_files`."""
    await put_files(tenant, [NewFile(where, name, content)])


async def put_files(tenant: Tenant, files: Sequence[NewFile]) -> None:
    """Put small files into libraries, 20 to a request (2 units each); those that are there stay.

    What is throttled is left undone, and the app pauses. Raises the first refusal.
    """
    for some in _portions(files):
        await _put_together(tenant, some)


def _portions(files: Sequence[NewFile]) -> Iterator[list[NewFile]]:
    some: list[NewFile] = []
    for one in files:
        whole = sum(len(each.content) for each in some) + len(one.content)
        if some and (len(some) == BATCH or whole > BATCH_BYTES):
            yield some
            some = []
        some.append(one)
    if some:
        yield some


async def _put_together(tenant: Tenant, files: Sequence[NewFile]) -> None:
    doing = f"put {', '.join(one.name for one in files)} into a library"
    parts = [
        {
            "id": str(number),
            "method": "PUT",
            "url": f"{list_path(one.where)}/drive/root:/{segment(one.name)}:/content"
            "?@microsoft.graph.conflictBehavior=fail",
            "headers": {"Content-Type": "application/octet-stream"},
            "body": base64.b64encode(one.content).decode("ascii"),
        }
        for number, one in enumerate(files)
    ]
    units = meter.WRITE * len(files)
    ask = Ask("POST", "/$batch", doing, {"requests": parts}, units=units, repeatable=True)
    told = (await tenant.graph.send(ask)).read(_Parts)
    for part in told.responses:
        _settle(tenant, part, f"put {files[int(part.id)].name} into a library")


def _settle(tenant: Tenant, part: _Part, doing: str) -> None:
    """Accept what was put or was there already; pause after what was put off; raise the rest."""
    if part.status < ERRORS or part.status == CONFLICT:
        return
    error = from_answer(doing, part.status, part.headers, msgspec.json.encode(part.body))
    if not isinstance(error, Transient):
        raise error
    tenant.retry.gate.hold(error.retry_after or 1.0)
