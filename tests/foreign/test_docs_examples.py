"""What docs/local-tenant.md tells an outsider is done here, word for word (in `make test`)."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.foreign.kit import World
from tests.tenant_kit import ROOT, make_certificate, running

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT = (ROOT / "docs" / "local-tenant.md").read_text("utf-8")
CONTROL = ROOT / "local" / "tenant" / "control.py"


def block(name: str) -> str:
    """Return the fenced block of that name (the words after its three backticks)."""
    found = re.findall(rf"^```{re.escape(name)}\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
    assert len(found) == 1, name
    return found[0]


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Iterator[World]:
    """The tenant of the page's own file, behind the real names."""
    folder = tmp_path_factory.mktemp("docs")
    (folder / "app.pem").write_bytes(make_certificate("robot"))
    with running(folder, block("yaml tenant.yaml"), proxy=0) as tenant:
        yield World(tenant, folder)


@pytest.mark.parametrize(
    ("sdk", "says"),
    [
        ("msgraph", "Quality ['Documents', 'Risks']\n"),
        ("office365", "['note.txt', 'Readme.txt']\n"),
    ],
)
def test_the_example_of_each_python_sdk_runs_behind_the_real_names(world, sdk, says):
    example = block(f"python {sdk}")
    assert len([line for line in example.splitlines() if line.strip()]) <= 12
    assert world.run(sys.executable, "-c", example) == says
    used = world.tenant.local("GET", "/ledger")["value"]
    assert {row["operation"] for row in used if row["app"]}
    assert world.tenant.local("GET", "/unmatched")["value"] == []


def test_the_tenant_file_sows_everything_it_shows(world):
    asked = {"upn": "ana@contoso.example", "client": "robot", "audience": "graph"}
    ana = world.tenant.httpx(world.tenant.local("POST", "/token", asked)["access_token"])
    site = ana.get("/v1.0/sites/contoso.sharepoint.com:/sites/quality").json()
    drive = f"/v1.0/sites/{site['id']}/drive"
    assert len(ana.get(f"{drive}/root:/Archive:/children?$top=999").json()["value"]) == 500
    minutes = ana.get(f"{drive}/root:/Minutes/March.txt").json()
    assert minutes["createdBy"]["user"]["displayName"] == "Bo Lind"
    readme = ana.get(f"{drive}/root:/Readme.txt:/listItem?$expand=fields").json()
    assert readme["fields"]["Ward"] == "3"
    risks = ana.get(f"/v1.0/sites/{site['id']}/lists/Risks/items?$expand=fields").json()["value"]
    assert [(row["fields"]["Title"], row["fields"]["Score"]) for row in risks] == [("Fire", 9)]


def test_the_fault_of_the_page_strikes_twice(world):
    script = re.search(r"/_local/faults -d '(\{.*?\})'", TEXT, re.DOTALL)
    assert script
    control = world.tenant.httpx()
    reply = control.post("/_local/faults", content=script[1])
    assert reply.status_code == 201
    robot = world.tenant.http("robot")
    url = "/v1.0/sites/contoso.sharepoint.com:/sites/quality:/lists/Risks/items/1/fields"
    answers = [robot.patch(url, json={"Score": 8}) for _ in range(3)]
    assert [each.status_code for each in answers] == [429, 429, 200]
    assert answers[0].headers["Retry-After"] == "7"


def test_the_page_lists_every_call_of_the_control_door():
    served = set(
        re.findall(r'"((?:GET|POST|DELETE|PUT) /[^"]*)": self', CONTROL.read_text("utf-8"))
    )
    told = {f"{method} {path}" for method, path in
            re.findall(r"^\| `(\w+) /_local(/[^`]*)` \|", TEXT, re.MULTILINE)}  # fmt: skip
    assert told == served


def test_the_command_of_the_page_is_the_command(tmp_path):
    """`verger local tenant` takes every option the table names."""
    help_text = subprocess.run([sys.executable, "-m", "cli", "local", "tenant", "--help"], cwd=ROOT,
                               env={"COLUMNS": "200", "HOME": str(tmp_path), "PATH": ""},
                               capture_output=True, text=True, check=True).stdout  # fmt: skip
    options = re.findall(r"^\| `(--[\w-]+)", TEXT, re.MULTILINE)
    assert len(options) == 6
    assert [option for option in options if option not in help_text] == []
