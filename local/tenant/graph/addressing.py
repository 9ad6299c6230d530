"""The many ways to write a Graph address, brought to the one form that routes know.

Sites and files may be named by path (`/sites/host:/sites/x:/lists`,
`/drives/d/root:/a/b.docx:/content`), drives through their site, list or list item, functions with
or without brackets and namespace. A name that held slashes becomes one segment, `kind~…`,
percent-encoded; `find.py` takes it apart again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from local.tenant.graph import counting
from local.tenant.routing import Router

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from local.tenant.routing import Route


def segment(kind: str, *parts: str) -> str:
    """Pack a composite name into one path segment."""
    return "~".join((kind, *(quote(part, safe="").replace("~", "%7E") for part in parts)))


def _by_path(hit: re.Match[str]) -> str:
    return f"/sites/{segment('at', hit[1], hit[2])}"


def _file_by_path(hit: re.Match[str]) -> str:
    path = hit[3].strip("/")
    name = segment("path", hit[2], path) if path else hit[2]
    return f"/drives/{hit[1]}/items/{name}"


_RULES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), to)
    for pattern, to in (
        (r"/microsoft\.graph\.(?=\w+(?:/\$count)?$)", "/"),
        (r"^/(sites|drives|users|groups|subscriptions|shares)\('?([^()']*)'?\)", r"/\1/\2"),
        (r"^/lists(?=/|$)", "/sites/root/lists"),
        (r"^/(?:me/)?drive(?=[/:]|$)", f"/drives/{segment('own', 'me')}"),
        (
            r"^/(user|group)s/([^/]+)/drive(?=[/:]|$)",
            lambda hit: f"/drives/{segment(hit[1].lower(), hit[2])}",
        ),
        (r"^/groups/([^/]+)/sites/root(?=/|$)", lambda hit: f"/sites/{segment('group', hit[1])}"),
        (r"^/groups/[^/]+/sites/(?=[^/])", "/sites/"),
        (r"^/(?:me|users/[^/]+|groups/[^/]+)/drives/(?=[^/])", "/drives/"),
        (
            r"^/shares/([^/]+)/(?:driveItem|root)(?=[/:])",
            lambda hit: f"/drives/{segment('share', hit[1])}/items/{segment('share', hit[1])}",
        ),
        (r"^/sites/([^/:,]+)[^/:]*/getByPath\(path='([^']*)'\)", _by_path),
        (r"^/sites/([^/:]+):/?([^:]*?)/?(?::(?=/)|:?$)", _by_path),
        (
            r"^/sites/([^/]+)/lists/([^/]+)/items/([^/]+)/driveItem(?=/|$)",
            lambda hit: (
                f"/drives/{segment('list', hit[1], hit[2])}/items/{segment('item', hit[3])}"
            ),
        ),
        (
            r"^/drives/([^/]+)/lists?(?:/[^/]+)?/items/([^/]+)/driveItem(?=/|$)",
            lambda hit: f"/drives/{hit[1]}/items/{segment('item', hit[2])}",
        ),
        (
            r"^/drives/([^/]+)/list(?=/|$)",
            lambda hit: f"/sites/{segment('drive', hit[1])}/lists/{segment('drive', hit[1])}",
        ),
        (
            r"^/sites/([^/]+)/lists/([^/]+)/drive(?=/|$)",
            lambda hit: f"/drives/{segment('list', hit[1], hit[2])}",
        ),
        (r"^/sites/([^/]+)/drive(?=[/:]|$)", lambda hit: f"/drives/{segment('site', hit[1])}"),
        (r"^/sites/[^/]+/drives/(?=[^/])", "/drives/"),
        (r"^/drives/([^/]+)/(?=(?:delta|search)(?:/|$))", r"/drives/\1/root/"),
        (
            r"^/drives/([^/]+)/special/([^/:]+)",
            lambda hit: f"/drives/{hit[1]}/items/{segment('special', hit[2])}",
        ),
        (r"^/drives/([^/]+)/(?:items/)?([^/:]+):/?([^:]*?)/?(?::(?=/)|:?$)", _file_by_path),
        (r"^/drives/([^/]+)/root(?=/|$)", r"/drives/\1/items/root"),
        (
            r"^/drives/([^/]+)/items/([^/]+)/children/([^/$][^/]*)(?=/|$)",
            lambda hit: f"/drives/{hit[1]}/items/{segment('child', hit[2], hit[3])}",
        ),
        (
            r"^/drives/([^/]+)/items/([^/]+)/listItem(?=/)",
            lambda hit: (
                f"/sites/{segment('drive', hit[1])}/lists/{segment('drive', hit[1])}"
                f"/items/{segment('file', hit[2])}"
            ),
        ),
    )
)
_FUNCTION = re.compile(r"/(\w+)\((?:(\w+)='?([^']*?)'?)?\)(?=/|$)", re.IGNORECASE)
_FUNCTIONS = frozenset({"delta", "search", "recent", "sharedwithme", "ispublished", "getallsites",
                        "getcompatiblehubcontenttypes",
                        "getapplicablecontenttypesforlist"})  # fmt: skip


def canonical(path: str) -> tuple[str, dict[str, str]]:
    """Return the routable form of a percent-decoded path, and its arguments in brackets."""
    path, arguments = path.rstrip("/") or "/", {}
    if (hit := _FUNCTION.search(path)) and hit[1].lower() in _FUNCTIONS:
        path = f"{path[: hit.start()]}/{hit[1]}{path[hit.end() :]}"
        arguments = {hit[2].lower(): hit[3]} if hit[2] else {}
    for pattern, to in _RULES:
        path = pattern.sub(to, path, count=1)
    return path, arguments


class GraphRouter(Router):
    """A router that accepts every documented spelling and prefers literal segments over names."""

    def __init__(self, routes: Iterable[Route]) -> None:
        super().__init__(sorted(routes, key=lambda route: route.pattern.count("{")))

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """Return the route; HEAD is a GET without its body, `…/$count` counts any collection."""
        address, arguments = canonical(path)
        asked = "GET" if method == "HEAD" else method
        hit = super().find(asked, address)
        counted = asked == "GET" and address.lower().endswith("/$count")
        if counted and (hit is None or not hit[0].pattern.endswith("/$count")):
            hit = super().find("GET", address[: -len("/$count")])
            hit = None if hit is None else (counting.of(hit[0]), hit[1])
        return None if hit is None else (hit[0], {**hit[1], **arguments})
