"""The tenant file's sites: sown once, found again, and told by their place when they are wrong."""

from __future__ import annotations

import pytest

from local.tenant import seed
from local.tenant.app import open_store
from tests.tenant_kit import DOMAIN, ENFORCER, HELEN, SAM, SEED, make_certificate, running

SITES = f"""\
sites:
  - path: /sites/quality
    title: Quality
    owner: {HELEN}
    members: [ig-officers]
    visitors: [{SAM}]
    libraries:
      - title: Documents
        columns: [{{name: Ward, text: {{}}}}]
        files:
          - {{path: a/b/deep.txt, text: deep, by: {SAM}, columns: {{Ward: "3"}}}}
          - {{path: from.txt, source: content.txt}}
      - title: Controlled
        settings: {{EnableMinorVersions: true, EnableModeration: true}}
        many: [{{count: 40, folder: in, name: "F{{n:03}}.txt", columns: {{Title: "No {{n}}"}}}}]
    lists:
      - title: Risks
        columns: [{{name: Score, number: {{}}}}]
        items: [{{Title: Fire, Score: 9}}]
"""
GRANTED = SEED.replace("    certificates: [enforcer.pem]\n", "    certificates: [enforcer.pem]\n"
                       "    site_grants: {/sites/quality: read}\n")  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    for name in ("enforcer", "provisioner"):
        (tmp_path / f"{name}.pem").write_bytes(make_certificate(name))
    (tmp_path / "content.txt").write_bytes(b"from a file")
    return tmp_path


def sow(folder, text: str, times: int = 1):
    store = open_store(folder / "tenant.db")
    for _ in range(times):
        seed.sow(store, seed.parse(text, "tenant.yaml"), folder)
    return store


def count(store, table: str) -> int:
    return store.one(f"SELECT count(*) AS n FROM {table}")["n"]  # noqa: S608 -- a name of this test


TABLES = ("sites", "lists", "items", "versions", "columns", "site_grants", "users", "apps",
          "principals", "assignments", "changes")  # fmt: skip


def test_sowing_twice_changes_nothing(folder):
    once = sow(folder, GRANTED + SITES)
    before = {table: count(once, table) for table in TABLES}
    once.close()
    twice = sow(folder, GRANTED + SITES, 2)
    assert {table: count(twice, table) for table in TABLES} == before
    twice.close()


def test_what_people_made_of_it_is_left_alone(folder):
    store = sow(folder, SEED + SITES)
    with store.transaction():
        store.run("UPDATE items SET name='renamed.txt' WHERE name='from.txt'")
        store.run("UPDATE sites SET title='Changed' WHERE path='/sites/quality'")
    seed.sow(store, seed.parse(SEED + SITES, "tenant.yaml"), folder)
    assert store.one("SELECT title FROM sites WHERE path='/sites/quality'")["title"] == "Changed"
    names = [
        row["name"] for row in store.all("SELECT name FROM items WHERE dir='' AND kind='file'")
    ]
    assert sorted(names) == ["from.txt", "renamed.txt"]  # the one that is missing came back
    store.close()


def test_what_was_sown_is_there_for_the_people_it_names(folder):
    with running(folder, GRANTED + SITES) as tenant:
        site = "/v1.0/sites/wmin.sharepoint.com:/sites/quality"
        sam, iris = tenant.http(SAM), tenant.http(f"iris.grant@{DOMAIN}")
        deep = sam.get(f"{site}:/drive/root:/a/b/deep.txt").json()
        assert deep["createdBy"]["user"]["displayName"] == "Sam Price"
        assert sam.patch(f"{site}:/drive/root:/a/b/deep.txt", json={"name": "x"}).status_code == 403
        assert iris.patch(f"{site}:/drive/root:/a/b/deep.txt", json={"name": "x.txt"}).is_success
        assert tenant.http(f"nadia.drew@{DOMAIN}").get(site).status_code in (403, 404)
        content = tenant.http(HELEN).get(f"{site}:/drive/root:/from.txt:/content")
        assert tenant.httpx().get(content.headers["Location"]).content == b"from a file"
        enforcer = tenant.http("enforcer")
        assert enforcer.get(site).json()["displayName"] == "Quality"
        assert enforcer.put(f"{site}:/drive/root:/no.txt:/content", content=b"").status_code == 403
        items = (
            tenant.http(HELEN).get(f"{site}:/lists/Controlled/items?$expand=fields&$top=100").json()
        )
        titles = [row["fields"].get("Title") for row in items["value"]]
        assert len([title for title in titles if title and title.startswith("No ")]) == 40


def test_a_certificate_may_stand_in_the_file_itself(folder):
    pem = make_certificate("inline").decode()
    certificate = pem[pem.index("-----BEGIN CERTIFICATE") :]
    indented = certificate.strip().replace("\n", "\n          ")
    text = SEED.replace("[enforcer.pem]", f"\n      - |\n          {indented}")
    store = sow(folder, text)
    held = store.all("SELECT thumbprint FROM app_certificates WHERE client_id=?", ENFORCER)
    assert len(held) == 2  # x5t and x5t#S256
    store.close()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (SITES.replace(f"owner: {HELEN}", "owner: no@x.example"), "names no@x.example"),
        (SITES.replace("[ig-officers]", "[nobody@x.example]"), "nobody@x.example"),
        (SITES.replace("source: content.txt", "source: gone.txt"), "gone.txt cannot be read"),
        (SITES.replace("text: deep", "text: deep, source: content.txt"), "either text or source"),
        (SITES.replace("/sites/quality", "/elsewhere"), "sites.0.path"),
        (SITES.replace('Ward: "3"', 'Bed: "3"'), "/sites/quality/Documents: "),
        (SITES.replace("Score: 9", "Score: nine"), "/sites/quality/Risks: "),
        (SITES.replace("EnableModeration", "EnableMagic"), "/sites/quality/Controlled: "),
    ],
)  # fmt: skip
def test_a_mistake_is_told_by_its_place_and_nothing_is_sown(folder, text, says):
    store = open_store(folder / "tenant.db")
    with pytest.raises(seed.SeedError) as refused:
        seed.sow(store, seed.parse(SEED + text, "tenant.yaml"), folder)
    assert says in str(refused.value)
    assert count(store, "sites") == 0
    store.close()


def test_an_unknown_grant_is_refused():
    with pytest.raises(seed.SeedError, match="site_grants: god is none of read, write"):
        seed.parse(GRANTED.replace("quality: read", "quality: god"), "tenant.yaml")
