"""The commands as an admin runs them: what they print, and their exit status."""

import asyncio

import pytest
from typer.testing import CliRunner

from cli.main import app
from sharepoint_schema.problems import SchemaProblems
from sync.tenant import rest
from tests import tenant_kit as kit
from tests.flow_kit import open_core, settings_of
from tests.provisioning.conftest import way_in

CORE = f"https://{kit.HOST}/sites/core"
OUTSIDE = ("role",)


@pytest.fixture(name="cloud", scope="module")
def _cloud(tmp_path_factory):
    with kit.running(tmp_path_factory.mktemp("cloud")) as running:
        yield running


@pytest.fixture(name="folder", scope="module")
def _folder(cloud, tmp_path_factory):
    """The core site applied, and a file of the provisioner's settings."""
    folder = tmp_path_factory.mktemp("verger")
    asyncio.run(open_core(cloud, folder))
    told = settings_of(cloud, "provisioner", folder, role="provisioner")
    names = ("tenant_id", "client_id", "certificate", "sharepoint_host", "login_address",
             "graph_address", "sharepoint_address", "ca_file", "database_url", "roles", "role",
             "clock_file", "ru_per_minute")  # fmt: skip
    lines = [f"VERGER_{name.upper()}={getattr(told, name)}" for name in names]
    (folder / "provisioner.env").write_text("\n".join(lines))
    return folder


@pytest.fixture(name="verger")
def _verger(folder, monkeypatch):
    monkeypatch.setenv("VERGER_SETTINGS", str(folder / "provisioner.env"))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words):
        done = CliRunner().invoke(app, words)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.output

    return run


def by_hand(cloud, title, **members):
    async def change():
        async with way_in(cloud) as tenant:
            path = f"Web/Lists/GetByTitle('{title}')"
            write = rest.Write(path, rest.typed("SP.List", **members), "MERGE")
            await rest.write_together(tenant, CORE, [write], doing="interfere")

    asyncio.run(change())


def test_drift_tells_by_its_exit_status_and_puts_right_when_told(cloud, verger):
    status, said = verger("drift")
    assert (status, "0 drifted, 0 unknown" in said) == (0, True)
    by_hand(cloud, "Working documents", MajorVersionLimit=3)
    status, said = verger("drift", "core")
    assert status == 2
    assert "Working documents: keep_major 3 → 500" in said
    status, said = verger("drift", CORE, "--correct")
    assert (status, "put right  Working documents" in said) == (0, True)
    assert verger("drift", "--json")[0] == 0


def test_drift_says_when_it_could_not_tell(cloud, verger):
    cloud.fault(
        {"kind": "refuse", "status": 403, "code": "accessDenied"},
        match={"surface": "graph", "path": "permissions"},
        count=10,
    )
    status, said = verger("drift", "core")
    cloud.local("DELETE", "/faults")
    assert status == 3
    assert "unknown  app" in said


def test_the_doctor_gives_one_line_a_check_and_fails_with_one(cloud, verger):
    status, said = verger("doctor", "--scratch")
    assert status == 0
    assert "ok    site core: take an audience away: works" in said
    cloud.fault({"kind": "refuse", "status": 403, "code": "accessDenied"},
                match={"surface": "sharepoint", "path": "BreakRoleInheritance"})  # fmt: skip
    status, said = verger("doctor", "core", "--scratch")
    cloud.local("DELETE", "/faults")
    assert status == 1
    assert "→ grant the app fullcontrol on this site (Sites.Selected)" in said


def test_prune_shows_and_removes_only_the_line_that_was_named(cloud, verger):
    with cloud.http("provisioner") as http:
        site = http.get(f"/v1.0/sites/{kit.HOST}:/sites/core").json()["id"]
        for title in ("Empty", "Also empty"):
            body = {"displayName": title, "list": {"template": "genericList"}}
            http.post(f"/v1.0/sites/{site}/lists", json=body).raise_for_status()
    status, said = verger("prune", "core_team")
    assert status == 2
    assert "left: list/Empty" in said
    status, said = verger("prune", "core_team", "--line", "list/Empty")
    assert status == 2
    assert "removed: list Empty" in said
    assert "left: list/Also_x0020_empty" in said
    status, said = verger("prune", "core_team", "--line", "list/Also_x0020_empty")
    assert (status, verger("prune", "core_team")[0]) == (0, 0)


def test_adopt_writes_a_file_that_plans_what_differs(verger, folder):
    out = folder / "core.yaml"
    status, said = verger("adopt", CORE, "--out", str(out))
    assert status == 0
    assert "Written:" in said
    assert verger("schema", "check", str(out))[0] == 0


def test_schema_check_tells_every_problem_of_every_file_at_once(verger, folder):
    wrong = folder / "wrong.yaml"
    wrong.write_text("key: x\ntitle: X\npath: /sites/x\nowner: o\ngroups: []\ninclude: [bord]\n")
    order = folder / "order.yaml"
    order.write_text("name: Breast imaging\nkind: pathways\n")
    with pytest.raises(SchemaProblems) as refusal:
        verger("schema", "check", str(wrong), "--order", str(order))
    for line in ("wrong.yaml:6: include[0]", "order.yaml:1: network_director"):
        assert line in str(refusal.value)
