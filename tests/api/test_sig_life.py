"""A SIG's life through the real hosts and tenant: asked for, agreed, minuted, open, asleep."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from sync import sig_sites
from sync.state.journal_reading import Query, entries
from sync.state.nudges import CONNECTION, Nudges
from tests import tenant_kit as kit
from tests.host.hosting import until
from tests.sig.kit import ADA, BEA, BOTH, RAJ, a_service

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync.service import Service
    from tests.api.api_kit import Stage
    from tests.host.hosting import RunningHost

MINUTE = {"reference": "NOB 2026/11 item 7", "date": "24/11/2026"}
TODAY = {"reference": "NOB 2026/11 item 7"}


def provision(stage: Stage) -> None:
    """Work off what waits, as the provisioner."""

    async def work() -> None:
        hints = Nudges.from_environment({CONNECTION: stage.host.told["storage"]})
        async with a_service(stage.folder, stage.tenant) as service:
            for errand in await sig_sites.waiting(service):
                await sig_sites.carry_out(service, hints, errand.list_id)
        await hints.close()

    asyncio.run(work())


def in_state[T](stage: Stage, look: Callable[[Service], Any]) -> Any:
    async def work() -> Any:
        async with a_service(stage.folder, stage.tenant) as service:
            return await look(service)

    return asyncio.run(work())


def approved(stage: Stage, name: str) -> str:
    """Take a request through Gov-12's steps; returns its address below /api/sig-requests."""
    path = f"/{stage.ask(name)}"
    for director in (kit.DIRECTOR, RAJ):
        assert stage.call(director, "POST", f"{path}/agreement").status_code == 200
    today = stage.call(BEA, "GET", path).json()["decisions"][0]["date"]
    answer = stage.call(BEA, "POST", f"{path}/approval", {**TODAY, "date": today})
    assert (answer.status_code, answer.json()["state"]) == (202, "approved")
    return path


@pytest.mark.parametrize(
    ("who", "step", "body", "status", "says"),
    [
        (kit.HELEN, "agreement", {}, 403, "Only the Network Director or the Clinical Director may"),
        ("provisioner", "agreement", {}, 403, "An app can't agree for that office"),
        (BOTH, "agreement", {}, 422, "See errors."),
        (kit.DIRECTOR, "agreement", {"as": "Clinical Director"}, 403, "Only the Clinical Director"),
        (kit.DIRECTOR, "agreement", {"as": "Chair"}, 422, "See errors."),
        (BEA, "approval", MINUTE, 409, "The Network Director's agreement is missing (Gov-12)"),
        (RAJ, "approval", MINUTE, 403, "Only a Board secretary may record"),
        (BEA, "approval", {"reference": "x"}, 422, "See errors."),
        (BEA, "approval", {**MINUTE, "date": "tomorrow"}, 422, "See errors."),
        (ADA, "opening", {"seal": "x"}, 409, "the Operational Board's minute is missing (Gov-12)"),
        (kit.HELEN, "opening", {"seal": "x"}, 403, "Only an Admin may open a site"),
        (ADA, "plan", {}, 409, "It is requested; there is nothing to plan"),
        (ADA, "sleep", {}, 409, "It is requested; there is nothing to put to sleep"),
        (kit.HELEN, "waking", {}, 403, "Only an Admin or a Board secretary may wake"),
    ],
)
def test_each_step_is_refused_to_who_is_not_entitled_or_too_early(  # noqa: PLR0913, PLR0917 - a table
    stage: Stage, who: str, step: str, body: dict[str, str], status: int, says: str
) -> None:
    request_id = stage.call(kit.HELEN, "GET").json()["value"]
    path = f"/{next((one['id'] for one in request_id if one['name'] == 'Refused'), '')}"
    if path == "/":
        path = f"/{stage.ask('Refused')}"

    answer = stage.call(who, "POST", f"{path}/{step}", body)

    assert answer.status_code == status, answer.text
    assert says in answer.json()["detail"]
    correlation = answer.json()["instance"].removeprefix("urn:uuid:")
    journalled = [after["what"] for _, after, one in stage.refusals() if one == correlation]
    what = f"POST sig-requests/…/{step}"
    assert journalled == [what] or (status == 422 and not journalled), "once a minute, if mistyped"


def test_the_provisioners_app_has_its_own_triggers_and_no_others(provisioner: RunningHost) -> None:
    assert set(provisioner.told["functions"]) == {"drift", "provision", "provision_waiting"}


@dataclass
class Group:
    """One request on its way, with the provisioner's app behind it."""

    stage: Stage
    provisioner: RunningHost
    path: str

    def now(self) -> dict[str, Any]:
        found: dict[str, Any] = self.stage.call(ADA, "GET", self.path).json()
        return found

    def settled(self, state: str) -> dict[str, Any]:
        """Have the provisioner find what waits, and wait until it has put it there."""
        self.stage.fire(self.provisioner, "provision_waiting")
        until(lambda: (self.now()["state"], self.now()["trouble"]) == (state, None))
        return self.now()

    def step(self, who: str, step: str, body: Any = None) -> tuple[int, str]:
        answer = self.stage.call(who, "POST", f"{self.path}/{step}", body)
        return answer.status_code, answer.json().get("state", "")


def test_a_group_is_opened_put_to_sleep_and_woken(stage: Stage, provisioner: RunningHost) -> None:
    group = Group(stage, provisioner, approved(stage, "Breast imaging"))
    assert stage.host.depth("provision") >= 1

    planned = group.settled("planned")
    assert planned["plan"]["seal"] == planned["seal"]
    assert planned["plan"]["steps"][0]["kind"] == "site"

    assert group.step(ADA, "opening", {"seal": planned["seal"]}) == (202, "opening")
    site = group.settled("open")["site"]
    _its_record_stays_with_it(stage, site)
    _chair_and_facilitator_are_welcomed(stage)
    heard = listened_to(stage, site)
    assert (may_write(stage, kit.SAM, site), heard > 0) == (True, True)

    assert group.step(BEA, "sleep") == (202, "falling asleep")
    assert listened_to(stage, site) == 0
    group.settled("dormant")
    assert not may_write(stage, kit.SAM, site)
    assert group.step(ADA, "sleep") == (409, "")

    assert group.step(ADA, "waking") == (202, "waking")
    group.settled("open")
    assert (may_write(stage, kit.SAM, site), listened_to(stage, site)) == (True, heard)


def _its_record_stays_with_it(stage: Stage, site: str) -> None:
    async def look(service: Service) -> Any:
        async with service.state.read() as tx:
            return await entries(tx, Query(site_id=site, kind="sig-opened"))

    (entry,) = in_state(stage, look)
    assert set(entry.after["decisions"]) == {
        "network_director",
        "clinical_director",
        "operational_board",
    }
    with stage.tenant.http(kit.HELEN) as helen:
        found = helen.get(f"/v1.0/sites/{site}/lists?$select=id,displayName").json()["value"]
        (documents,) = [one["id"] for one in found if one["displayName"] == "Group documents"]
        items = f"/v1.0/sites/{site}/lists/{documents}/items?$expand=fields"
        name = "How this group was set up.txt"
        files = helen.get(items).json()["value"]
        (file,) = [one for one in files if one["fields"]["FileLeafRef"] == name]
        where = f"/v1.0/sites/{site}/lists/{documents}/items/{file['id']}/driveItem/content"
        text = helen.get(where, follow_redirects=True).text
    assert "Network Director's agreement: Nadia Drew" in text
    assert "Clinical Director's agreement: Raj Rao" in text
    assert "Operational Board's minute: NOB 2026/11 item 7" in text


def _chair_and_facilitator_are_welcomed(stage: Stage) -> None:
    stage.fire(stage.host, "sweep")
    wanted = "The site of your group is open"

    def subjects(who: str) -> list[str]:
        mails = stage.tenant.local("GET", f"/mailbox?to={who}")["value"]
        return [str(mail["message"]["subject"]) for mail in mails]

    for who in (kit.SAM, kit.HELEN):
        until(lambda who=who: wanted in subjects(who))
        assert subjects(who).count(wanted) == 1


def may_write(stage: Stage, who: str, site: str) -> bool:
    with stage.tenant.http(who) as client:
        found = client.get(f"/v1.0/sites/{site}/lists?$select=id,displayName").json()["value"]
        (actions,) = [one["id"] for one in found if one["displayName"] == "Action log"]
        row = {"fields": {"Title": "try"}}
        answer = client.post(f"/v1.0/sites/{site}/lists/{actions}/items", json=row)
    assert answer.status_code in {201, 403}, answer.text
    return answer.status_code == 201


def listened_to(stage: Stage, site: str) -> int:
    found = stage.tenant.local("GET", "/subscriptions")["value"]
    return sum(f"sites/{site}/" in one["resource"] for one in found)


def test_nothing_is_made_when_the_approval_is_not_on_record(stage: Stage) -> None:
    """A state that claims more than the decisions say is not believed."""
    request_id = stage.ask("Forged approval")

    async def forge(service: Service) -> None:
        from sync.state import requests as kept  # noqa: PLC0415 - what no flow does

        async with service.state.begin() as tx:
            row = await kept.get_request(tx, request_id)
            assert row is not None
            forged = kept.changed(row, service.now(), state="opening", seal="x")
            await kept.put_request(tx, forged)

    in_state(stage, forge)
    provision(stage)

    told = stage.call(ADA, "GET", f"/{request_id}").json()
    assert told["state"] == "planned"
    assert "the Operational Board's minute is missing (Gov-12)" in told["trouble"]
    again = stage.call(ADA, "POST", f"/{request_id}/opening", {"seal": "x"})
    assert again.status_code == 409
