"""Throttling as Microsoft documents it: prices, budgets by licences, refusals, and the ledger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from local.tenant.app import open_store
from local.tenant.config import Config
from local.tenant.errors import Refusal
from local.tenant.meter import Meter
from local.tenant.store import ledger, quirks
from tests.tenant_kit import DOMAIN, HELEN, HOST, PROVISIONER, TENANT_ID

NOON = datetime(2026, 11, 24, 12, 2, 20, tzinfo=UTC)
NAME = "NONISV|WMIN|Verger/0.1"


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A bare tenant at two minutes and twenty seconds past noon."""
    store = open_store(tmp_path / "tenant.db")
    monkeypatch.setattr(store, "now", lambda: NOON)
    yield store
    store.close()


def meter(store, licences: int = 1000, **more) -> Meter:
    return Meter(store, Config(id=TENANT_ID, name="WMIN", domain=DOMAIN, sharepoint_host=HOST,
                               licences=licences, **more))  # fmt: skip


def spend(store, units: int, app: str = "a") -> None:
    ledger.record(store, ledger.Entry(app, "GET /x", 200, units))


def refused(meter: Meter, app: str = "a") -> Refusal | None:
    try:
        meter.admit(app, 1)
    except Refusal as refusal:
        return refusal
    return None


@pytest.mark.parametrize(
    ("operation", "units"),
    [
        ("GET {list}/items/1", 1),
        ("GET {drive}/root:/a.txt", 1),
        ("GET {drive}/root:/a.txt:/content", 1),
        ("GET {list}/items/delta?token=latest", 1),
        ("GET {list}/items/delta", 2),
        ("GET {list}/items", 2),
        ("GET {drive}/root/children", 2),
        ("PATCH {list}/items/1/fields", 2),
        ("PUT {drive}/root:/b.txt:/content", 2),
        ("DELETE {list}/items/1", 2),
        ("GET {drive}/root:/a.txt:/permissions", 5),
        ("POST {drive}/root:/a.txt:/createLink", 5),
    ],
)
def test_an_operation_costs_what_the_page_says(shared_library, operation, units):
    library, tenant = shared_library, shared_library.tenant
    library.upload("a.txt")
    method, path = operation.format(list=library.list, drive=library.drive).split(" ")
    bodies = {"PATCH": {"VersionLabel": "V1"}, "POST": {"type": "view", "scope": "organization"}}
    mark = tenant.local("GET", "/ledger")["mark"]
    sent = {"json": bodies[method]} if method in bodies else {}
    library.graph.request(method, f"/v1.0{path}", **sent)
    (row,) = tenant.local("GET", f"/ledger?since={mark}")["value"]
    assert (row["app"], row["requests"], row["units"]) == (PROVISIONER, 1, units)


@pytest.mark.parametrize(
    ("licences", "minute", "day", "five"),
    [
        (1, 1_250, 1_200_000, 18_750),
        (1_000, 1_250, 1_200_000, 18_750),
        (1_001, 2_500, 2_400_000, 37_500),
        (15_000, 3_750, 3_600_000, 56_250),
        (50_000, 5_000, 4_800_000, 75_000),
        (50_001, 6_250, 6_000_000, 93_750),
    ],
)
def test_budgets_follow_the_licences(store, licences, minute, day, five):
    known = meter(store, licences)
    assert (known.minute, known.day, known.tenant) == (minute, day, five)


def test_an_app_waits_for_the_next_minute_and_another_does_not(store):
    spend(store, 1_249)
    assert refused(meter(store)) is None
    spend(store, 1)
    refusal = refused(meter(store))
    assert (refusal.status, refusal.headers) == (429, {"Retry-After": "40"})
    assert refused(meter(store), "b") is None


def test_an_app_that_spent_its_day_waits_until_tomorrow(store, monkeypatch):
    for minute in range(0, 1_200_000, 1_000):
        at = NOON - timedelta(seconds=61 + minute % 30_000)
        monkeypatch.setattr(store, "now", lambda at=at: at)
        spend(store, 1_000)
    monkeypatch.setattr(store, "now", lambda: NOON)
    wait = int(refused(meter(store)).headers["Retry-After"])
    assert NOON + timedelta(seconds=wait) == datetime(2026, 11, 25, tzinfo=UTC)


def test_all_apps_together_have_a_budget_of_five_minutes(store, monkeypatch):
    for app in range(15):
        monkeypatch.setattr(store, "now", lambda: NOON - timedelta(minutes=1))
        spend(store, 1_250, f"app {app}")
    monkeypatch.setattr(store, "now", lambda: NOON)
    assert refused(meter(store), "fresh").headers == {"Retry-After": "160"}


SHARE = "POST /drives/{drive}/items/{item}/invite"


def test_a_person_has_3000_requests_in_five_minutes_whatever_the_app(store, monkeypatch):
    for n in range(3_000):
        at = NOON - timedelta(seconds=n % 140)
        monkeypatch.setattr(store, "now", lambda at=at: at)
        ledger.record(store, ledger.Entry(f"app {n % 9}", "GET /x", 200, 1, user="helen"))
    monkeypatch.setattr(store, "now", lambda: NOON)
    with pytest.raises(Refusal) as caught:
        meter(store, 20_000).admit("fresh", 1, "GET /x", "helen")
    assert (caught.value.status, caught.value.headers) == (429, {"Retry-After": "160"})
    meter(store, 20_000).admit("fresh", 1, "GET /x", "sam")
    meter(store, 20_000).admit("fresh", 1, "GET /x")
    monkeypatch.setattr(store, "now", lambda: NOON + timedelta(seconds=160))
    meter(store, 20_000).admit("fresh", 1, "GET /x", "helen")


def test_an_app_shares_300_times_in_five_minutes_and_goes_on_reading(store):
    for _ in range(300):
        ledger.record(store, ledger.Entry("a", SHARE, 200, 5))
    large = meter(store, 60_000)
    with pytest.raises(Refusal) as caught:
        large.admit("a", 5, SHARE)
    assert caught.value.headers == {"Retry-After": "160"}
    large.admit("a", 1, "GET /drives/{drive}/items/{item}/permissions")
    large.admit("b", 5, SHARE)


@pytest.mark.parametrize(
    ("operation", "shares"),
    [
        (SHARE, True),
        ("POST /drives/{drive}/items/{item}/createLink", True),
        ("POST /drives/{drive}/items/{item}/permissions/{permission}/grant", True),
        ("DELETE /drives/{drive}/items/{item}/permissions/{permission}", True),
        ("PATCH /sites/{site}/lists/{list}/items/{item}/permissions/{permission}", True),
        ("DELETE /shares/{share}/permission", True),
        ("GET /drives/{drive}/items/{item}/permissions", False),
        ("POST /sites/{site}/permissions", False),
        ("PATCH /drives/{drive}/items/{item}", False),
    ],
)
def test_which_calls_are_sharing(operation, shares):
    assert ledger.is_sharing(operation) is shares


def test_the_ledger_shows_the_five_minutes_of_people_and_of_sharing(tenant, library):
    library.upload("a.txt")
    body = {"type": "view", "scope": "organization"}
    library.ok("POST", f"{library.drive}/root:/a.txt:/createLink", json=body)
    library.ask("GET", "/me", HELEN)
    used = {row["who"]: row["used"] for row in tenant.local("GET", "/ledger")["windows"]}
    assert used[ledger.sharing_key(PROVISIONER)] == 1
    assert [n for who, n in used.items() if who.startswith("user:")] == [1]
    assert used[ledger.TENANT] >= 5


def test_a_person_over_the_limit_is_refused_over_the_wire(tenant, library, monkeypatch):
    monkeypatch.setattr("local.tenant.meter.USER_REQUESTS", 3)
    answers = [library.ask("GET", "/sites/root", HELEN) for _ in range(4)]
    assert [reply.status_code for reply in answers] == [200, 200, 200, 429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 300
    assert library.ask("GET", "/sites/root").status_code == 200
    tenant.local("POST", "/clock", {"advance": 300})
    assert library.ask("GET", "/sites/root", HELEN).status_code == 200


@pytest.mark.parametrize(
    ("status", "style", "wanted"),
    [
        (429, "integer", (429, "TooManyRequests", "40")),
        (429, "decimal", (429, "TooManyRequests", "40.128")),
        (429, "none", (429, "TooManyRequests", None)),
        (503, "integer", (503, "serviceNotAvailable", "40")),
        (503, "none", (503, "serviceNotAvailable", None)),
    ],
)
def test_the_budgets_refusal_takes_the_shape_that_was_set(store, status, style, wanted):
    quirks.put(store, quirks.THROTTLE_STATUS, status)
    quirks.put(store, quirks.THROTTLE_RETRY_AFTER, style)
    spend(store, 1_250)
    refusal = refused(meter(store))
    assert (refusal.status, refusal.code, refusal.headers.get("Retry-After")) == wanted


def test_nothing_is_refused_where_throttling_is_off(store):
    spend(store, 5_000)
    assert refused(meter(store, throttle=False)) is None


@pytest.mark.parametrize(("spent", "remaining"), [(999, None), (1_000, "250"), (1_300, "0")])
def test_ratelimit_headers_come_from_four_fifths_of_the_minute(store, spent, remaining):
    spend(store, spent)
    headers = meter(store, rate_limit_headers=True).headers("a")
    assert headers.get("RateLimit-Remaining") == remaining
    assert bool(headers) == (remaining is not None)
    assert meter(store).headers("a") == {}


def test_a_refused_request_counts_too(tenant, library):
    tenant.fault({"kind": "refuse", "status": 429, "retry_after": "1"}, match={"path": "/items$"})
    mark = tenant.local("GET", "/ledger")["mark"]
    for _ in range(2):
        library.ask("GET", f"{library.list}/items")
    rows = tenant.local("GET", f"/ledger?since={mark}")["value"]
    assert sum(row["requests"] for row in rows) == 2
    assert sum(row["throttled"] for row in rows) == 1


@pytest.mark.parametrize(
    ("agent", "decorated"),
    [
        (NAME, True),
        ("ISV|Contoso|Sync/2.1 python-httpx/0.28", True),
        ("python-httpx/0.28 NONISV|WMIN|Verger/0.1", True),
        ("NONISV|WMIN|Verger", False),
        ("NONISV|Verger/0.1", False),
        ("python-requests/2.32", False),
        ("", False),
    ],
)
def test_a_user_agent_says_whose_traffic_it_is_or_not(agent, decorated):
    assert ledger.decorated(agent) is decorated


def test_the_ledger_tells_decorated_traffic_by_app(tenant, library):
    for agent in (NAME, NAME, "curl/8"):
        library.graph.get("/v1.0/sites/root", headers={"User-Agent": agent})
    seen = {(row["app"], row["agent"]): (row["decorated"], row["requests"])
            for row in tenant.local("GET", "/ledger")["agents"]}  # fmt: skip
    assert seen[PROVISIONER, NAME] == (True, 2)
    assert seen[PROVISIONER, "curl/8"] == (False, 1)
