"""An admin's first day, by the README alone: a group's site is ordered, agreed, approved, opened,
broken by hand in nine ways, and each of them is explained and put right.
"""

from __future__ import annotations

import re
import shlex
import ssl
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from local.demo.admins import Desk, Done
from local.demo.world import HELEN, HOST, IMRAN, NADIA, SAM
from tests.story import kit

pytestmark = [
    pytest.mark.story,
    pytest.mark.thorough,
    pytest.mark.xdist_group("story"),
    pytest.mark.timeout(300),
]
PEOPLE = {"Helen": HELEN, "Nadia": NADIA, "Imran": IMRAN, "Sam": SAM}
SITE = "/sites/sig-stroke-imaging"
KEY = "sig-stroke-imaging"
GROUP = "SIG Stroke imaging"


def admin_section() -> str:
    text = (kit.ROOT / "README.md").read_text("utf-8")
    return text.partition("## For admins")[2].partition("\n## ")[0]


def lines_of(start: str) -> list[tuple[tuple[str, ...], str]]:
    """Return the README's commands that begin so: their words, and what the comment says."""
    found = re.findall(rf"^verger ({start}.*?)\s+# (.*)$", admin_section(), re.MULTILINE)
    return [(tuple(shlex.split(words)), says) for words, says in found]


@dataclass
class Walk:
    """One admin at a desk, who also opens SharePoint in a browser."""

    desk: Desk
    http: httpx.Client

    def app(self, *words: str) -> Done:
        return self.desk.type(*words, settings=self.desk.stage.world.provisioner)

    def api(self, path: str, **members: Any) -> Any:
        """Change or read something of the site as its owner does, by SharePoint's own API."""
        how = members.pop("how", "POST")
        headers = {"X-HTTP-Method": how, "If-Match": "*"} if how in {"MERGE", "DELETE"} else {}
        method = "GET" if how == "GET" else "POST"
        told = {"json": members} if members else {}
        answer = self.http.request(method, f"{SITE}/_api/{path}", headers=headers, **told)
        assert answer.is_success, (path, answer.status_code, answer.text)
        return answer.json() if answer.content else {}


@pytest.fixture(scope="module")
def walk(opened, tmp_path_factory):
    folder = tmp_path_factory.mktemp("walk")
    with kit.playing(opened, folder / "data") as (here, _):
        here.start_provisioner()
        asked = {"upn": NADIA, "audience": "sharepoint", "scopes": ["AllSites.FullControl"]}
        token = here.control("POST", "/token", asked)["access_token"]
        with httpx.Client(
            base_url=here.address,
            verify=ssl.create_default_context(cafile=str(here.ca)),
            trust_env=False,
            timeout=30,
            headers={
                "Authorization": f"Bearer {token}",
                "Host": HOST,
                "Accept": "application/json;odata=nometadata",
            },
        ) as http:
            yield Walk(Desk(here), http)


def test_the_readme_opens_a_groups_site(walk, tmp_path):
    order = tmp_path / "stroke.yaml"
    order.write_text(re.search(r"```yaml\n(.*?)```", admin_section(), re.DOTALL)[1])
    early = walk.app("apply", "sig", "--order", str(order))
    assert early.status == 1
    assert "nobody has asked for the group 'Stroke imaging' on record" in early.said

    commands = lines_of("sig ")
    assert [words[1] for words, _ in commands] == ["request", "agree", "agree", "approve", "open"]
    for words, says in commands:
        typed = [str(order) if word == "orders/stroke.yaml" else word for word in words]
        done = walk.desk.type_as(PEOPLE[says.split(",")[0].split(":")[0]], *typed, keys="y\n")
        assert done.status == 0, done.said
    assert "Stroke imaging: open" in done.said

    again = walk.app("plan", "sig", "--order", str(order))
    assert (again.status, "nothing to do" in again.said) == (0, True), again.said
    assert walk.app("drift", KEY).status == 0


def rename_a_library(walk):
    walk.api("Web/Lists/GetByTitle('Restricted')", how="MERGE", Title="Old stuff")


def turn_versions_off(walk):
    walk.api("Web/Lists/GetByTitle('Group documents')", how="MERGE", EnableVersioning=False)


def drop_a_validation(walk):
    path = "Web/Lists/GetByTitle('Work programme')"
    walk.api(path, how="MERGE", ValidationFormula="", ValidationMessage="")


def take_an_index_away(walk):
    path = (
        "Web/Lists/GetByTitle('Group documents')/Fields/GetByInternalNameOrTitle('ControlStatus')"
    )
    walk.api(path, how="MERGE", Indexed=False)


def remove_a_column(walk):
    path = (
        "Web/Lists/GetByTitle('Highlight reports')/Fields/GetByInternalNameOrTitle('ForDecision')"
    )
    walk.api(path, how="DELETE")


def open_a_place_set_apart(walk):
    (visitors,) = [one["Id"] for one in groups(walk) if one["Title"] == f"{GROUP} Visitors"]
    grant = f"AddRoleAssignment(principalid={visitors},roledefid=1073741826)"
    walk.api(f"Web/Lists/GetByTitle('Quarantine')/RoleAssignments/{grant}")


def let_members_do_more(walk):
    (members,) = [one["Id"] for one in groups(walk) if one["Title"] == f"{GROUP} Members"]
    grant = f"AddRoleAssignment(principalid={members},roledefid=1073741829)"
    walk.api(f"Web/RoleAssignments/{grant}")


def delete_a_view(walk):
    view = "Web/Lists/GetByTitle('Group documents')/Views/GetByTitle('Needs you')"
    walk.api(view, how="DELETE")


def take_a_member_out(walk):
    (officers,) = [one["Id"] for one in groups(walk) if one["Title"].endswith("IG officers")]
    users = walk.api(f"Web/SiteGroups({officers})/Users?$select=Id", how="GET")["value"]
    walk.api(f"Web/SiteGroups({officers})/Users/RemoveById({users[0]['Id']})")


def groups(walk):
    return walk.api("Web/SiteGroups?$select=Id,Title", how="GET")["value"]


BREAKS = {
    rename_a_library: "settings .*title Old stuff → Restricted",
    turn_versions_off: "settings .*Group documents: .*versioning .*true",
    drop_a_validation: "settings .*Work programme: validation ",
    take_an_index_away: "list column .*Group documents / Control status: indexed .*true",
    remove_a_column: "binding .*Highlight reports: something of it is missing",
    open_a_place_set_apart: "access .*Quarantine",
    let_members_do_more: "level .*SIG Stroke imaging Members",
    delete_a_view: "view .*Group documents / Needs you: it is not there",
    take_a_member_out: "group .*SIG Stroke imaging IG officers",
}


def test_what_is_broken_by_hand_is_explained_line_by_line_and_put_right(walk):
    for break_it in BREAKS:
        break_it(walk)
    (look, _), (mend, _) = lines_of("drift ")
    told = walk.app(*look)
    assert told.status == 2, told.said
    assert f"{len(BREAKS)} drifted, 0 unknown" in told.said, told.said
    for says in BREAKS.values():
        assert re.search(f"drifted +{says}", told.said), (says, told.said)
    mended = walk.app(*mend)
    assert mended.status == 0, mended.said
    assert mended.said.count("put right") == len(BREAKS), mended.said
    after = walk.app(*look)
    assert (after.status, "0 drifted" in after.said) == (0, True), after.said
    print(told.said, mended.said)  # noqa: T201 - to be read aloud with -s
