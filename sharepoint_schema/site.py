"""What a site should be: groups, columns, content types, lists, views, access, starter files.

A template is YAML under `data/sites`; `expand` fills in one order and the roles, and yields the
spec that plans are made against. Property classes (owned, floor, free) are in `care.py`.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sharepoint_schema.list_rules import KnownColumns
from sharepoint_schema.loading import DATA, read_record
from sharepoint_schema.problems import Problem, SchemaProblems
from sharepoint_schema.record import Code, Line, Record
from sharepoint_schema.registers import Register
from sharepoint_schema.rules import Reference, Rule, Unique
from sharepoint_schema.standard import Mode, load_standard
from sharepoint_schema.ways import Hub, Navigation, Part

type Level = Literal["full", "design", "edit", "contribute", "read"]
"""What a group may do: SharePoint's own permission levels."""

type Place = Literal["controlled", "open", "restricted", "quarantine", "register"]
"""What a list is for; an automatic move goes to the site's own restricted or quarantine place."""

type InternalName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9]{1,31}$")]
"""A column's internal name: it never changes and is never shown (32 characters in SharePoint)."""

type Kind = Literal[
    "text", "note", "number", "choice", "date", "user", "boolean", "lookup", "calculated"
]


class Group(Part):
    """A SharePoint group; `members` are people who must be in it, staff may add others."""

    key: Code
    title: Line
    description: str = ""
    members: tuple[Line, ...] = ()
    level: Level | None = None
    """The level on the site itself; None when the group counts in single lists only."""


class Validation(Record):
    """What a value or a row must satisfy: Excel's formula language, columns by [title]."""

    formula: Annotated[str, Field(pattern=r"^=.+$", max_length=1024)]
    message: Line


class Column(Part):
    """A column; `formatting` is a file of `data/formatting`, `lookup` the key of a list.

    A calculated one has a `formula` (Excel's language, columns by [title]) and what it `gives`.
    """

    name: InternalName
    title: Line
    kind: Kind
    description: str = ""
    choices: tuple[Line, ...] = ()
    default: Line | None = None
    required: bool = False
    many: bool = False
    lowest: int | None = None
    highest: int | None = None
    formatting: Code | None = None
    lookup: Code | None = None
    formula: Annotated[str, Field(pattern=r"^=.+$", max_length=1024)] | None = None
    gives: Literal["number", "text"] | None = None
    validation: Validation | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.kind == "choice") != bool(self.choices):
            raise ValueError("a choice column, and no other, has choices")
        if (self.kind == "lookup") != (self.lookup is not None):
            raise ValueError("a lookup column, and no other, names the list it looks into")
        if (self.kind == "calculated") != (self.formula is not None and self.gives is not None):
            raise ValueError("a calculated column, and no other, has a formula and what it gives")
        if self.default is not None and self.choices and self.default not in self.choices:
            raise ValueError(f"the default {self.default!r} is not one of the choices")
        return self


class ContentType(Part):
    """A content type: the site columns an item of this kind has besides its parent's.

    `parent` is SharePoint's own "Document" or "Item", or the key of another type declared here.
    `document_template` is a file of `data/assets`: what a new document of this type begins as. It
    lies in the site's library of templates, named after the type.
    """

    key: Code
    name: Line
    parent: Code
    description: str = ""
    columns: tuple[InternalName, ...] = ()
    document_template: Line | None = None


class View(Part):
    """A view; `query` is CAML, `formatting` a file of `data/formatting`."""

    title: Line
    columns: tuple[InternalName, ...]
    query: str = ""
    rows: Annotated[int, Field(ge=1, le=5000)] = 30
    default: bool = False
    formatting: Code | None = None


class Versions(Record):
    """Versioning; `drafts_seen_by` is who sees minor versions and pending ones."""

    minor: bool = False
    keep_major: Annotated[int, Field(ge=1, le=50000)] = 500
    keep_minor: Annotated[int, Field(ge=1, le=511)] | None = None
    drafts_seen_by: Literal["readers", "editors", "approvers"] = "readers"

    @model_validator(mode="after")
    def _drafts(self) -> Self:
        if not self.minor and self.keep_minor is not None:
            raise ValueError("keep_minor needs minor: true")
        return self


class Grant(Record):
    """A group's level on one list."""

    group: Code
    level: Level


REGISTER = "register"
"""The keeper of every list whose rows are kept true by its `entries:` and by policies."""


class SiteList(Part):
    """A library or list, and how it is policed.

    `key` is the area's name in our state; `url` its fixed name in the address, spelled as
    SharePoint spells it in type names (Shared_x0020_Documents); `site_columns` are columns of the
    site that it has without a content type; `access` None inherits the site's. `policies` are those
    that judge its documents, `modes` how they act here; `keeper` names the module of `sync.keepers`
    that keeps a list's rows true, or the files of a library without policies; `entries` is what a
    register's rows are kept to. `on_menu` puts a new list on the site's menu; `on_the_day` are
    groups that may open a file only on the day of the meeting in its name ("NEB 2026-12-01
    agenda.docx", `meetings.py`); `sig_kinds`, where given, are the only kinds of Special Interest
    Group that have it. `own_only` shows people the rows they made themselves, and those with full
    or design level all rows: what is raised there is between them and these.
    """

    key: Code
    title: Line
    url: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{1,99}$")]
    template: Literal["library", "list"]
    place: Place
    description: str = ""
    content_types: tuple[Code, ...] = ()
    site_columns: tuple[InternalName, ...] = ()
    columns: tuple[Column, ...] = ()
    indexed: tuple[InternalName, ...] = ()
    unique: tuple[InternalName, ...] = ()
    views: tuple[View, ...] = ()
    versions: Versions = Versions()
    approval: bool = False
    crawled: bool = True
    own_only: bool = False
    on_menu: bool = True
    validation: Validation | None = None
    sig_kinds: tuple[Code, ...] = ()
    access: tuple[Grant, ...] | None = None
    on_the_day: tuple[Code, ...] = ()
    policies: tuple[Code, ...] = ()
    keeper: Code | None = None
    entries: Register | None = None
    modes: Mapping[Code, Mode] = Field(default_factory=dict)

    @property
    def folder(self) -> str:
        """The name as it stands in an address: "Shared Documents"."""
        return re.sub(r"_x([0-9a-fA-F]{4})_", lambda found: chr(int(found[1], 16)), self.url)

    @property
    def policed(self) -> bool:
        """Whether any policy judges what is put here, or a keeper keeps its rows."""
        return bool(self.policies or self.keeper)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.template == "list" and self.versions.minor:
            raise ValueError("minor versions are for libraries")
        if self.template == "list" and bool(self.policies) != (self.keeper == REGISTER):
            raise ValueError(f"a list has policies just when its keeper is {REGISTER!r}")
        if (self.entries is not None) != (self.keeper == REGISTER):
            raise ValueError(f"a list has entries: just when its keeper is {REGISTER!r}")
        if self.template == "library" and self.policies and self.keeper:
            raise ValueError("what a library's policies judge is not kept by a keeper, too")
        if self.views and sum(view.default for view in self.views) != 1:
            raise ValueError("exactly one view is the default")
        if any(name not in self.indexed for name in self.unique):
            raise ValueError("a unique column must be indexed too")
        if self.own_only and (self.template == "library" or self.unique):
            raise ValueError("own_only is for lists without a unique column, as in SharePoint")
        return self


class StarterFile(Record):
    """A file put into a new site once; staff may change it.

    Its content is `text`, or `asset`: a file of `data/assets` (a template with its control block).
    """

    list: Code
    name: Line
    text: str = ""
    asset: Line | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if bool(self.text) == (self.asset is not None):
            raise ValueError("a starter file has either text or an asset")
        return self


class AppGrant(Record):
    """What one of our apps may do on this site (`Sites.Selected`)."""

    app: Line
    role: Literal["read", "write", "manage", "fullcontrol"]


class Site(Part):
    """The common form of a template and of the spec made from it.

    `templates` is the key of the library in which the content types' document templates lie.
    """

    key: Line
    title: Line
    path: Line
    description: str = ""
    template: Literal["STS#3", "SITEPAGEPUBLISHING#0"] = "STS#3"
    language: int = 2057
    owner: Line
    groups: tuple[Group, ...]
    columns: tuple[Column, ...] = ()
    content_types: tuple[ContentType, ...] = ()
    lists: tuple[SiteList, ...] = ()
    modes: Mapping[Code, Mode] = Field(default_factory=dict)
    drift: Mode | None = None
    apps: tuple[AppGrant, ...] = ()
    starter_files: tuple[StarterFile, ...] = ()
    templates: Code | None = None
    hub: Hub | None = None
    navigation: Navigation = Navigation()

    @model_validator(mode="after")
    def _places(self) -> Self:
        for place in ("restricted", "quarantine"):
            found = [one for one in self.lists if one.place == place]
            if len(found) != 1 or found[0].access is None or found[0].template != "library":
                raise ValueError(f"a site has one {place} library with its own access (decision 8)")
        return self

    @model_validator(mode="after")
    def _templates(self) -> Self:
        lacking = [one.key for one in self.content_types if one.document_template]
        if lacking and self.templates is None:
            raise ValueError(f"templates: names no library for the template of {lacking[0]}")
        return self

    @model_validator(mode="after")
    def _types(self) -> Self:
        parents = {one.key: one.parent for one in self.content_types}
        for key, parent in parents.items():
            seen, here = {key}, parent
            while here in parents:
                if here in seen:
                    raise ValueError(f"the content type {key} has itself among its parents")
                seen.add(here)
                here = parents[here]
        return self


class SiteTemplate(Site):
    """A kind of site, with `{order.…}` and `{people.…}` where an order and the roles fill in.

    `include` names fragments (files of `data/sites/fragments`): what several kinds of site share
    is written once there and comes before what the template itself declares.
    """

    include: tuple[Code, ...] = ()


class Fragment(Record):
    """A part of a site that several templates include."""

    include: tuple[Code, ...] = ()
    groups: tuple[Group, ...] = ()
    columns: tuple[Column, ...] = ()
    content_types: tuple[ContentType, ...] = ()
    lists: tuple[SiteList, ...] = ()
    apps: tuple[AppGrant, ...] = ()
    starter_files: tuple[StarterFile, ...] = ()


RULES: tuple[Rule, ...] = (
    Unique("groups[*].key"),
    Unique("groups[*].title"),
    Unique("columns[*].name"),
    Unique("columns[*].title"),
    Unique("content_types[*].key"),
    Unique("content_types[*].name"),
    Unique("lists[*].key"),
    Unique("lists[*].title"),
    Unique("lists[*].url"),
    Reference("content_types[*].columns[*]", "columns[*].name"),
    Reference("content_types[*].parent", "content_types[*].key", also=("Document", "Item")),
    Reference("lists[*].content_types[*]", "content_types[*].key"),
    Reference("lists[*].site_columns[*]", "columns[*].name"),
    Reference("lists[*].columns[*].lookup", "lists[*].key"),
    Reference("lists[*].access[*].group", "groups[*].key"),
    Reference("lists[*].on_the_day[*]", "groups[*].key"),
    Reference("starter_files[*].list", "lists[*].key"),
    Reference("templates", "lists[*].key"),
    Reference("navigation.top[*].list", "lists[*].key"),
    Reference("navigation.quick[*].list", "lists[*].key"),
)
"""What must hold between the entries of a template."""

SITES = DATA / "sites"
FRAGMENTS = SITES / "fragments"


def template_names() -> tuple[str, ...]:
    """Return the names of the shipped templates, in order."""
    return tuple(sorted(file.stem for file in SITES.glob("*.yaml")))


def load_template(name: str) -> SiteTemplate:
    """Return a shipped template by name, or the one in a file when `name` ends with .yaml.

    SchemaProblems lists every fault of it and of what it includes, each with its file and line.
    """
    file = Path(name) if name.endswith(".yaml") else SITES / f"{name}.yaml"
    if not file.is_file():
        known = ", ".join(template_names())
        says = f"there is no template {name!r}"
        raise SchemaProblems([Problem(file.name, 1, "(file)", says, f"use {known}, or a file")])
    return read_record(file, SiteTemplate, template_rules(), fragments=FRAGMENTS)


def template_rules() -> tuple[Rule, ...]:
    """Return every rule of a template, those that the standard and the shipped files make too."""
    standard = load_standard()
    formats = tuple(file.stem for file in (DATA / "formatting").glob("*.json"))
    assets = tuple(file.name for file in (DATA / "assets").iterdir())
    kinds = tuple(kind.code for kind in standard.sig_kinds)
    return (
        *RULES,
        KnownColumns(),
        Reference("lists[*].policies[*]", "no policies here", also=tuple(standard.modes)),
        Reference("lists[*].sig_kinds[*]", "no kinds here", also=kinds),
        Reference("columns[*].formatting", "no formats here", also=formats),
        Reference("lists[*].columns[*].formatting", "no formats here", also=formats),
        Reference("lists[*].views[*].formatting", "no formats here", also=formats),
        Reference("starter_files[*].asset", "no assets here", also=assets),
        Reference("content_types[*].document_template", "no assets here", also=assets),
    )
