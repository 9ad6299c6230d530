"""What staff do to open restricted files to others, and what a check makes of it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Self

from sync.restricted import rounds
from sync.restricted.exceptions import end_what_is_over
from sync.state import checks, journal_reading, notices
from tests import flow_kit
from tests import tenant_kit as kit

TITLES = {"restricted": "Restricted", "quarantine": "Quarantine"}
_count = itertools.count(1)


@dataclass
class Sharers:
    """Staff of the core site; the director owns it."""

    desk: flow_kit.Desk
    site: str = ""
    lists: dict[str, str] = field(default_factory=dict)
    made: list[tuple[Any, str]] = field(default_factory=list)

    @classmethod
    async def of(cls, desk: flow_kit.Desk) -> Self:
        here = cls(desk)
        here.allow(1_000_000)  # many tests share one hour
        owner = desk.person(kit.DIRECTOR)
        here.site = owner.get(f"/v1.0/sites/{kit.HOST}:/sites/core").json()["id"]
        drives = owner.get(f"/v1.0/sites/{here.site}/drives").json()["value"]
        for area, title in TITLES.items():
            desk.drives[area] = next(one["id"] for one in drives if one["name"] == title)
        for area in (*TITLES, "working", "controlled", "access_exceptions"):
            here.lists[area] = await desk.list_id(area)
        return here

    def allow(self, units: int) -> None:
        """Set how many resource units an hour the check may spend."""
        service = self.desk.service
        access = service.standard.access.model_copy(update={"units_an_hour": units})
        service.standard = service.standard.model_copy(update={"access": access})

    def put(self, area: str = "restricted", who: str = kit.DIRECTOR) -> Any:
        """Upload a file nobody else has a name for; returns the driveItem."""
        made = self.desk.upload(f"paper {next(_count)}.txt", b"words of a paper", area, who)
        self.made.append((made, who))
        return made

    def clear(self) -> None:
        """Delete what was put: each file shared once costs every later check five units."""
        for item, who in self.made:
            self.desk.person(who).delete(_path(item))

    def link(self, item: Any, scope: str, *people: str, who: str = kit.DIRECTOR) -> Any:
        body = {
            "type": "view",
            "scope": scope,
            "retainInheritedPermissions": True,
            "recipients": [{"email": one} for one in people],
        }
        answer = self.desk.person(who).post(f"{_path(item)}/createLink", json=body)
        answer.raise_for_status()
        return answer.json()

    def unlink(self, item: Any, link_id: str, who: str = kit.DIRECTOR) -> None:
        path = f"{_path(item)}/permissions/{link_id}"
        self.desk.person(who).delete(path).raise_for_status()

    def invite(self, item: Any, person: str, who: str = kit.DIRECTOR) -> None:
        body = {
            "recipients": [{"email": person}],
            "roles": ["read"],
            "requireSignIn": True,
            "sendInvitation": False,
            "retainInheritedPermissions": True,
        }
        self.desk.person(who).post(f"{_path(item)}/invite", json=body).raise_for_status()

    def rest(self, path: str, body: Any = None, method: str = "POST") -> Any:
        """Do something by SharePoint's own REST, as the site's owner."""
        client = self.desk.tenant.http(kit.DIRECTOR, kit.HOST)
        answer = client.request(
            method,
            f"/sites/core/_api/web/{path}",
            json=body,
            headers={"Host": kit.HOST, "Accept": "application/json;odata=nometadata"},
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def folder(self, area: str) -> Any:
        body = {"name": f"folder {next(_count)}", "folder": {}}
        path = f"/v1.0/drives/{self.desk.drives[area]}/root/children"
        answer = self.desk.person(kit.DIRECTOR).post(path, json=body)
        answer.raise_for_status()
        self.made.append((answer.json(), kit.DIRECTOR))
        return answer.json()

    def unique_item(self, item: Any, area: str = "restricted") -> str:
        """Return the address of a file's list item, below `_api/web`."""
        return f"lists(guid'{self.lists[area]}')/items({self.number(item)})"

    def login_of(self, crowd: str) -> str:
        """Return SharePoint's login of everyone, of all but guests, or of a group by its name."""
        if crowd == "Everyone":
            return "c:0(.s|true"
        if crowd == "Everyone except external users":
            return f"c:0-.f|rolemanager|spo-grid-all-users/{kit.TENANT_ID}"
        path = f"/v1.0/groups?$filter=displayName eq '{crowd}'"
        told = self.desk.person(kit.DIRECTOR).get(path).json()["value"]
        return f"c:0t.c|tenant|{told[0]['id']}"

    def admit(self, item: Any, area: str, login: str) -> None:
        """Give a file or a folder permissions of its own, and let somebody read it."""
        place = self.unique_item(item, area)
        self.rest(f"{place}/BreakRoleInheritance(copyRoleAssignments=true,clearSubscopes=false)")
        self.grant(place, login)

    def grant(self, place: str, login: str) -> None:
        who = self.rest("EnsureUser", {"logonName": login})["Id"]
        told = f"principalid={who},roledefid=1073741826"
        self.rest(f"{place}/RoleAssignments/AddRoleAssignment({told})")

    def holders(self, item: Any, area: str) -> list[str]:
        path = f"{self.unique_item(item, area)}/RoleAssignments?$expand=Member"
        return [one["Member"]["Title"] for one in self.rest(path, method="GET")["value"]]

    def group(self, name: str) -> int:
        told = self.rest("SiteGroups?$select=Id,Title", method="GET")["value"]
        return int(next(one["Id"] for one in told if one["Title"] == f"WMIN Core Team {name}"))

    def members(self, group: str) -> list[str]:
        told = self.rest(f"SiteGroups({self.group(group)})/Users?$select=LoginName", method="GET")
        return [one["LoginName"].rpartition("|")[2] for one in told["value"]]

    def join(self, group: str, who: str) -> None:
        body = {"LoginName": f"i:0#.f|membership|{who}"}
        self.rest(f"SiteGroups({self.group(group)})/Users", body)

    def leave(self, group: str, who: str) -> None:
        login = f"@v='i:0%23.f|membership|{who}'"
        self.rest(f"SiteGroups({self.group(group)})/Users/RemoveByLoginName(@v)?{login}")

    def levels(self, area: str) -> dict[str, list[str]]:
        """Return who holds what on a library, our own app left out."""
        expand = "Member,RoleDefinitionBindings"
        path = f"lists(guid'{self.lists[area]}')/RoleAssignments?$expand={expand}"
        return {
            one["Member"]["Title"]: [role["Name"] for role in one["RoleDefinitionBindings"]]
            for one in self.rest(path, method="GET")["value"]
            if not one["Member"]["LoginName"].startswith("i:0i.t|")
        }

    async def personal(self, entry: Any) -> dict[str, str | None]:
        async with self.desk.service.state.read() as tx:
            return await journal_reading.personal_of(tx, entry.site_id, entry.seq)

    def opens(self, item: Any, who: str) -> bool:
        return self.desk.person(who).get(_path(item)).status_code == 200

    def links_of(self, item: Any) -> list[str]:
        told = self.desk.person(kit.DIRECTOR).get(f"{_path(item)}/permissions").json()["value"]
        return [one["link"]["scope"] for one in told if "link" in one]

    @property
    def rows(self) -> str:
        return f"/v1.0/sites/{self.site}/lists/{self.lists['access_exceptions']}/items"

    async def ask_for(
        self, item: Any | None, person: str, who: str = kit.DIRECTOR, **more: Any
    ) -> str:
        """Add a row to the access exceptions; returns its id. No item: the whole library."""
        day = self.desk.service.today() + timedelta(days=30)
        fields = {
            "Title": "Access for a time",
            "ExceptionFile": "" if item is None else self.number(item),
            "ExceptionPerson": person,
            "ExceptionReason": "Legal advice",
            "ExceptionUntil": f"{day}T00:00:00Z",
        }
        answer = self.desk.person(who).post(self.rows, json={"fields": fields | more})
        answer.raise_for_status()
        if item is not None:
            await self.desk.settle("restricted")
        await self.desk.settle("access_exceptions")
        return str(answer.json()["id"])

    async def answer(self, row: str, who: str) -> None:
        await self.change(row, who, ExceptionAnswer="Agreed")

    async def change(self, row: str, who: str = kit.DIRECTOR, **fields: Any) -> None:
        path = f"{self.rows}/{row}/fields"
        self.desk.person(who).patch(path, json=fields).raise_for_status()
        await self.desk.settle("access_exceptions")

    async def remove(self, row: str) -> None:
        self.desk.person(kit.DIRECTOR).delete(f"{self.rows}/{row}").raise_for_status()
        await self.desk.settle("access_exceptions")

    async def shown(self, row: str) -> tuple[str, str]:
        """Return what the row says came of it."""
        told = self.desk.person(kit.DIRECTOR).get(f"{self.rows}/{row}?$expand=fields").json()
        fields = told["fields"]
        return fields.get("ExceptionStatus", ""), fields.get("ExceptionNote", "")

    def number(self, item: Any) -> str:
        """Return the ID that a file has in its library."""
        path = f"{_path(item)}/listItem"
        return str(self.desk.person(kit.DIRECTOR).get(path).json()["id"])

    async def entries_of(self, kind: str, row: str) -> list[Any]:
        return [one for one in await self.entries(kind) if one.item_id == row]

    async def check(self, area: str = "restricted") -> bool:
        """Let one check of a library run; exceptions that are over have ended before."""
        await end_what_is_over(self.desk.service)
        return await rounds.check_list(self.desk.service, self.lists[area])

    async def state_of(self, area: str = "restricted") -> checks.Check:
        async with self.desk.service.state.read() as tx:
            return await checks.get_check(tx, self.lists[area])

    async def entries(self, kind: str) -> list[Any]:
        async with self.desk.service.state.read() as tx:
            return await journal_reading.entries(tx, journal_reading.Query(kind=kind))

    async def mails(self, subject: str) -> list[Any]:
        async with self.desk.service.state.read() as tx:
            return [one for one in await notices.all_notices(tx) if one.subject == subject]


def _path(item: Any) -> str:
    return f"/v1.0/drives/{item['parentReference']['driveId']}/items/{item['id']}"
