"""The webhook answers Graph's handshake, passes on our own hints, and tells a stranger nothing."""

import json
import subprocess
import sys

import azure.functions as func
import pytest

from functions import webhook
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


async def post(body=b"", params=None, list_id=LIST):
    out = Out()
    request = func.HttpRequest(
        method="POST",
        url=f"https://v/api/webhook/{list_id}",
        params=params or {},
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
