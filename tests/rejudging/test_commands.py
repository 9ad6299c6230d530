"""A change of rules as an administrator meets it: shown by status, let act by simulate --go."""

import asyncio
import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from cli.main import app
from sync.parameters import with_values
from sync.rejudging import rejudge
from tests import flow_kit

NAMES = (
    "tenant_id", "client_id", "certificate", "sharepoint_host", "login_address", "graph_address",
    "sharepoint_address", "ca_file", "database_url", "roles", "clock_file", "modes",
    "ru_per_minute",
)  # fmt: skip


async def change_the_rules(tenant, state):
    """Run the timer by the rules in force, then by others that many files do not keep."""
    async with flow_kit.desk(tenant, state) as desk:
        await rejudge(desk.service)
        values = ["file_types.allowed.controlled=[pdf]", "rules_change.few=0"]
        standard = with_values(desk.service.standard, values)
        await rejudge(replace(desk.service, standard=standard, _places={}))


@pytest.fixture
def verger(tenant, folder, monkeypatch):
    asyncio.run(change_the_rules(tenant, folder / "state"))
    modes = folder / "state" / "modes.yaml"
    told = flow_kit.settings_of(tenant, "enforcer", folder / "state", modes=modes)
    lines = [f"VERGER_{name.upper()}={getattr(told, name)}" for name in NAMES]
    (folder / "enforcer.env").write_text("\n".join(lines))
    monkeypatch.setenv("VERGER_SETTINGS", str(folder / "enforcer.env"))

    def call(*words):
        done = CliRunner().invoke(app, list(words), env={"COLUMNS": "200"})
        assert (done.exit_code, done.exception) == (0, None)
        return done.stdout

    return call


def test_a_change_that_waits_is_shown_and_let_act(verger):
    line = "rules changed: file_type in https://wmin.sharepoint.com/sites/core Controlled documents"
    shown = " ".join(verger("status").split())
    assert f"{line}: 3 of 3 files would get another verdict" in shown
    assert "to go on: verger simulate file_type --go" in shown

    assert "3 files will be judged anew" in verger("simulate", "file_type", "--go")
    (told,) = json.loads(verger("status", "--json"))["rules"]
    assert (told["state"], told["would_change"], told["put"]) == ("acting", 3, 0)


def test_a_simulation_over_real_records_is_told_as_json(verger):
    told = json.loads(verger("simulate", "file_name", "--since", "1w", "--json"))
    (one,) = [row for row in told["lists"] if row["before"]]
    assert (one["list"], one["before"]) == ("Controlled documents", {"done at once": 1})
