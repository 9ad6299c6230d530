"""After a day with everything that can go wrong, no secret and no patient's number is anywhere it
may not be: not in a log record, not in a table of the state, not in the journal, not in a mail.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import re
import sqlite3
from contextlib import closing
from datetime import date

import pytest

from local.demo.documents import samples
from sync import audit, subscriptions
from sync.errors import Misconfigured, Rejected, VergerError, one_line
from sync.hints import parse_keys
from sync.service import open_service
from sync.settings import Settings, load_settings
from sync.state import lists
from sync.sweep import sweep
from sync.tenant.credentials import GRAPH_SCOPE, sharepoint_scope
from sync.tenant.translate import from_answer
from tests import flow_kit
from tests import tenant_kit as kit
from tests.flow_kit import settings_of
from tests.webhook_kit import Webhook

KEY = "c0ffee00" * 8
TOKEN = "eyJ0eXAiOiJKV1QifQ.eyJvaWQiOiJ4In0.c2lnbmF0dXJl"  # noqa: S105 - no token of anybody's
LINK = f"https://wmin.sharepoint.com/_layouts/15/download.aspx?UniqueId=1&tempauth={TOKEN}"
EVIL = f"it failed at {LINK}\r\n2026-11-24 verger.webhook forged line\x1b[2J access_token=s3cr3t"
DAY = samples(date(2026, 11, 24))
NUMBER = re.compile(r"999[ -]?123[ -]?4578")
LOOKS_SECRET = re.compile(
    r"eyJ[\w-]{8,}\.|tempauth=(?!…)|PRIVATE KEY|AccountKey=|access_token=(?!…)|Bearer [\w-]{8}"
)


def parts_of(pem):
    """A line out of the middle of the key, as PEM and unwrapped."""
    body = [line for line in pem.read_text().splitlines() if not line.startswith("-")]
    return [body[8], "".join(body[7:10])]


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    """What a day left behind: log, state, mails, and the secrets that took part in it."""
    folder, records = tmp_path_factory.mktemp("day"), []
    handler = logging.Handler(logging.INFO)
    handler.emit = records.append
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        with flow_kit.core(folder) as tenant, Webhook() as hook:
            yield asyncio.run(_live(tenant, folder, hook, records))
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


async def _live(tenant, folder, hook, records):
    address = hook.url.partition("/hook")[0]
    told = settings_of(
        tenant, "enforcer", folder / "state", webhook_address=address,
        webhook_keys=parse_keys(f"k1:{KEY}"),
    )  # fmt: skip
    async with flow_kit.desk(tenant, folder / "state") as desk:
        async with await open_service(told) as service:
            await _police_one_list(service)
            await subscriptions.reconcile(service)
            tokens = [await service.tenant.tokens.aget(scope)
                      for scope in (GRAPH_SCOPE, sharepoint_scope(kit.HOST))]  # fmt: skip
        await _work_through_trouble(desk, tenant)
    dump = folder / "state" / "verger.sqlite"
    with closing(sqlite3.connect(dump)) as database:
        state = "\n".join(database.iterdump())
    secrets = [KEY, base64.b64encode(bytes.fromhex(KEY)).decode(), *tokens, TOKEN, "s3cr3t"]
    return {
        "log": "\n".join(map(logging.Formatter().format, records)),
        "records": records,
        "state": state,
        "mails": json.dumps(tenant.local("GET", "/mailbox")["value"]),
        "secrets": secrets + parts_of(tenant.certificate("enforcer")),
    }


async def _police_one_list(service):
    async with service.state.begin() as tx:
        row = next(one for one in await lists.all_lists(tx) if one.area == "working")
        values = {name: getattr(row, name) for name in row.__slots__} | {"policed": True}
        await lists.register_list(tx, lists.ListRow(**values))


async def _work_through_trouble(desk, tenant):
    """Every kind of upload, and services that answer with all that must not be repeated."""
    refuse = {"kind": "refuse", "code": f"evil\r\n{TOKEN}", "message": EVIL}
    for match in ({"method": "POST"}, {"method": "GET", "path": "delta"}, {"path": "content"}):
        for status in (500, 403):
            tenant.fault(refuse | {"status": status}, count=1,
                         match=match | {"app": kit.ENFORCER})  # fmt: skip
    tenant.fault({"kind": "lapse"}, count=1, match={"app": kit.ENFORCER})
    for key in ("tor_03_wrong_name", "with_nhs_number", "tender", "risk_workbook"):
        sample = DAY[key]
        desk.upload(sample.name, sample.data, sample.area)
    for area in ("controlled", "working") * 3:
        try:
            await desk.settle(area)
        except VergerError as error:
            logging.getLogger("verger.test").warning("%s: %s", area, error)
        tenant.advance(3600)
    await sweep(desk.service)
    await audit.begin(desk.service, "core")


def test_the_day_was_one_on_which_things_went_wrong(day):
    assert "forged line" in day["log"]
    assert "Referral feedback" in day["state"]
    assert day["mails"].count('"subject"')
    assert "with_nhs_number" not in day["log"]


@pytest.mark.parametrize("place", ["log", "state", "mails"])
def test_no_secret_is_anywhere(day, place):
    found = [secret[:12] for secret in day["secrets"] if secret in day[place]]

    assert found == []
    assert LOOKS_SECRET.findall(day[place]) == []


@pytest.mark.parametrize("place", ["log", "state", "mails"])
def test_no_patients_number_is_anywhere(day, place):
    assert NUMBER.findall(day[place]) == []


def test_no_log_record_is_more_than_one_line(day):
    ours = [one.getMessage() for one in day["records"] if one.name.startswith("verger")]

    assert ours
    assert [one for one in ours if len(one.splitlines()) > 1 or "\x1b" in one] == []


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("one\r\ntwo", "one two"),
        ("a\x1b[2Jb", "a [2Jb"),
        ("next\u2028line\x85here", "next line here"),
        ("\u202eexe.fdp", " exe.fdp"),
        (f"see {LINK}", f"see {LINK.removesuffix(TOKEN)}…"),
        (f"Bearer {TOKEN} is old", "Bearer … is old"),
        ("https://a.blob.example/c?sv=1&sig=abc%2B", "https://a.blob.example/c?sv=1&sig=…"),
        ("Zoë's file, V1", "Zoë's file, V1"),
        ("x" * 9000, "x" * 4000),
    ],
)  # fmt: skip
def test_what_a_service_says_is_one_line_without_a_key_to_anything(said, kept):
    assert one_line(said) == kept
    assert str(Rejected(said)) == kept
    body = json.dumps({"error": {"code": "x", "message": said}}).encode()
    assert from_answer("read", 400, {}, body).says == kept


def test_settings_show_no_secret_wherever_they_are_printed():
    settings = Settings(
        tenant_id=kit.TENANT_ID, client_id=kit.ENFORCER, sharepoint_host=kit.HOST,
        certificate_pem=f"-----BEGIN PRIVATE KEY-----\n{KEY}", webhook_keys=f"k1:{KEY}",
        database_url=f"postgresql://verger:{KEY}@db.example/verger",
        VERGER_STORAGE=f"AccountKey={KEY}",
    )  # fmt: skip

    shown = f"{settings!r} {settings}"
    assert KEY not in shown
    assert repr(bytes.fromhex(KEY)) not in shown


@pytest.mark.parametrize("text", [f"{KEY}x", f"k1:{KEY}x", f"k1:{KEY},{KEY}", KEY])
def test_a_mistyped_key_is_refused_without_being_repeated(text, monkeypatch):
    monkeypatch.setenv("VERGER_WEBHOOK_KEYS", text)
    with pytest.raises(Misconfigured) as refused:
        load_settings()
    told, error = "", refused.value
    while error is not None:
        told, error = told + str(error), error.__cause__ or error.__context__
    assert "WEBHOOK_KEYS" in told
    assert KEY not in told
