"""`verger status` shows what a breaker stopped, `verger resume SITE --policy P` lets it go on."""

import asyncio
import json
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from cli.main import app
from sync.errors import Missing
from sync.service import open_service
from sync.state import breakers as kept
from sync.state import lists
from tests import flow_kit

NAMES = (
    *("tenant_id", "client_id", "certificate", "sharepoint_host", "login_address"),
    *(
        "graph_address",
        "sharepoint_address",
        "ca_file",
        "database_url",
        "roles",
        "clock_file",
        "ru_per_minute",
    ),
)


@pytest.fixture
def settings(place):
    tenant, folder = place
    return flow_kit.settings_of(tenant, "enforcer", folder)


@pytest.fixture
def verger(place, settings, monkeypatch):
    lines = [f"VERGER_{name.upper()}={getattr(settings, name)}" for name in NAMES]
    file = place[1] / "enforcer.env"
    file.write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setenv("VERGER_SETTINGS", str(file))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words):
        done = CliRunner().invoke(app, words)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.output

    return run


async def trip(settings, policy, *, stops):
    async with await open_service(settings) as service:
        now = service.now()
        one_file = kept.Allowance(now - timedelta(days=1), share=1.0, least=1, most=1)
        async with service.state.begin() as tx:
            home = next(one for one in await lists.all_lists(tx) if one.area == "controlled")
            for document in ("one", "two"):
                act = kept.Act(list_id=home.id, policy=policy, document_id=document, at=now)
                await kept.admit(tx, act, one_file, stops=stops)


def breakers_in(output):
    return {one["policy"]: one for one in json.loads(output)["breakers"]}


@pytest.mark.parametrize(
    ("policy", "stops", "says"),
    [("file_type", True, "file_type only watches"), ("publication", False, "publication goes on")],
)
def test_a_stopped_rule_is_shown_until_it_is_let_go_on(verger, settings, policy, stops, says):
    asyncio.run(trip(settings, policy, stops=stops))

    told = breakers_in(verger("status", "--json")[1])[policy]
    assert (told["stops"], told["files"]) == (stops, 1)
    assert says in verger("status")[1]

    code, output = verger("resume", "core", "--policy", policy)
    assert (code, f"{policy} goes on in 1 list, 0 files are" in output) == (0, True)
    assert policy not in breakers_in(verger("status", "--json")[1])


def test_a_rule_that_was_not_stopped_is_said_to_go_on_already(verger):
    code, output = verger("resume", "core", "--policy", "retention")
    assert (code, "was not stopped anywhere" in output) == (0, True)


def test_a_rule_that_is_none_is_refused_with_those_there_are(verger):
    with pytest.raises(Missing, match="is no rule; the rules are: approval_route"):
        verger("resume", "core", "--policy", "file name")


def test_without_a_rule_the_site_goes_on_as_before(verger):
    assert "core" in verger("pause", "core")[1]
    code, output = verger("resume", "core")
    assert (code, "goes on" in output) == (0, True)
