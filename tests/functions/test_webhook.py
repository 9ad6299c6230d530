"""The webhook answers Graph's handshake, passes on our own hints, and tells a stranger nothing."""

import json
import subprocess
import sys

import azure.functions as func
import pytest

from functions import webhook
from functions.knocks import BURST, SENDERS, Knocks, sender_of
from sync.hints import SECURITY, Hint, client_state, parse_keys

TENANT = "0d5f8f43-6d0f-4f0e-9a3e-3a6f0f4f2a10"
LIST = "6b3b3f0e-58a0-4a8c-8c39-0f3c52a3c111"
KEYS = "k1:" + "ab" * 32


class Out:
    """What the queue binding was given."""

    value = None

    def set(self, value):
        self.value = value


class Context:
    class trace_context:  # noqa: N801 - the worker library's name
        trace_parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture(autouse=True)
def _settings(monkeypatch):
    monkeypatch.setenv("VERGER_TENANT_ID", TENANT)
    monkeypatch.setenv("VERGER_WEBHOOK_KEYS", KEYS)
    monkeypatch.setattr(webhook, "knocks", Knocks())


async def post(body=b"", params=None, list_id=LIST, sender=""):
    out = Out()
    request = func.HttpRequest(
        method="POST",
        url=f"https://v/api/webhook/{list_id}",
        params=params or {},
        headers={"X-Forwarded-For": sender} if sender else {},
        route_params={"list_id": list_id},
        body=body,
    )
    user_function = webhook.webhook.build("").get_user_function()
    return await user_function(request, out, Context()), out.value


def notification(state):
    return {
        "subscriptionId": "s",
        "clientState": state,
        "changeType": "updated",
        "tenantId": TENANT,
    }


async def test_the_handshake_gives_back_the_decoded_token_as_plain_text():
    answer, hint = await post(
        params={"validationToken": "Validation: Testing client application 1+2"}
    )

    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert answer.get_body() == b"Validation: Testing client application 1+2"
    assert hint is None


@pytest.mark.parametrize("token", ["<script>alert(1)</script>", "x" * 600, "a\nb"])
async def test_a_handshake_with_anything_else_is_not_reflected(token):
    answer, _ = await post(params={"validationToken": token})

    assert answer.status_code == 400
    assert token.encode() not in answer.get_body()


async def test_many_notifications_of_one_list_become_one_hint():
    ours = notification(client_state(parse_keys(KEYS), TENANT, LIST))

    answer, hint = await post(
        json.dumps({"value": [ours, ours, ours]}).encode(), list_id=LIST.upper()
    )

    assert answer.status_code == 202
    assert Hint.parse(hint).list_id == LIST
    assert Hint.parse(hint).correlation == Context.trace_context.trace_parent


@pytest.mark.parametrize(("told", "kind"), [("security", SECURITY), ("drain", ""), ("", "")])
async def test_an_address_for_permissions_makes_a_hint_about_permissions_and_no_other(told, kind):
    ours = notification(client_state(parse_keys(KEYS), TENANT, LIST))

    _, hint = await post(json.dumps({"value": [ours]}).encode(), params={"kind": told})

    assert Hint.parse(hint).kind == kind


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"value": 7}',
        b'{"value": [7, null, "x"]}',
        b"\xff\xfe",
        b"[" * 100_000,
        b" " * 1_000_001,
        json.dumps({"value": [notification("k1." + "0" * 64)]}).encode(),
    ],
    ids=["empty", "cut", "list", "null", "number", "junk", "not-utf8", "deep", "huge", "forged"],
)
async def test_a_forged_or_broken_notification_is_dropped_counted_and_answered_202(body, caplog):
    answer, hint = await post(body)

    assert (answer.status_code, hint) == (202, None)
    assert not answer.get_body()
    assert "dropped" in caplog.text


async def test_our_own_state_in_a_notification_of_another_tenant_is_dropped_and_said(caplog):
    ours = notification(client_state(parse_keys(KEYS), TENANT, LIST))
    foreign = ours | {"tenantId": "1" + TENANT[1:]}

    answer, hint = await post(json.dumps({"value": [foreign]}).encode())

    assert (answer.status_code, hint) == (202, None)
    assert "another tenant" in caplog.text


async def test_a_notification_that_names_no_tenant_is_believed_for_its_state():
    ours = notification(client_state(parse_keys(KEYS), TENANT, LIST))
    del ours["tenantId"]

    _, hint = await post(json.dumps({"value": [ours]}).encode())

    assert hint is not None


async def test_a_sender_of_too_many_forgeries_is_told_to_come_again_and_no_other_is(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(webhook, "knocks", Knocks(lambda: now[0]))
    ours = json.dumps({"value": [notification(client_state(parse_keys(KEYS), TENANT, LIST))]})

    forged = [(await post(b"{", sender="203.0.113.9:4711"))[0] for _ in range(int(BURST) + 5)]
    late, lost = await post(ours.encode(), sender="evil, 203.0.113.9:81")
    other, hint = await post(ours.encode(), sender="203.0.113.9, 198.51.100.7:443")
    now[0] += int(late.headers["Retry-After"])
    again, kept = await post(ours.encode(), sender="203.0.113.9:82")

    assert [one.status_code for one in forged] == [202] * int(BURST) + [429] * 5
    assert (late.status_code, lost) == (429, None), "so that Graph sends it again"
    assert (other.status_code, again.status_code) == (202, 202)
    assert hint is not None and kept is not None  # noqa: PT018 - both came through


async def test_what_is_ours_never_uses_a_bucket_up(monkeypatch):
    monkeypatch.setattr(webhook, "knocks", Knocks(lambda: 0.0))
    ours = json.dumps({"value": [notification(client_state(parse_keys(KEYS), TENANT, LIST))]})

    answers = [(await post(ours.encode()))[0].status_code for _ in range(int(BURST) * 2)]

    assert set(answers) == {202}


def test_no_more_senders_are_remembered_than_fit():
    knocks = Knocks(lambda: 0.0)
    for n in range(SENDERS * 2):
        knocks.strange(f"2001:db8::{n:x}")

    assert len(knocks._left) == SENDERS  # noqa: SLF001 - its size is what is proved


@pytest.mark.parametrize(
    ("header", "sender"),
    [
        (None, ""),
        ("203.0.113.9", "203.0.113.9"),
        ("203.0.113.9:4711", "203.0.113.9"),
        ("10.0.0.1, 203.0.113.9:4711", "203.0.113.9"),
        ("[2001:db8::1]:4711", "[2001:db8::1]"),
        ("2001:db8::1", "2001:db8::1"),
        ("x" * 500, "x" * 64),
    ],
)
def test_a_sender_is_the_last_address_without_its_port(header, sender):
    assert sender_of(header) == sender


async def test_a_right_state_under_another_lists_address_is_dropped():
    ours = notification(client_state(parse_keys(KEYS), TENANT, LIST))

    _, hint = await post(json.dumps({"value": [ours]}).encode(), list_id="7" + LIST[1:])

    assert hint is None


def test_the_webhook_path_imports_neither_sdk_nor_database():
    code = "import functions.webhook, sys; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()

    heavy = {
        "msgraph",
        "office365",
        "sqlalchemy",
        "pydantic",
        "httpx",
        "requests",
        "aiohttp",
        "tenacity",
    }
    assert heavy.isdisjoint(loaded)
