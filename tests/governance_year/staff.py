"""What people do in the year: entries and files as they make them, and the hints that follow.

Rows that are entered together go in together, in the batches that Graph takes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import batched
from typing import TYPE_CHECKING, Any

from sync import changes, enforcement
from sync.errors import NotReady
from sync.hints import Hint, Nudge
from sync.state import backlog
from tests import tenant_kit as kit
from tests.governance_year.stage import mail

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sync.state.lists import ListRow
    from tests.flow_kit import Desk

type Place = tuple[str, str]
"""A site's last part and a list's key: ("neb", "meetings")."""
MOST = 20
ROUNDS = 20
BAD = 400


@dataclass
class Staff:
    """Everybody who works in the year. `touched` are the lists of which no hint was given yet."""

    desk: Desk
    lists: dict[Place, ListRow]
    touched: dict[Place, None] = field(default_factory=dict)
    ids: dict[tuple[str, str, str], str] = field(default_factory=dict)
    numbers: dict[tuple[str, str], str] = field(default_factory=dict)
    files: dict[str, Any] = field(default_factory=dict)

    def enter(self, place: Place, rows: Sequence[dict[str, Any]], who: str = "helen.ward") -> None:
        """Add these entries to a register."""
        asked = [("POST", self._items(place), {"fields": one}) for one in rows]
        for row, answer in zip(rows, self._together(asked, who), strict=True):
            self.ids[(*place, row["Title"])] = str(answer["id"])
        self.touched[place] = None

    def change(self, place: Place, title: str, who: str = "helen.ward", **fields: Any) -> None:
        """Change an entry by its title."""
        item = f"{self._items(place)}/{self.ids[(*place, title)]}/fields"
        self._together([("PATCH", item, fields)], who)
        self.touched[place] = None

    def upload(self, place: Place, name: str, data: bytes, who: str) -> None:
        """Put a file into a library."""
        path = f"/v1.0/drives/{self._drive(place)}/root:/{name}:/content"
        answer = self.desk.person(mail(who)).put(path, content=data)
        answer.raise_for_status()
        self.files[name] = answer.json()
        self.touched[place] = None

    def set_columns(self, place: Place, name: str, who: str, **fields: Any) -> None:
        """Set columns beside a file."""
        item = self.files[name]["id"]
        path = f"/v1.0/drives/{self._drive(place)}/items/{item}/listItem/fields"
        self.desk.person(mail(who)).patch(path, json=fields).raise_for_status()
        self.touched[place] = None

    def publish(self, place: Place, name: str, who: str) -> None:
        """Publish a file in a library without approval."""
        self.desk.publish(self.files[name], mail(who))
        self.touched[place] = None

    def number(self, site: str, name: str) -> str:
        """Return a site's number for somebody."""
        if (site, name) not in self.numbers:
            plain = {"Accept": "application/json"}
            login = {"logonName": f"i:0#.f|membership|{mail(name)}"}
            path = f"/sites/{site}/_api/web/ensureuser"
            client = self._director()
            answer = client.post(path, json=login, headers=plain)
            answer.raise_for_status()
            self.numbers[site, name] = str(answer.json()["Id"])
        return self.numbers[site, name]

    def people(self, site: str, column: str, names: Iterable[str]) -> dict[str, Any]:
        """Return a column of several people as Graph takes it."""
        numbers = [int(self.number(site, one)) for one in names]
        return {
            f"{column}LookupId@odata.type": "Collection(Edm.Int32)",
            f"{column}LookupId": numbers,
        }

    def document_statuses(self) -> dict[str, str]:
        """Return what each file's Document status says now, by the file's name."""
        place = ("core", "controlled")
        path = f"/v1.0{self._items(place)}?$expand=fields&$top=200"
        answer = self.desk.person().get(path)
        answer.raise_for_status()
        fields = (one["fields"] for one in answer.json()["value"])
        return {one["FileLeafRef"]: one.get("DocumentStatus", "") for one in fields}

    async def settle(self) -> None:
        """Pass on the hints of what was touched, and work until nothing is left to do now."""
        await self._work()
        for _ in range(ROUNDS):
            given = 0
            for place in sorted(self.touched):
                given += await self._drain(self.lists[place])
                given += await self._work()
            if not given:
                self.touched.clear()
                return
        raise NotReady("the lists do not come to rest: something is corrected again and again")

    async def _drain(self, row: ListRow) -> int:
        hint = Hint(row.id, self.desk.service.now().isoformat())
        return len(await changes.drain(self.desk.service, hint))

    async def _work(self) -> int:
        """Work off what can be worked off now, one list after another in a fixed order."""
        service, worked = self.desk.service, 0
        while ready := await self._ready():
            for row in ready:
                await enforcement.work_off(service, Nudge(row.id, service.now().isoformat()))
            worked += 1
        return worked

    async def _ready(self) -> list[ListRow]:
        async with self.desk.service.state.read() as tx:
            ready = await backlog.ready_lists(tx, self.desk.service.now())
        return [row for _, row in sorted(self.lists.items()) if row.id in ready]

    def _items(self, place: Place) -> str:
        row = self.lists[place]
        return f"/sites/{row.site_id}/lists/{row.id}/items"

    def _drive(self, place: Place) -> str:
        row = self.lists[place]
        if row.id not in self.desk.drives:
            path = f"/v1.0/sites/{row.site_id}/lists/{row.id}/drive"
            self.desk.drives[row.id] = self.desk.person().get(path).json()["id"]
        return self.desk.drives[row.id]

    def _director(self) -> Any:
        key = "nadia in SharePoint"
        if key not in self.desk.people:
            self.desk.people[key] = self.desk.tenant.http(kit.DIRECTOR, "sharepoint")
        return self.desk.people[key]

    def _together(self, asked: list[tuple[str, str, Any]], who: str) -> list[Any]:
        found: list[Any] = []
        plain = {"Content-Type": "application/json"}
        for some in batched(asked, MOST, strict=False):
            requests = [
                {"id": str(n), "method": how, "url": path, "body": body, "headers": plain}
                for n, (how, path, body) in enumerate(some)
            ]
            answer = self.desk.person(mail(who)).post("/v1.0/$batch", json={"requests": requests})
            answer.raise_for_status()
            parts = sorted(answer.json()["responses"], key=lambda one: int(one["id"]))
            assert all(one["status"] < BAD for one in parts), parts
            found += [one.get("body", {}) for one in parts]
        return found
