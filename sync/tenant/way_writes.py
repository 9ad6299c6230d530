"""The writes that join a site to its hub, keep its links and bind document templates.

Pure: declared things in, REST writes out (wire: hub-site-rest-api.md; navigation as the CLI for
Microsoft 365 sends it; `DocumentTemplate` of SP.ContentType in the captured metadata).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sync.tenant.rest import Write, quoted, typed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sync.site_state import Found

_BARS = {"top": "TopNavigationBar", "quick": "QuickLaunch"}
_NODE = "SP.NavigationNode"


def bar_path(bar: Literal["top", "quick"]) -> str:
    """Return the address of a bar of the navigation below `_api`."""
    return f"Web/Navigation/{_BARS[bar]}"


def register_hub() -> Write:
    """Return the write that makes the site a hub; a hub of that name stays one."""
    return Write("Site/RegisterHubSite")


def join_hub(hub_id: str) -> Write:
    """Return the write that joins the site to a hub, and takes it out of another."""
    return Write(f"Site/JoinHubSite({quoted(hub_id)})")


def links(
    bar: Literal["top", "quick"],
    wanted: Sequence[tuple[str, str]],
    found: Sequence[Found],
    *,
    alone: bool,
) -> Iterator[Write]:
    """Yield the writes that bring a bar nearer to the links wanted, (title, address).

    A link is known by its address. With `alone` other links go, and the order is made right once
    all are there: a new link has its number only when it was read.
    """
    by_address: Mapping[str, Found] = {one.values["url"].casefold(): one for one in found}
    known = [by_address.get(url.casefold()) for _, url in wanted]
    for (title, url), there in zip(wanted, known, strict=True):
        if there is None:
            yield _new(bar, title, url)
        elif there.values["title"] != title:
            yield Write(_node(there.id), typed(_NODE, Title=title), "MERGE")
    if alone:
        numbers = [there.id for there in known if there is not None]
        yield from _others(found, numbers)
        if len(numbers) == len(wanted):
            yield from _order(bar, [one.id for one in found if one.id in numbers], numbers)


def _new(bar: Literal["top", "quick"], title: str, url: str) -> Write:
    """Return the write that adds a link; said to be external it need not be there yet (gk)."""
    return Write(bar_path(bar), typed(_NODE, Title=title, Url=url, IsExternal=True))


def _node(number: str) -> str:
    return f"Web/Navigation/GetNodeById({number})"


def _others(found: Sequence[Found], numbers: Sequence[str]) -> Iterator[Write]:
    for one in found:
        if one.id not in numbers:
            yield Write(_node(one.id), method="DELETE")


def _order(
    bar: Literal["top", "quick"], now: Sequence[str], wanted: Sequence[str]
) -> Iterator[Write]:
    """Yield the moves that put links in order, each behind the one before it; 0 is the front."""
    if list(now) == list(wanted):
        return
    for number, before in zip(wanted, ("0", *wanted), strict=False):
        arguments = f"nodeId={number},previousNodeId={before}"
        yield Write(f"{bar_path(bar)}/MoveAfter({arguments})")


def set_template(owner: str, type_id: str, url: str) -> Write:
    """Return the write that gives a content type of "Web" or of a list its document template."""
    body = typed("SP.ContentType", DocumentTemplate=url)
    return Write(f"{owner}/ContentTypes({quoted(type_id)})", body, "MERGE")
