"""How people find their way: the hub, the navigation, what a new document begins as."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sharepoint_schema.care import care_of
from sync.differences import Mark, changed, differing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sharepoint_schema.care import Care
    from sharepoint_schema.expand import SiteSpec
    from sharepoint_schema.site import ContentType, SiteList
    from sync.plan import Step
    from sync.site_state import SiteState

    type Links = Sequence[tuple[str, str]]

_SITE = ("site",)
BARS: tuple[tuple[Literal["top", "quick"], str], ...] = (
    ("top", "Top navigation"),
    ("quick", "Quick launch"),
)


def hub_steps(spec: SiteSpec, state: SiteState) -> Iterator[Step]:
    """Yield the step that makes the site a hub, or joins it to one that is there."""
    if spec.hub is None or next(waiting(spec, state), None):
        return
    there = spec.hub.at if state.hub == spec.hub.at.lower() else state.hub
    found = differing("hub", spec.hub.care, {"at": spec.hub.at}, {"at": there})
    if found:
        own = spec.hub.at == spec.path
        reason = "the network's other sites join it" if own else "it belongs to the network"
        yield changed(Mark("hub", "hub", spec.hub.at, reason, _SITE), found)


def waiting(spec: SiteSpec, state: SiteState) -> Iterator[str]:
    """Yield what can be done only when something outside the site is there."""
    hub = spec.hub
    if hub is not None and hub.at != spec.path and hub.at.lower() not in state.hubs:
        yield f"it joins the hub {hub.at} once that site is a hub"


def navigation_steps(spec: SiteSpec, state: SiteState) -> Iterator[Step]:
    """Yield a step for each bar that lacks a link; an owned one may have no other link either."""
    for bar, target in BARS:
        wanted = spec.links(bar)
        found = [(one.values["title"], one.values["url"]) for one in state.navigation.get(bar, ())]
        care = care_of("navigation", bar, spec.navigation.care)
        after = links_to_write(care, wanted, found)
        if wanted and after is not None:
            mark = Mark("navigation", f"navigation/{bar}", target, "its links", _SITE)
            difference = ({"links": _told(found)}, {"links": _told(after)})
            yield changed(mark, difference)


def links_to_write(care: Care, wanted: Links, found: Links) -> Links | None:
    """Return a bar's links as they should be; None when they are well. Pure.

    A floor wants each link with its title, wherever it stands; owned means these links, in order.
    """
    if care == "free":
        return None
    if care == "owned":
        return None if [_key(one) for one in wanted] == [_key(one) for one in found] else wanted
    keys = {_key(one) for one in found}
    if all(_key(one) in keys for one in wanted):
        return None
    addresses = {url.casefold() for _, url in wanted}
    return [*wanted, *(one for one in found if one[1].casefold() not in addresses)]


def _key(link: tuple[str, str]) -> tuple[str, str]:
    return link[0], link[1].casefold()


def _told(links: Links) -> list[str]:
    return [f"{title} ({url})" for title, url in links]


def template_steps(spec: SiteSpec, state: SiteState) -> Iterator[Step]:
    """Yield a step for each content type, of the site or a list, with another document template."""
    for one in spec.content_types:
        if one.document_template is None:
            continue
        there = state.types.get(one.name)
        found = there.values["document_template"] if there else ""
        yield from _template(spec, one, None, found)
        for area in spec.lists:
            if one.key in area.content_types:
                known = state.lists.get(area.url)
                in_list = known.templates.get(one.name, "") if known else ""
                yield from _template(spec, one, area, in_list)


def _template(
    spec: SiteSpec, one: ContentType, area: SiteList | None, found: str
) -> Iterator[Step]:
    wanted, before = {"document_template": spec.template_url(one)}, {"document_template": found}
    if difference := differing("content_type", one.care, wanted, before):
        lists = [f"list/{area.key}", f"binding/{area.key}"] if area else []
        within = ("site", f"type/{one.key}", *lists)
        step_id = f"template/{one.key}" + (f"/{area.key}" if area else "")
        target = f"{area.title} / {one.name}" if area else one.name
        reason = "what a new document begins as"
        yield changed(Mark("template", step_id, target, reason, within), difference)
