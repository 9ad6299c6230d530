"""What staff do in the scenarios, each act as any client of SharePoint does it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from local.demo.assessments import assessment
from sync import pausing, undoing
from sync.callers import Caller, Role
from sync.state import items
from tests import tenant_kit as kit

if TYPE_CHECKING:
    from datetime import date

    from tests.scenarios.theatre import Theatre

WIPES = {"kind": "quirk", "name": "office_wipes_columns"}
FIRST = "file"
"""The key of a story's only file."""
BOARDS = {
    "NEB": "Network Executive Board",
    "NOB": "Network Operational Board",
    "CDF": "Clinical Directors' Forum",
    "NCT": "Network Core Team",
}


@dataclass
class Staff:
    """One story's people and their files; every act names the file by the story's own key."""

    theatre: Theatre
    files: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, str] = field(default_factory=dict)

    def upload(
        self,
        name: str,
        data: bytes,
        area: str = "controlled",
        *,
        who: str = kit.HELEN,
        key: str = FIRST,
    ) -> None:
        """Put a file into a library: new, or over the file of that name."""
        path = f"/v1.0/drives/{self.theatre.drives[area]}/root:/{name}:/content"
        self.files[key] = self._do("PUT", path, who, content=data)

    def put_over(self, data: bytes, *, who: str = kit.HELEN, key: str = FIRST) -> None:
        """Save other content into the same file."""
        self._do("PUT", f"{self._item(key)}/content", who, content=data)

    def put_over_wiping(self, data: bytes, *, key: str = FIRST) -> None:
        """Save a copy that was edited elsewhere, whose inner columns are empty."""
        self.theatre.tenant.fault(WIPES, match={"method": "PUT"})
        self.put_over(data, key=key)

    def publish(self, *, who: str = kit.HELEN, key: str = FIRST) -> None:
        """Check a file out and in again as a major version."""
        self._do("POST", f"{self._item(key)}/checkout", who)
        body = {"comment": "as approved", "checkInAs": "published"}
        self._do("POST", f"{self._item(key)}/checkin", who, json=body)

    def check_out(self, *, who: str = kit.HELEN, key: str = FIRST) -> None:
        self._do("POST", f"{self._item(key)}/checkout", who)

    def check_in(self, *, who: str = kit.HELEN, key: str = FIRST) -> None:
        self._do("POST", f"{self._item(key)}/checkin", who, json={"comment": ""})

    def set_columns(self, *, who: str = kit.HELEN, key: str = FIRST, **values: Any) -> None:
        self._do("PATCH", f"{self._item(key)}/listItem/fields", who, json=values)

    def rename(self, name: str, *, who: str = kit.HELEN, key: str = FIRST) -> None:
        self._do("PATCH", self._item(key), who, json={"name": name})

    def make_folder(self, name: str, area: str = "controlled", *, key: str = "folder") -> None:
        path = f"/v1.0/drives/{self.theatre.drives[area]}/root/children"
        self.files[key] = self._do("POST", path, json={"name": name, "folder": {}})

    def move_into(self, folder: str, *, key: str = FIRST) -> None:
        body = {"parentReference": {"id": self.files[folder]["id"]}}
        self._do("PATCH", self._item(key), json=body)

    def move_to(self, place: str, *, key: str = FIRST) -> None:
        """Move a file from a library's root to another's (its folder), as the web page does."""
        here = self._do("GET", self._item(key))
        there = f"https://{kit.HOST}/sites/core/{place}/{here['name']}"
        self.theatre.person(kit.HELEN, "sharepoint").post(
            "/sites/core/_api/SP.MoveCopyUtil.MoveFileByPath(overwrite=@a1)?@a1=false",
            json={
                "srcPath": {"DecodedUrl": unquote(here["webUrl"])},
                "destPath": {"DecodedUrl": there},
            },
            headers={"Accept": "application/json"},
        ).raise_for_status()

    def copy_to(self, area: str, name: str, *, key: str = FIRST) -> None:
        """Copy a file; the copy is found by its name, under the key "copy"."""
        place = {"driveId": self.theatre.drives[area], "id": "root"}
        self._do("POST", f"{self._item(key)}/copy", json={"parentReference": place, "name": name})

    def find(self, area: str, name: str, *, key: str) -> None:
        """Take up a file that came to be without an upload, such as a copy."""
        path = f"/v1.0/drives/{self.theatre.drives[area]}/root:/{name}"
        self.files[key] = self._do("GET", path)

    def delete(self, *, key: str = FIRST) -> None:
        self._do("DELETE", self._item(key))

    def bring_back(self, *, key: str = FIRST) -> None:
        """Take a file out of the recycle bin."""
        self._do("POST", f"{self._item(key)}/restore", json={})

    def bring_back_version(self, version: str, *, key: str = FIRST) -> None:
        self._do("POST", f"{self._item(key)}/versions/{version}/restoreVersion")

    def hold_open(self, *, key: str = FIRST) -> None:
        """Keep a file open in Word: nobody may rename or move it meanwhile."""
        body = {"unique_id": unique_id(self.files[key]), "upn": kit.HELEN}
        self.theatre.tenant.local("POST", "/lock", body)

    def close(self, *, key: str = FIRST) -> None:
        self.theatre.tenant.local("POST", "/unlock", {"unique_id": unique_id(self.files[key])})

    def approve_by_hand(self, *, key: str = FIRST) -> None:
        """Approve the newest version as a site owner may, past all decisions."""
        client = self.theatre.tenant.http(kit.DIRECTOR, kit.HOST)
        path = f"/sites/core/_api/web/GetFileById('{unique_id(self.files[key])}')"
        answer = client.post(f"{path}/Approve(comment='by hand')", headers={"Host": kit.HOST})
        answer.raise_for_status()

    def decide(
        self, number: str, kind: str, body: str, on: date, *, who: str = kit.HELEN, **more: Any
    ) -> None:
        """Write a board's decision into the Decisions list, as the secretary does."""
        fields = {
            "Title": f"{kind} {number}",
            "DecisionDocument": number,
            "DecisionVersion": "V1",
            "DecisionBody": BOARDS[body],
            "DecisionKind": kind,
            "MeetingDate": f"{on.isoformat()}T00:00:00Z",
            "MinuteReference": f"{body} {on:%Y/%m} item 4",
            "Quorate": True,
        }
        self.add_row("decisions", f"{kind} {number}", who=who, **fields | more)

    def assess(self, number: str, on: date, **more: Any) -> None:
        """Fill in an equality impact assessment."""
        self.add_row("equality_assessments", number, **assessment(number, on) | more)

    def add_row(self, area: str, key: str, *, who: str = kit.HELEN, **fields: Any) -> None:
        row = self._do("POST", f"{self._list(area)}/items", who, json={"fields": fields})
        self.rows[key] = row["id"]

    def edit_row(self, area: str, key: str, *, who: str = kit.HELEN, **fields: Any) -> None:
        path = f"{self._list(area)}/items/{self.rows[key]}/fields"
        self._do("PATCH", path, who, json=fields)

    def find_row(self, area: str, column: str, value: str, *, key: str) -> None:
        """Take up a row that Verger made, by what stands in one of its columns."""
        found = self._do("GET", f"{self._list(area)}/items?$expand=fields&$top=400")["value"]
        self.rows[key] = next(one["id"] for one in found if one["fields"].get(column) == value)

    async def look_up(self, *, key: str = FIRST) -> None:
        """Go to where the file lies now, after Verger has moved it to another library."""
        async with self.theatre.service.state.read() as tx:
            found = await items.find_by_unique_id(tx, unique_id(self.files[key]))
        row = next(one for one in found if one.deleted_at is None)
        path = f"/v1.0/sites/{self.theatre.site}/lists/{row.list_id}/items/{row.item_id}/driveItem"
        self.files[key] = self._do("GET", path, kit.DIRECTOR)

    def invite(self, *people: str, who: str = kit.DIRECTOR, key: str = FIRST) -> None:
        """Share a file with people by name."""
        body = {
            "recipients": [{"email": one} for one in people],
            "roles": ["write"],
            "requireSignIn": True,
            "sendInvitation": False,
            "retainInheritedPermissions": True,
        }
        self._do("POST", f"{self._item(key)}/invite", who, json=body)

    def link_for_all(self, *, who: str = kit.HELEN, key: str = FIRST) -> None:
        """Make a link that everybody in the organisation can open."""
        body = {"type": "view", "scope": "organization", "retainInheritedPermissions": True}
        self._do("POST", f"{self._item(key)}/createLink", who, json=body)

    async def undo(self, *, key: str = FIRST) -> None:
        """Have an administrator undo what Verger did to the file last."""
        async with self.theatre.service.state.read() as tx:
            found = await items.find_by_unique_id(tx, unique_id(self.files[key]))
        caller = Caller("an-administrator", "Ada Min", frozenset({Role.ADMIN}))
        await undoing.undo_document(self.theatre.service, caller, found[0].document_id, "as asked")

    def ask_waiver(self, number: str, rule: str, until: date, *, who: str = kit.SAM) -> None:
        """Ask for a rule to rest for a document, in the list Waivers."""
        self.add_row(
            "waivers",
            number,
            who=who,
            Title=f"Waiver of {number}",
            WaiverDocument=number,
            WaiverPolicy=rule,
            WaiverUntil=f"{until.isoformat()}T00:00:00Z",
            WaiverReason="The template is being changed",
        )

    async def pause(self) -> None:
        """Have an operator pause the site."""
        await pausing.turn(self.theatre.service, "core", paused=True)

    async def resume(self) -> None:
        await pausing.turn(self.theatre.service, "core", paused=False)

    def expect_untouched(self, *, key: str = FIRST) -> None:
        """Find the file just as it was uploaded."""
        now = self._do("GET", self._item(key))
        assert (now["name"], now["eTag"]) == (self.files[key]["name"], self.files[key]["eTag"])

    def _list(self, area: str) -> str:
        return f"/v1.0/sites/{self.theatre.site}/lists/{self.theatre.lists[area]}"

    def _item(self, key: str) -> str:
        item = self.files[key]
        return f"/v1.0/drives/{item['parentReference']['driveId']}/items/{item['id']}"

    def _do(self, method: str, path: str, who: str = kit.HELEN, **more: Any) -> Any:
        answer = self.theatre.person(who).request(method, path, **more)
        if answer.is_error:
            raise AssertionError(f"{who}: {method} {path} was answered {answer.text[:300]}")
        return answer.json() if answer.content else {}


def unique_id(item: Any) -> str:
    """Return a driveItem's unique id, in small letters and without braces."""
    return str(item["eTag"]).strip('"').partition(",")[0].strip("{}").lower()
