"""From a template, an order and the roles to the spec of one site."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from sharepoint_schema.dates import show_date
from sharepoint_schema.loading import DATA
from sharepoint_schema.order import SigOrder
from sharepoint_schema.problems import Problem, SchemaProblems
from sharepoint_schema.roles import Roles
from sharepoint_schema.site import (
    Column,
    ContentType,
    Group,
    Place,
    Site,
    SiteList,
    SiteTemplate,
    StarterFile,
)
from sharepoint_schema.standard import Mode, load_standard

_TOKEN = re.compile(r"\{(order|people|apps|site)\.(\w+)\}")


class SiteSpec(Site):
    """One site as it should be; nothing in it is left to fill in."""

    def list(self, key: str) -> SiteList:
        """Return the list of an area; KeyError when there is none."""
        return _first(self.lists, "key", key)

    def place(self, place: Place) -> SiteList:
        """Return the first list for a purpose, such as "quarantine"; KeyError if none."""
        return _first(self.lists, "place", place)

    def group(self, key: str) -> Group:
        """Return the group with this key; KeyError when there is none."""
        return _first(self.groups, "key", key)

    def column(self, name: str) -> Column:
        """Return the site column with this internal name; KeyError when there is none."""
        return _first(self.columns, "name", name)

    def content_type(self, key: str) -> ContentType:
        """Return the content type with this key; KeyError when there is none."""
        return _first(self.content_types, "key", key)

    def columns_of(self, area: SiteList) -> tuple[Column, ...]:
        """Return every declared column of a list: content types', the site's, then its own."""
        types = [self.content_type(key) for key in area.content_types]
        names = dict.fromkeys(name for one in types for name in self.type_columns(one))
        names |= dict.fromkeys(area.site_columns)
        return (*(self.column(name) for name in names), *area.columns)

    def parent_of(self, one: ContentType) -> ContentType | None:
        """Return the declared parent of a content type; None where it is SharePoint's own."""
        return next((each for each in self.content_types if each.key == one.parent), None)

    def type_columns(self, one: ContentType) -> tuple[str, ...]:
        """Return the names of every column of a content type, its parents' first."""
        parent = self.parent_of(one)
        return (*(self.type_columns(parent) if parent else ()), *one.columns)

    @property
    def files(self) -> tuple[StarterFile, ...]:
        """Every file a new site is given: starter files, then each type's document template."""
        made = (
            StarterFile(
                list=self.templates or "", name=template_name(one), asset=one.document_template
            )
            for one in self.content_types
            if one.document_template
        )
        return (*self.starter_files, *made)

    def address_of(self, area: SiteList) -> str:
        """Return the server-relative address of a list's folder."""
        inside = "" if area.template == "library" else "Lists/"
        return f"{self.path}/{inside}{area.folder}"

    def template_url(self, one: ContentType) -> str | None:
        """Return the server-relative address of a type's document template; None if it has none."""
        if one.document_template is None or self.templates is None:
            return None
        return f"{self.address_of(self.list(self.templates))}/{template_name(one)}"

    def links(self, bar: Literal["top", "quick"]) -> tuple[tuple[str, str], ...]:
        """Return title and address of every link a bar of the navigation must have."""
        wanted = self.navigation.top if bar == "top" else self.navigation.quick
        return tuple(
            (one.title, one.url or self.address_of(self.list(one.list or ""))) for one in wanted
        )

    def modes_of(self, area: SiteList) -> Mapping[str, Mode]:
        """Return how each policy of a list acts: as the list, the site or the standard says."""
        usual = load_standard().modes
        return {p: area.modes.get(p) or self.modes.get(p) or usual[p] for p in area.policies}


def expand(
    template: SiteTemplate, order: SigOrder | None = None, roles: Roles | None = None
) -> SiteSpec:
    """Return the spec of a site; SchemaProblems names every blank that nothing fills.

    A blank such as `{order.name}` stands for words; one that is a whole entry of a list, such as
    `{people.ig_officers}`, for as many entries as there are people in the role.
    """
    words = _words(template, order, roles or Roles())
    data = template.model_dump(mode="json", exclude={"include"})
    data["lists"] = [one for one in data["lists"] if _has(one, order)]
    keys = {one["key"] for one in data["lists"]}
    data["starter_files"] = [one for one in data["starter_files"] if one["list"] in keys]
    missing = sorted(_blanks(data) - words.keys())
    if missing:
        raise SchemaProblems(
            Problem(f"{template.key}", 1, blank, "nothing fills this blank", _way_out(blank))
            for blank in missing
        )
    return SiteSpec.model_validate_json(json.dumps(_filled(data, words)))


def _has(area: Mapping[str, Any], order: SigOrder | None) -> bool:
    """Whether a site made from this order has a list: some are for certain kinds of group."""
    return not area["sig_kinds"] or (order is not None and order.kind in area["sig_kinds"])


def template_name(one: ContentType) -> str:
    """Return the file name of a type's document template, such as "Position statement.docx"."""
    return f"{one.name}{Path(one.document_template or '').suffix}"


def content_of(file: StarterFile) -> bytes:
    """Return the bytes of a starter file."""
    if file.asset is None:
        return file.text.encode()
    return (DATA / "assets" / file.asset).read_bytes()


def formatting(name: str) -> str:
    """Return the column formatting of a name as canonical JSON text, the form it is compared in."""
    text = (DATA / "formatting" / f"{name}.json").read_text(encoding="utf-8")
    return json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _words(
    template: SiteTemplate, order: SigOrder | None, roles: Roles
) -> Mapping[str, tuple[str, ...]]:
    words = {f"people.{role}": people for role, people in roles.people.items()}
    words |= {f"apps.{role}": (app,) for role, app in roles.apps.items()}
    words |= {f"order.{name}": (text,) for name, text in _order_words(order).items()}
    title = _TOKEN.sub(lambda m: (words.get(f"{m[1]}.{m[2]}") or (m[0],))[0], template.title)
    return words | {"site.title": (title,)}


def _order_words(order: SigOrder | None) -> Mapping[str, str]:
    if order is None:
        return {}
    kind = load_standard().sig_kind(order.kind)
    part = kind.sub_kind(order.sub_kind).name if order.sub_kind else "none"
    return {
        "name": order.name,
        "slug": order.slug,
        "kind": kind.name,
        "sub_kind": part,
        "chair": order.chair,
        "facilitator": order.facilitator,
        "network_director": _agreed(
            order.network_director.who, show_date(order.network_director.date)
        ),
        "clinical_director": _agreed(
            order.clinical_director.who, show_date(order.clinical_director.date)
        ),
        "operational_board": _agreed(
            order.operational_board.reference, show_date(order.operational_board.date)
        ),
    }


def _agreed(who: str, when: str) -> str:
    return f"{who}, {when}"


def _blanks(data: Any) -> set[str]:
    if isinstance(data, str):
        return {f"{m[1]}.{m[2]}" for m in _TOKEN.finditer(data)}
    children = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return set().union(*map(_blanks, children))


def _filled(data: Any, words: Mapping[str, tuple[str, ...]]) -> Any:
    if isinstance(data, str):
        return _TOKEN.sub(lambda m: ", ".join(words[f"{m[1]}.{m[2]}"]), data)
    if isinstance(data, dict):
        return {key: _filled(value, words) for key, value in data.items()}
    if isinstance(data, list):
        return _once([one for value in data for one in _entries(value, words)])
    return data


def _once(entries: list[Any]) -> list[Any]:
    """Return names each once: somebody may play two of the parts that a list names."""
    return list(dict.fromkeys(entries)) if all(isinstance(e, str) for e in entries) else entries


def _entries(value: Any, words: Mapping[str, tuple[str, ...]]) -> list[Any]:
    whole = _TOKEN.fullmatch(value) if isinstance(value, str) else None
    return list(words[f"{whole[1]}.{whole[2]}"]) if whole else [_filled(value, words)]


def _way_out(blank: str) -> str:
    kind, _, name = blank.partition(".")
    if kind == "order":
        return "give a signed-off order for this kind of site"
    return f"add {name} under {kind} in the roles file"


def _first[T](entries: tuple[T, ...], attribute: str, value: str) -> T:
    for entry in entries:
        if getattr(entry, attribute) == value:
            return entry
    raise KeyError(value)
