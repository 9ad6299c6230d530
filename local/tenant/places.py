"""Which door a request came to: the API it means, the site, and the rest of its address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from local.tenant.config import Config

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
GRAPH_HOST = "graph.microsoft.com"
LOGIN_HOST = "login.microsoftonline.com"
_API = re.compile(r"/_api(?=/|$)", re.IGNORECASE)
_FILES = re.compile(r"/(_layouts|_upload)/|^/:[a-z]:/", re.IGNORECASE)  # :w: opens a link


@dataclass(frozen=True, slots=True)
class Place:
    """`surface` is graph, sharepoint, files, login or control; `path` is what its routes see."""

    surface: str
    path: str
    site: str = ""


def locate(host: str, path: str, config: Config) -> Place:
    """Tell the surface by Microsoft's host names and, under any other, by the look of the path.

    `host` has no port; `path` is percent-decoded. `/beta` stays in the path of the Graph surface,
    where nothing serves it. Control answers under a loopback name only, so that a page which
    rebinds a name of its own to 127.0.0.1 does not reach it.
    """
    if host == GRAPH_HOST:
        return Place("graph", _graph_path(path))
    if host == LOGIN_HOST:
        return Place("login", path)
    if host in config.sharepoint_hosts:
        return _sharepoint(path)
    if host.endswith(".sharepoint.com"):  # another tenant's
        return Place("unknown", path)
    if path == "/_local" or path.startswith("/_local/"):
        return Place("control" if host in LOOPBACK else "unknown", path.removeprefix("/_local"))
    return _by_path(path)


def reachable(body: bytes, base: str, config: Config) -> bytes:
    """Return a JSON answer whose SharePoint addresses lead back by the way the client came.

    Under Microsoft's own names nothing changes; a client that came to another one (`base`, scheme
    and host) could not open https://contoso.sharepoint.com, so it is given its own.
    """
    host = urlsplit(base).hostname or ""
    if host in (GRAPH_HOST, LOGIN_HOST) or host in config.sharepoint_hosts:
        return body
    for name in config.sharepoint_hosts:
        for end in ("/", '"'):
            body = body.replace(f'"https://{name}{end}'.encode(), f'"{base}{end}'.encode())
    return body


def _by_path(path: str) -> Place:
    if re.match(r"/(v1\.0|beta)(/|$)", path, re.IGNORECASE):
        return Place("graph", _graph_path(path))
    if _API.search(path) or _FILES.search(path):
        return _sharepoint(path)
    return Place("login", path)


def _graph_path(path: str) -> str:
    """Return the path after the version; a slash too many before it is forgiven, as Graph does."""
    return f"/{path[5:].lstrip('/')}" if path.lower().startswith("/v1.0") else path


def _sharepoint(path: str) -> Place:
    if hit := _API.search(path):
        return Place("sharepoint", path[hit.start() :], path[: hit.start()])
    if hit := _FILES.search(path):
        return Place("files", path[hit.start() :], path[: hit.start()])
    return Place("files", path)
