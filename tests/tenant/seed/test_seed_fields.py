"""The tenant file's standing facts and people: each of its fields arrives where it counts."""

from __future__ import annotations

import json

import pytest

from local.tenant import config, seed
from local.tenant.app import open_store
from local.tenant.store import apps, directory
from tests.tenant_kit import make_certificate

ID = "0d5f8f43-6d0f-4f0e-9a3e-3a6f0f4f2a10"
USER, GROUP, APP, OBJECT = (f"{n}0000000-1111-4222-8333-444444444444" for n in range(1, 5))
PAGE = f"""\
tenant:
  {{id: {ID}, name: WMIN, domain: dgft.nhs.example, sharepoint_host: wmin.sharepoint.com,
   licences: 15001, throttle: false, rate_limit_headers: true, chance: 7}}
owner: ana@dgft.nhs.example
users:
  - {{upn: ana@dgft.nhs.example, name: Ana, id: {USER}, job_title: Manager}}
  - {{upn: box@dgft.nhs.example, name: No mailbox, mail: "", enabled: false}}
  - {{upn: gil@partner.example, name: Gil, mail: g@partner.example, guest: true}}
groups:
  - {{name: Team, nickname: team, id: {GROUP}, description: Who we are, unified: true,
     members: [gil@partner.example], owners: [ana@dgft.nhs.example]}}
apps:
  - {{client_id: {APP}, name: robot, id: {OBJECT}, secrets: [hush], certificates: [robot.pem],
     roles: [Mail.Send], scopes: [Files.Read], mailboxes: [ana@dgft.nhs.example],
     identifiers: ["api://robot"], assigned: {{ana@dgft.nhs.example: [Admin]}}}}
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("seed")
    (folder / "robot.pem").write_bytes(make_certificate("robot"))
    store = open_store(folder / "tenant.db")
    seed.sow(store, seed.parse(PAGE, "tenant.yaml"), folder)
    yield store
    store.close()


def test_the_tenants_facts_are_kept(store):
    known = config.load(store)
    assert known.model_dump() == {
        "id": ID, "name": "WMIN", "domain": "dgft.nhs.example",
        "sharepoint_host": "wmin.sharepoint.com", "licences": 15_001, "throttle": False,
        "rate_limit_headers": True, "chance": 7,
    }  # fmt: skip
    assert known.sharepoint_hosts[1:] == ("wmin-admin.sharepoint.com", "wmin-my.sharepoint.com")


@pytest.mark.parametrize(
    ("upn", "wanted"),
    [
        ("ana@dgft.nhs.example", {"id": USER, "job_title": "Manager", "enabled": 1, "guest": 0,
                                  "mail": "ana@dgft.nhs.example"}),
        ("box@dgft.nhs.example", {"mail": None, "enabled": 0, "display_name": "No mailbox"}),
        ("gil@partner.example", {"mail": "g@partner.example", "guest": 1}),
    ],
)  # fmt: skip
def test_a_person_is_as_the_file_says(store, upn, wanted):
    row = dict(directory.user(store, upn))
    assert {name: row[name] for name in wanted} == wanted


def test_a_group_has_its_words_and_people(store):
    row = dict(directory.group(store, GROUP))
    assert (row["display_name"], row["description"], bool(row["unified"])) == (
        "Team", "Who we are", True,
    )  # fmt: skip
    held = store.all("SELECT member_id, owner FROM group_members WHERE group_id=?", GROUP)
    assert sorted(bool(each["owner"]) for each in held) == [False, True]


def test_an_app_has_all_it_was_given(store):
    app = apps.app(store, APP)
    assert apps.secret_is_right(store, APP, "hush")
    assert (app.oid, app.name) == (OBJECT, "robot")
    assert (app.roles, app.scopes) == (frozenset({"Mail.Send"}), frozenset({"Files.Read"}))
    assert app.mailboxes == frozenset({"ana@dgft.nhs.example"})
    assert app.identifiers == frozenset({"api://robot"})
    assert json.loads(app.assigned) == {"ana@dgft.nhs.example": ["Admin"]}
