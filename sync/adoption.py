"""Taking a living site under the schema without harm: it is read, and written down as it is.

The file declares what is there, plus the two places every site has (decision 8) and Verger's
columns. Every policy only observes (decision 6), drift too; nobody's permission, content type or
view is touched. What the file adds shows in the plan of differences, to be approved like any other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from io import StringIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ruamel.yaml import YAML

from sharepoint_schema.expand import SiteSpec, expand
from sharepoint_schema.list_rules import NATIVE as NATIVE_COLUMNS
from sharepoint_schema.loading import parse_record, read_record
from sharepoint_schema.problems import SchemaProblems
from sharepoint_schema.site import FRAGMENTS, Fragment, SiteTemplate, template_rules
from sharepoint_schema.standard import load_standard
from sharepoint_schema.ways import Hub, Link, Navigation
from sync.diff import diff
from sync.errors import Missing, Rejected
from sync.site_state import NATIVE
from sync.tenant.site_reader import OVER_SHAREPOINT, read_site

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from sharepoint_schema.roles import Roles
    from sync.plan import Plan
    from sync.site_state import Found, FoundList, SiteState
    from sync.tenant.client import Tenant

BASES = frozenset({100, 101})
"""Plain lists and document libraries; calendars, surveys and the like stay as they are."""

LEVELS = frozenset({"full", "design", "edit", "contribute", "read"})
KINDS = frozenset({"text", "note", "number", "choice", "date", "user", "boolean"})
NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{1,31}")
OPEN = ("sensitive_in_open_place", "patient_identifier", "uncontrolled_copy")
OURS = (
    *("DocumentNumber", "VersionLabel", "DocumentType", "DateAdopted", "ReviewDate", "ApprovedBy"),
    *("TargetAudience", "Sensitivity", "DocumentStatus", "ControlStatus", "ControlReason"),
    "ControlRequest",
)
HEAD = """\
# {title}, as it was found at {path}. Made by `verger adopt`; every policy only observes.
# Put it with the other templates, change what should change, then: verger plan {key}
"""


@dataclass(frozen=True, slots=True)
class Adoption:
    """A living site written down: the schema file's text, what differs, what was left out."""

    text: str
    spec: SiteSpec
    plan: Plan
    left_out: tuple[str, ...]


async def adopt(
    tenant: Tenant, url: str, roles: Roles, controlled: Collection[str] = ()
) -> Adoption:
    """Read the site at `url` and write it down.

    `controlled` are titles of libraries that shall ask for approval; the files already there are
    then marked unverified, none is approved.

    Raises Missing when there is no site, Rejected when it can't be described, else VergerError.
    """
    path = urlsplit(url).path.rstrip("/")
    looked = SiteSpec.model_construct(
        key="", title="", path=path, owner="", groups=(), hub=Hub(at=path), navigation=_ANY
    )
    state = await read_site(tenant, looked, OVER_SHAREPOINT)
    if state.id is None:
        raise Missing(f"there is no site at {url}", doing="adopt a site")
    titles = {one.values["title"] for one in state.others.values()}
    if unknown := sorted(set(controlled) - titles):
        raise Rejected(f"no library is called {', '.join(unknown)}", doing=f"adopt {url}")
    text = as_text(describe(path, state, controlled))
    try:
        template = parse_record(
            text, f"{_code(path)}.yaml", SiteTemplate, template_rules(), fragments=FRAGMENTS
        )
    except SchemaProblems as problems:
        raise Rejected(f"it can't be described: {problems}", doing=f"adopt {url}") from problems
    spec = expand(template, None, roles)
    there = await read_site(tenant, spec, OVER_SHAREPOINT)
    return Adoption(text, spec, diff(spec, there), tuple(_left_out(state)))


_ANY = Navigation(top=(Link(title="any", url="/"),))
"""Says that the top navigation is to be read, whatever links it has."""


def as_text(site: Mapping[str, Any]) -> str:
    """Return a site's description as YAML with a heading."""
    yaml, told = YAML(typ="rt", pure=True), StringIO()
    yaml.width, yaml.default_flow_style = 100, False
    yaml.dump(dict(site), told)
    key = _code(site["path"])
    return HEAD.format(title=site["title"], path=site["path"], key=key) + told.getvalue()


def describe(path: str, state: SiteState, controlled: Collection[str]) -> Mapping[str, Any]:
    """Return what a template says of a site as it was found."""
    title = str(state.values["title"])
    lists = [(url, one) for url, one in state.others.items() if _declarable(url, one)]
    return {
        "key": _code(path),
        "title": title,
        "path": path,
        "description": str(state.values["description"]),
        "include": ["kept_apart"],
        "owner": "{people.site_owner}",
        "drift": "observe",
        "modes": dict.fromkeys(load_standard().modes, "observe"),
        **_ways(state),
        "groups": list(_groups(title, state)),
        "lists": [_list(url, one, controlled) for url, one in lists if url not in _apart()],
    }


def _ways(state: SiteState) -> Mapping[str, Any]:
    """Return the hub the site belongs to and the links of its top navigation, if there are any."""
    told: dict[str, Any] = {"hub": {"at": state.hub}} if state.hub.startswith("/") else {}
    links = [
        {"title": one.values["title"], "url": one.values["url"]}
        for one in state.navigation.get("top", ())
        if one.values["title"] and one.values["url"].startswith(("/", "https://"))
    ]
    return told | ({"navigation": {"top": links}} if links else {})


@cache
def _apart() -> frozenset[str]:
    """Return the addresses of the lists that `kept_apart` declares."""
    kept = read_record(FRAGMENTS / "kept_apart.yaml", Fragment)
    return frozenset(one.url for one in kept.lists)


def _code(text: str) -> str:
    words = "-".join(re.findall(r"[a-z0-9]+", text.rpartition("/")[2].lower()))
    return (words if words[:1].isalpha() else f"x-{words}")[:40]


def _declarable(url: str, one: FoundList) -> bool:
    return one.values["base"] in BASES and (one.items > 0 or url not in NATIVE)


def _groups(title: str, state: SiteState) -> Iterator[Mapping[str, Any]]:
    """Yield the site's groups and the two that `kept_apart` counts on; members are staff's own."""
    owners = next((one for one in state.groups if state.levels.get(one) == ("full",)), None)
    mine = {"members": ["{people.site_owner}"], "level": "full"}
    yield {"key": "owners", "title": owners or f"{title} Owners", **mine}
    apart = f"{title} Restricted readers"
    yield {"key": "restricted_readers", "title": apart, "members": ["{people.restricted_readers}"]}
    taken = {"owners", "restricted_readers", "ig_officers"}
    for name in state.groups:
        if name in {owners, apart, f"{title} IG officers"}:
            continue
        key = _unused(name, taken)
        held = state.levels.get(name, ())
        known = len(held) == 1 and held[0] in LEVELS
        yield {"key": key, "title": name, **({"level": held[0]} if known else _LEVEL_FREE)}


_LEVEL_FREE = {"care": {"level": "free"}}


def _unused(name: str, taken: set[str]) -> str:
    base = _code(name).replace("-", "_")[:36]
    key = next(one for one in (base, *(f"{base}_{n}" for n in range(2, 999))) if one not in taken)
    taken.add(key)
    return key


def _list(url: str, one: FoundList, controlled: Collection[str]) -> Mapping[str, Any]:
    """Return a list as it is; one that shall be controlled asks for approval from now on."""
    values = one.values
    library = values["template"] == "library"
    asked = values["title"] in controlled
    told: dict[str, Any] = {
        "key": _code(url.replace("_x0020_", "-")).replace("-", "_"),
        "title": values["title"],
        "url": url,
        "template": values["template"],
        "place": ("controlled" if asked else "open") if library else "register",
        "description": values["description"],
        "crawled": values["crawled"],
        "own_only": values["own_only"] and not library,
        "approval": values["approval"] or asked,
        "versions": _versions(one, asked=asked),
        "care": {"inherits": "free", "access": "free", "validation": "free"},
        "columns": [_column(each) for each in one.columns.values() if _own(each)],
        "views": list(_views(one)),
    }
    if library:
        told["site_columns"] = list(OURS)
        told["policies"] = list(load_standard().modes if asked else OPEN)
    return told


def _versions(one: FoundList, *, asked: bool) -> Mapping[str, Any]:
    values = one.values
    library = values["template"] == "library"
    minor = library and (values["minor"] or asked)
    told: dict[str, Any] = {"minor": minor, "keep_major": max(values["keep_major"], 1)}
    if minor and values["keep_minor"]:
        told["keep_minor"] = values["keep_minor"]
    if minor:
        told["drafts_seen_by"] = "editors" if asked else values["drafts_seen_by"]
    return told


def _own(found: Found) -> bool:
    """Whether a column is staff's own and of a kind that a schema can say."""
    values = found.values
    return bool(
        values["removable"]
        and values["kind"] in KINDS
        and NAME.fullmatch(found.id)
        and found.id not in OURS
        and (values["kind"] != "choice" or values["choices"])
    )


def _column(found: Found) -> Mapping[str, Any]:
    values = found.values
    told: dict[str, Any] = {"name": found.id, "title": values["title"], "kind": values["kind"]}
    told |= {"care": {"formatting": "free", "validation": "free", "default": "free"}}
    for name in ("choices", "required", "many"):
        if values[name]:
            told[name] = values[name]
    return told


def _views(one: FoundList) -> Iterator[Mapping[str, Any]]:
    """Yield the views that a schema can say; none, when the default one is not among them."""
    known = {*NATIVE_COLUMNS, *(each.id for each in one.columns.values() if _own(each))}
    said = {
        title: view.values
        for title, view in one.views.items()
        if {*view.values["columns"], *_ASKED.findall(view.values["query"])} <= known
    }
    if sum(values["default"] for values in said.values()) != 1:
        return
    for title, values in said.items():
        told = {name: values[name] for name in ("columns", "query", "rows", "default")}
        yield {"title": title, **told, "care": dict.fromkeys(_VIEW, "free")}


_ASKED = re.compile(r'FieldRef Name="([^"]+)"')
_VIEW = ("columns", "query", "default", "formatting")


def _left_out(state: SiteState) -> Iterator[str]:
    """Yield what the file does not say: it stays as it is, and staff's own."""
    for url, one in state.others.items():
        title = one.values["title"]
        if one.values["base"] not in BASES:
            yield f"{title}: a list of another kind (template {one.values['base']})"
        elif url not in NATIVE:
            names = [
                each.values["title"]
                for each in one.columns.values()
                if each.values["removable"] and not each.values["ours"] and not _own(each)
            ]
            if names:
                yield f"{title}: the columns {', '.join(names)}"
