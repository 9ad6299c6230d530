"""Which door a request came to: the API it means, the site, and the rest of its address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local.tenant.config import Config

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
GRAPH_HOST = "graph.microsoft.com"
LOGIN_HOST = "login.microsoftonline.com"
_API = re.compile(r"/_api(?=/|$)", re.IGNORECASE)
_FILES = re.compile(r"/(_layouts|_upload)/", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """`surface` is graph, sharepoint, files, login or control; `path` is what its routes see."""

    surface: str
    path: str
    site: str = ""


def locate(host: str, path: str, config: Config) -> Place:
    """Tell the surface by host name and, under a loopback address, by the look of the path.

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
    if host in LOOPBACK:
        return _by_path(path)
    return Place("unknown", path)


def _by_path(path: str) -> Place:
    if path == "/_local" or path.startswith("/_local/"):
        return Place("control", path.removeprefix("/_local"))
    if re.match(r"/(v1\.0|beta)(/|$)", path, re.IGNORECASE):
        return Place("graph", _graph_path(path))
    if _API.search(path) or _FILES.search(path):
        return _sharepoint(path)
    return Place("login", path)


def _graph_path(path: str) -> str:
    return path[5:] or "/" if path.lower().startswith("/v1.0") else path


def _sharepoint(path: str) -> Place:
    if hit := _API.search(path):
        return Place("sharepoint", path[hit.start() :], path[: hit.start()])
    if hit := _FILES.search(path):
        return Place("files", path[hit.start() :], path[: hit.start()])
    return Place("files", path)
