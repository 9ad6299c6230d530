"""Tries each verb that policing needs on a library made for it and taken away again.

An error of Sites.Selected does not say which grant is missing; the verb that fails does (field
notes: powershell#5169). What Verger takes for granted is tried in the same place (`scratch_facts`).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sync.errors import NotReady, Rejected, VergerError
from sync.scratch_facts import COLUMN, FACTS, Bench
from sync.tenant import rest, sites
from sync.tenant.columns import set_columns
from sync.tenant.shapes import list_path

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from sync.scratch_facts import Fact
    from sync.service import Service
    from sync.tenant.sites import ListAt

NAME = "Verger doctor.txt"


@dataclass(frozen=True, slots=True)
class Tried:
    """One verb: the least grant on the site that it needs, and what went wrong (None: nothing)."""

    verb: str
    grant: str
    error: VergerError | None = None


async def try_all(service: Service, site_id: str, site_url: str) -> list[Tried]:
    """Try every verb on a scratch library of one site, in order; the library is removed at the end.

    A verb that fails does not keep the others from being tried.
    """
    try:
        where = await _make(service, site_id, site_url)
    except VergerError as error:
        return [Tried("make a library", "manage", error)]
    tried = [Tried("make a library", "manage")]
    for verb, (grant, work) in VERBS.items():
        tried.append(await _try(service, where, verb, grant, work))
    tried.append(await _try(service, where, "remove a library", "manage", _remove))
    return tried


@dataclass(frozen=True, slots=True)
class Tested:
    """One fact: what is taken to be so, what was seen, and what follows where it is not so."""

    fact: str
    seen: str
    otherwise: str = ""


async def try_facts(service: Service, site_id: str, site_url: str) -> list[Tested]:
    """Try every fact on two scratch libraries of one site, which are removed at the end.

    A fact that does not hold keeps none of the others from being tried. Raises VergerError when the
    libraries can't be made.
    """
    first = await _make(service, site_id, site_url, minor=True)
    second = await _make(service, site_id, site_url)
    people = [one for someone in service.roles.people.values() for one in someone]
    bench = Bench(service, first, second, people[0] if people else "")
    try:
        await _column(service, first)
        return [await _test(bench, fact) for fact in FACTS]
    finally:
        for where in (first, second):
            await _remove(service, where)


async def _test(bench: Bench, fact: Fact) -> Tested:
    try:
        return Tested(fact.says, await fact.work(bench))
    except VergerError as error:
        return Tested(fact.says, str(error), fact.otherwise)


async def _make(
    service: Service, site_id: str, site_url: str, *, minor: bool = False
) -> sites.ListAt:
    title = f"Verger doctor {secrets.token_hex(4)}"
    body = rest.typed("SP.List", Title=title, BaseTemplate=101, NoCrawl=True)
    made = await _invoke(service, site_url, "Web/Lists", body)
    where = sites.ListAt(str(made["Id"]).lower(), site_id, site_url)
    if minor:
        kept = rest.typed("SP.List", EnableVersioning=True, EnableMinorVersions=True)
        write = rest.Write(f"Web/Lists(guid'{where.id}')", kept, "MERGE")
        await rest.write_together(service.tenant, site_url, [write], doing="keep drafts")
    return where


async def _try(
    service: Service,
    where: ListAt,
    verb: str,
    grant: str,
    work: Callable[[Service, ListAt], Awaitable[None]],
) -> Tried:
    try:
        await work(service, where)
    except VergerError as error:
        return Tried(verb, grant, error)
    return Tried(verb, grant)


async def _invoke(
    service: Service, site_url: str, path: str, body: Mapping[str, Any] | None = None
) -> Any:
    write = rest.Write(path, body or {})
    return await rest.invoke(service.tenant, site_url, write, doing=f"try {path}")


def _path(where: ListAt, rest_of: str) -> str:
    return f"Web/Lists(guid'{where.id}')/{rest_of}"


async def _column(service: Service, where: ListAt) -> None:
    xml = f'<Field Type="Text" Name="{COLUMN}" DisplayName="{COLUMN}"/>'
    made = rest.typed("SP.XmlSchemaFieldCreationInformation", SchemaXml=xml, Options=8)
    path = _path(where, "Fields/CreateFieldAsXml")
    await _invoke(service, where.site_url, path, {"parameters": made})


async def _file(service: Service, where: ListAt) -> None:
    await sites.put_file(service.tenant, where, NAME, b"Verger doctor")


async def _delta(service: Service, where: ListAt) -> None:
    path = f"{list_path(where)}/items/delta?$expand=fields"
    page = await service.tenant.graph.get(path, dict[str, Any], doing="read changes", units=2)
    if not page["value"]:
        raise NotReady("the change feed does not tell of a new file yet", doing="read changes")


async def _columns_without_version(service: Service, where: ListAt) -> None:
    """Write a column and see that no version was made (decision 1, gk)."""
    before = await _versions(service, where)
    await set_columns(service.tenant, where, "1", {COLUMN: "tried"})
    after = await _versions(service, where)
    if before != after:
        says = f"{after - before} versions were made by it"
        raise Rejected(says, doing="write a column without a version")


async def _versions(service: Service, where: ListAt) -> int:
    path = f"{list_path(where)}/items/1/versions"
    doing = "count versions"
    return len((await service.tenant.graph.get(path, dict[str, Any], doing=doing))["value"])


async def _audience(service: Service, where: ListAt) -> None:
    apart = "BreakRoleInheritance(copyRoleAssignments=true,clearSubscopes=true)"
    await _invoke(service, where.site_url, _path(where, apart))
    await _invoke(service, where.site_url, _path(where, "ResetRoleInheritance"))


async def _remove(service: Service, where: ListAt) -> None:
    await _invoke(service, where.site_url, _path(where, "DeleteObject"))


VERBS: Mapping[str, tuple[str, Callable[[Service, ListAt], Awaitable[None]]]] = {
    "make a column": ("manage", _column),
    "put a file": ("write", _file),
    "read the changes": ("read", _delta),
    "write a column without a version": ("write", _columns_without_version),
    "take an audience away": ("fullcontrol", _audience),
}
"""Each verb, the least grant it needs (Sites.Selected), and how it is tried."""
