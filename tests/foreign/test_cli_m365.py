"""CLI for Microsoft 365 (JavaScript): an administrator's command line, over SharePoint REST."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.foreign.kit import ADMIN, SITE, need, need_installed
from tests.tenant_kit import HELEN, TENANT_ID

if TYPE_CHECKING:
    from tests.foreign.kit import World

pytestmark = pytest.mark.foreign
DOCUMENTS = "/sites/quality/Shared Documents"


class Cli:
    """The command line as an administrator has it, signed in with a certificate."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._start = (need("node"), need_installed(
            "node/node_modules/@pnp/cli-microsoft365/dist/index.js"))  # fmt: skip
        self("cli config set", key="disableTelemetry", value="true")
        certificate = str(world.tenant.certificate("enforcer"))
        self("login", authType="certificate", certificateFile=certificate, appId=ADMIN,
             tenant=TENANT_ID)  # fmt: skip

    def __call__(self, command: str, *flags: str, **options: str) -> Any:
        """Run a command; returns the JSON it prints, None when it prints nothing."""
        said = [f"--{flag}" for flag in flags]
        for name, value in options.items():
            said += [f"--{name}", value]
        text = self._world.run(*self._start, *command.split(), *said, "--output", "json")
        return json.loads(text) if text.strip() else None


@pytest.fixture(scope="module")
def m365(world: World) -> Cli:
    return Cli(world)


def test_it_knows_who_it_is_and_whom_the_tenant_has(m365):
    assert m365("status")["connectedAs"] == "admin"
    people = m365("entra user list", properties="userPrincipalName")
    assert HELEN in [each["userPrincipalName"] for each in people]


def test_files_are_listed_uploaded_downloaded_renamed_copied_moved_and_removed(m365, world):
    (world.home / "note.txt").write_text("from the command line")
    web = {"webUrl": SITE}
    m365("spo folder add", **web, parentFolderUrl="Shared Documents", name="Cli")
    m365("spo file add", **web, folder="Shared Documents/Cli", path="note.txt", overwrite="true",
         Ward="7")  # fmt: skip
    at = f"{DOCUMENTS}/Cli/note.txt"
    m365("spo file get", "asFile", **web, url=at, path="back.txt")
    assert (world.home / "back.txt").read_text() == "from the command line"
    assert m365("spo file get", "asListItem", **web, url=at)["Ward"] == "7"
    m365("spo file rename", **web, sourceUrl="Shared Documents/Cli/note.txt",
         targetFileName="new.txt")  # fmt: skip
    new = {"sourceUrl": f"{DOCUMENTS}/Cli/new.txt", "targetUrl": DOCUMENTS}
    m365("spo file copy", **web, **new, newName="copied.txt")
    m365("spo file move", **web, **new, newName="moved.txt")
    assert _files(m365) == ["2026 11.txt", "Readme.txt", "copied.txt", "moved.txt"]
    for name in ("copied.txt", "moved.txt"):
        m365("spo file remove", "force", **web, url=f"{DOCUMENTS}/{name}")
    m365("spo folder remove", "force", **web, url=f"{DOCUMENTS}/Cli")
    assert _files(m365) == ["2026 11.txt", "Readme.txt"]


def _files(m365: Cli) -> list[str]:
    found = m365("spo file list", "recursive", webUrl=SITE, folderUrl="Shared Documents")
    return sorted(each["Name"] for each in found)


def test_a_copy_onto_a_taken_name_is_told_as_the_job_tells_it(m365):
    say = {"webUrl": SITE, "sourceUrl": f"{DOCUMENTS}/Readme.txt", "targetUrl": DOCUMENTS}
    with pytest.raises(AssertionError, match=r"Readme\.txt already exists"):
        m365("spo file copy", **say, nameConflictBehavior="fail")
    assert _files(m365) == ["2026 11.txt", "Readme.txt"]


def test_a_file_is_checked_out_and_in_and_has_its_versions(m365):
    at = f"{DOCUMENTS}/Readme.txt"
    m365("spo file checkout", webUrl=SITE, url=at)
    m365("spo file checkin", webUrl=SITE, url=at, comment="done")
    labels = [each["VersionLabel"]
              for each in m365("spo file version list", webUrl=SITE, fileUrl=at)]  # fmt: skip
    assert labels == ["1.0"]


def test_list_items_are_added_and_changed(m365):
    where = {"webUrl": SITE, "listTitle": "Risks"}
    made = m365("spo listitem add", **where, Title="Flood", Score="4")
    assert made["Score"] == 4
    m365("spo listitem set", **where, id=str(made["Id"]), Score="5")
    assert m365("spo listitem get", **where, id=str(made["Id"]))["Score"] == 5
    m365("spo listitem remove", "force", **where, id=str(made["Id"]))
    assert [each["Title"] for each in m365("spo listitem list", **where)] == ["Fire"]


def test_a_library_with_a_column_is_made(m365):
    made = m365("spo list add", webUrl=SITE, title="Plans", baseTemplate="DocumentLibrary")
    assert made["BaseTemplate"] == 101
    xml = '<Field Type="Text" DisplayName="Owner" Name="PlanOwner" />'
    m365(
        "spo field add", webUrl=SITE, listTitle="Plans", xml=xml, options="AddFieldInternalNameHint"
    )
    found = m365("spo field get", webUrl=SITE, listTitle="Plans", internalName="PlanOwner")
    assert (found["Title"], found["TypeAsString"]) == ("Owner", "Text")


def test_the_sites_groups_are_listed(m365):
    titles = [each["Title"] for each in m365("spo group list", webUrl=SITE)]
    assert titles == ["Quality Owners", "Quality Members", "Quality Visitors"]
