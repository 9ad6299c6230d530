"""What Verger takes SharePoint to do without having seen it in a source, tried one by one.

Each is general knowledge, marked (gk) where the code relies on it (docs/why.md, "Never yet seen on
a real tenant"). A tenant where one is not so still works as its `else` says, or is not to be used
before the code is changed. Tried on two scratch libraries; nothing else of the site is touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sync.errors import NotReady, Rejected
from sync.model import Document, Person
from sync.tenant import documents, moves, rest, sites
from sync.tenant.columns import set_columns
from sync.tenant.graph import Ask
from sync.tenant.shapes import after_a_write, item_path
from sync.tenant.site_roles import LEVELS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from sync.service import Service
    from sync.tenant.sites import ListAt

COLUMN = "VergerDoctor"
DOING = "try what is taken for granted"
KINDS: Mapping[str, int] = {"full": 5, "design": 4, "edit": 6, "contribute": 3, "read": 2}
"""RoleTypeKind of the built-in levels (SP.RoleType: Guest 1 … Administrator 5, Editor 6)."""
FORMAT = '{"elmType":"div","txtContent":"@currentField"}'


@dataclass(frozen=True, slots=True)
class Bench:
    """Where facts are tried: two scratch libraries of one site, and somebody who works there."""

    service: Service
    first: ListAt
    second: ListAt
    person: str = ""

    async def file(self, name: str) -> str:
        """Put a file into the first library and return its list item id."""
        await sites.put_file(self.service.tenant, self.first, name, b"Verger doctor")
        found = (await self.read(self.path("Items?$select=Id,FileLeafRef")))["value"]
        there = [str(one["Id"]) for one in found if one["FileLeafRef"] == name]
        if not there:
            raise NotReady(f"{name} was put there and does not show yet", doing=DOING)
        return there[0]

    async def published(self, name: str) -> str:
        """Put a file and publish it as 1.0; returns its list item id."""
        item = await self.file(name)
        await self.invoke(self.path(f"Items({item})/File/Publish(comment='Verger doctor')"))
        return item

    async def versions(self, item: str) -> list[str]:
        found = await documents.versions(self.service.tenant, self.first, item)
        return [one.label for one in found]

    async def etag(self, item: str) -> str:
        found = await documents.file_facts(self.service.tenant, self.first, item)
        return "" if found is None else found.etag

    async def invoke(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        write = rest.Write(path, body or {})
        return await rest.invoke(self.service.tenant, self.first.site_url, write, doing=DOING)

    async def read(self, path: str) -> Any:
        return await rest.read(self.service.tenant, self.first.site_url, path, doing=DOING)

    def path(self, rest_of: str) -> str:
        return f"Web/Lists(guid'{self.first.id}')/{rest_of}"


@dataclass(frozen=True, slots=True)
class Fact:
    """What is taken to be so, what follows where it is not, and how it is tried.

    `work` returns what was seen when that is worth telling, and raises Rejected when it is not so.
    """

    says: str
    otherwise: str
    work: Callable[[Bench], Awaitable[str]]


def _unless(holds: bool, seen: str) -> str:  # noqa: FBT001 - it is the whole question
    if not holds:
        raise Rejected(seen, doing=DOING)
    return seen


async def _silent_write(bench: Bench) -> str:
    item = await bench.published("silent.txt")
    before = await bench.versions(item)
    await set_columns(bench.service.tenant, bench.first, item, {COLUMN: "tried"})
    after = await bench.versions(item)
    return _unless(
        before == after, f"versions {', '.join(before)} before, {', '.join(after)} after"
    )


async def _patch_makes_draft(bench: Bench) -> str:
    item = await bench.published("patched.txt")
    path = f"{item_path(bench.first, item)}/fields"
    ask = Ask("PATCH", path, "change a column", {COLUMN: "patched"}, units=2)
    await bench.service.tenant.graph.send(ask)
    after = await bench.versions(item)
    return _unless(after[:1] == ["1.1"], f"the newest version is {after[0] if after else 'none'}")


async def _etag_counts(bench: Bench) -> str:
    item = await bench.file("counted.txt")
    before = await bench.etag(item)
    await set_columns(bench.service.tenant, bench.first, item, {COLUMN: "counted"})
    after = await bench.etag(item)
    return _unless(after == after_a_write(before), f"{before} became {after}")


async def _editor_is_named(bench: Bench) -> str:
    if not bench.person:
        return "not tried: the roles file names nobody"
    item = await bench.file("edited.txt")
    found = await documents.file_facts(bench.service.tenant, bench.first, item)
    if found is None:
        raise Rejected("the file is gone", doing=DOING)
    author = Person(mail=bench.person)
    left = Document(
        site=bench.first.site_url, list_id=bench.first.id, item_id=item, name=found.name,
        modified_by=author, modified_at=found.modified_at,
    )  # fmt: skip
    await set_columns(bench.service.tenant, bench.first, item, {COLUMN: "x"}, left_by=left)
    after = await documents.file_facts(bench.service.tenant, bench.first, item)
    who = after.modified_by.mail if after else ""
    return _unless(
        who.casefold() == bench.person.casefold(), f"Modified By shows {who or 'nobody'}"
    )


async def _moved_keeps_its_id(bench: Bench) -> str:
    """Move a file with permissions of its own; what becomes of those is told, not judged."""
    item = await bench.file("moved.txt")
    apart = "BreakRoleInheritance(copyRoleAssignments=true,clearSubscopes=true)"
    await bench.invoke(bench.path(f"Items({item})/{apart}"))
    found = await documents.file_facts(bench.service.tenant, bench.first, item)
    if found is None:
        raise Rejected("the file is gone", doing=DOING)
    document = Document(
        site=bench.first.site_url, list_id=bench.first.id, item_id=item, name=found.name,
        unique_id=found.unique_id, web_url=found.web_url,
    )  # fmt: skip
    there = await moves.move(bench.service.tenant, bench.first, document, bench.second)
    path = f"Web/Lists(guid'{bench.second.id}')/Items({there})?$select=HasUniqueRoleAssignments"
    own = (await bench.read(path))["HasUniqueRoleAssignments"]
    kept = "kept" if own else "gone, the new library's apply"
    return f"found by it as item {there}; its own permissions are {kept}"


async def _level_ids(bench: Bench) -> str:
    rows = (await bench.read("Web/RoleDefinitions?$select=Id,RoleTypeKind"))["value"]
    found = {int(row["Id"]): int(row["RoleTypeKind"]) for row in rows}
    other = [name for name, number in LEVELS.items() if found.get(number) != KINDS[name]]
    return _unless(not other, f"not as known: {', '.join(other)}" if other else "all five")


async def _fixed_name(bench: Bench) -> str:
    select = f"Web/Lists(guid'{bench.first.id}')?$select=EntityTypeName,Title"
    before = await bench.read(select)
    title = f"{before['Title']} renamed"
    path = f"Web/Lists(guid'{bench.first.id}')"
    write = rest.Write(path, rest.typed("SP.List", Title=title), "MERGE")
    tenant, site_url = bench.service.tenant, bench.first.site_url
    await rest.write_together(tenant, site_url, [write], doing=DOING)
    after = await bench.read(select)
    same = before["EntityTypeName"] == after["EntityTypeName"] and after["Title"] == title
    return _unless(same, f"{before['EntityTypeName']} became {after['EntityTypeName']}")


async def _nested_expand(bench: Bench) -> str:
    path = "Web/Lists?$select=Id,Views/Title,Views/ViewFields&$expand=Views,Views/ViewFields"
    rows = (await bench.read(path))["value"]
    (mine,) = [one for one in rows if str(one["Id"]).lower() == bench.first.id]
    views = mine["Views"]
    views = views["value"] if isinstance(views, dict) and "value" in views else views
    told = bool(views) and all("ViewFields" in view for view in views)
    return _unless(told, f"{len(rows)} lists in one read, views with their columns")


async def _formatter_in_xml(bench: Bench) -> str:
    name = f"{COLUMN}Formatted"
    shown = FORMAT.replace('"', "&quot;")
    xml = f'<Field Type="Text" Name="{name}" DisplayName="{name}" CustomFormatter="{shown}"/>'
    made = rest.typed("SP.XmlSchemaFieldCreationInformation", SchemaXml=xml, Options=8)
    await bench.invoke(bench.path("Fields/CreateFieldAsXml"), {"parameters": made})
    where = bench.path(f"Fields/GetByInternalNameOrTitle('{name}')?$select=CustomFormatter")
    seen = (await bench.read(where))["CustomFormatter"] or ""
    return _unless("currentField" in seen, "the column shows it" if seen else "the column has none")


FACTS: tuple[Fact, ...] = (
    Fact(
        "ValidateUpdateListItem makes no version on a published file",
        "each verdict would make a version: stop, and set every policy to observe",
        _silent_write,
    ),
    Fact(
        "a column written through Graph makes draft 1.1 of a published 1.0",
        "no harm: Verger never writes so where versions are kept",
        _patch_makes_draft,
    ),
    Fact(
        "an eTag's number grows by one with each write",
        "no harm but cost: each of our own writes is judged once more",
        _etag_counts,
    ),
    Fact(
        "a column write may name its editor",
        "Modified By shows the app after each verdict: tell staff",
        _editor_is_named,
    ),
    Fact(
        "a file moved across libraries keeps its UniqueId",
        "a file that is moved would be taken for a new one: set containment to observe",
        _moved_keeps_its_id,
    ),
    Fact(
        "built-in permission levels have the ids that are known",
        "plans would grant the wrong level: do not apply on this tenant",
        _level_ids,
    ),
    Fact(
        "EntityTypeName stays when a list is renamed",
        "a list that staff renamed would be taken for missing: do not rename lists",
        _fixed_name,
    ),
    Fact(
        "lists are read with their views' columns in one request",
        "drift says unknown for every view",
        _nested_expand,
    ),
    Fact(
        "a column's formatting may stand in its XML",
        "no harm but cost: drift sets it in a write of its own",
        _formatter_in_xml,
    ),
)
"""Every assumption that can be tried without a person and without anything outside the site.

Not tried: the words of a refusal under a retention label, for which a label would be needed, and
how many bytes a Graph `$batch` takes at most, for a refusal there harms nothing."""
