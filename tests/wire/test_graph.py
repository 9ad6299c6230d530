"""One shared adapter: sign-in by certificate, our User-Agent, one retry, one translation."""

import asyncio

import pytest

from sync.errors import Missing, Refused, Rejected, Throttled, Unavailable
from sync.tenant import notices
from sync.tenant.client import Tenant
from sync.tenant.graph import Ask, segment, within
from sync.tenant.meter import metered
from sync.tenant.notices import Mail
from tests import tenant_kit
from tests.wire.conftest import hurried, settings_for

SAM = f"/users/{tenant_kit.SAM}"
MAIL = Mail(tenant_kit.SAM, "A verdict", "<p>Held</p>", "Held", "doc:1:sam")


@pytest.fixture(autouse=True)
def _no_leftover_faults(wire):
    yield
    wire.local("DELETE", "/faults")


def read_sam(tenant):
    return tenant.graph.get(SAM, dict, doing="read Sam")


async def test_an_app_signs_in_by_certificate_and_reads(enforcer):
    with metered() as bill:
        user = await read_sam(enforcer)
    assert user["displayName"] == "Sam Price"
    assert (bill.units, bill.requests) == (1, 1)


async def test_what_is_not_there_is_missing(enforcer):
    with pytest.raises(Missing) as caught:
        await enforcer.graph.get("/users/nobody@dgft.nhs.example", dict, doing="read nobody")
    assert caught.value.status == 404
    assert str(caught.value).startswith("could not read nobody: 404 ")


async def test_a_lapsed_token_is_answered_once_by_a_fresh_credential(wire, enforcer):
    await read_sam(enforcer)
    before = enforcer.tokens.kept("https://graph.microsoft.com/.default")
    wire.fault({"kind": "lapse"}, match={"surface": "graph"})
    with metered() as bill:
        assert (await read_sam(enforcer))["displayName"] == "Sam Price"
    assert bill.requests == 2
    assert enforcer.tokens.kept("https://graph.microsoft.com/.default") != before


async def test_a_token_that_stays_refused_is_refused(wire, enforcer):
    wire.fault({"kind": "lapse"}, match={"surface": "graph"}, count=None)
    with metered() as bill, pytest.raises(Refused):
        await read_sam(enforcer)
    assert bill.requests == 2


@pytest.mark.parametrize("wait", ["1", "0.128", "Tue, 24 Nov 2020 09:00:30 GMT", None])
async def test_throttling_passes_and_every_attempt_is_on_the_bill(wire, enforcer, wait):
    wire.fault(
        {"kind": "refuse", "status": 429, "retry_after": wait}, match={"surface": "graph"}, count=2
    )
    with metered() as bill:
        await read_sam(enforcer)
    assert bill.requests == 3


async def test_a_service_that_stays_away_is_unavailable_after_bounded_attempts(wire, enforcer):
    wire.fault({"kind": "refuse", "status": 500}, match={"surface": "graph"}, count=None)
    with metered() as bill, pytest.raises(Unavailable):
        await read_sam(enforcer)
    assert bill.requests == 5


async def test_a_broken_connection_is_tried_again(wire, enforcer):
    wire.fault({"kind": "drop"}, match={"surface": "graph"})
    assert (await read_sam(enforcer))["displayName"] == "Sam Price"


async def test_nobody_listening_is_unavailable_and_nothing_was_done(wire):
    dead = settings_for(wire, "enforcer", graph_address="https://127.0.0.1:9")
    async with Tenant(dead, hurried()) as tenant:
        with pytest.raises(Unavailable) as caught:
            await read_sam(tenant)
    assert not caught.value.maybe_done


async def test_an_unknown_ca_is_refused_as_unavailable(wire, tmp_path):
    other = tenant_kit.prepare(tmp_path).parent / "enforcer.pem"
    async with Tenant(settings_for(wire, "enforcer", ca_file=other), hurried()) as tenant:
        with pytest.raises(Unavailable):
            await read_sam(tenant)


async def test_a_certificate_nobody_knows_is_refused(wire, tmp_path):
    stranger = tmp_path / "stranger.pem"
    stranger.write_bytes(tenant_kit.make_certificate("stranger"))
    async with Tenant(settings_for(wire, "enforcer", certificate=stranger), hurried()) as tenant:
        with pytest.raises(Refused, match="token"):
            await read_sam(tenant)


async def test_a_token_never_goes_to_another_host(enforcer):
    with pytest.raises(Rejected, match="is not Graph"):
        await enforcer.graph.get("https://evil.example/v1.0/users", dict, doing="follow a link")


async def test_many_calls_at_once_share_one_token(enforcer):
    users = await asyncio.gather(*(read_sam(enforcer) for _ in range(20)))
    assert {user["displayName"] for user in users} == {"Sam Price"}


# msgraph-sdk warns about its own generated code
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_the_typed_builders_use_the_same_way(enforcer):
    user = await enforcer.graph.typed(
        lambda client: client.users.by_user_id(tenant_kit.SAM).get(), doing="read Sam"
    )
    assert user.display_name == "Sam Price"
    with pytest.raises(Missing):
        await enforcer.graph.typed(
            lambda client: client.users.by_user_id("nobody@dgft.nhs.example").get(),
            doing="read nobody",
        )


async def test_mail_goes_out_with_its_key(wire, enforcer):
    await notices.send_mail(enforcer, MAIL)
    last = wire.local("GET", "/mailbox")["value"][-1]
    message = last.get("message", last)
    assert message["subject"] == "A verdict"
    assert {"name": "x-verger-key", "value": "doc:1:sam"} in message["internetMessageHeaders"]


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("Für die Akte Gov-04", "Für die Akte Gov-04"),
        ("Gov-04\r\nBcc: all@dgft.nhs.example", "Gov-04 Bcc: all@dgft.nhs.example"),
    ],
    ids=["beyond ASCII", "more than one line"],
)
async def test_a_mail_says_the_same_as_text_and_as_html(wire, enforcer, subject, shown):
    html = f"<p>{'It has no number: “Gov-04” is free. ' * 40}</p>"
    text = "It has no number.\n\n- “Gov-04” is free"
    await notices.send_mail(enforcer, Mail(tenant_kit.SAM, subject, html, text, "k"))
    last = wire.local("GET", "/mailbox")["value"][-1]
    message = last["message"]
    assert (last["to"], message["subject"]) == ([tenant_kit.SAM], shown)
    assert message["body"] == {"contentType": "html", "content": html}
    assert message["text"] == text


@pytest.mark.parametrize(
    "to", ["", "nobody", "a@b\r\nBcc: c@d", "zoë@dgft.nhs.example", "a@b, c@d"]
)
async def test_no_mail_goes_to_what_is_no_address(wire, enforcer, to):
    before = len(wire.local("GET", "/mailbox")["value"])
    with pytest.raises(Rejected, match="no address"):
        await notices.send_mail(enforcer, Mail(to, "A verdict", "<p>Held</p>", "Held", "k"))
    assert len(wire.local("GET", "/mailbox")["value"]) == before


async def test_a_mail_that_may_have_gone_out_is_not_sent_twice(wire, enforcer):
    before = len(wire.local("GET", "/mailbox")["value"])
    wire.fault({"kind": "drop", "after": True}, match={"surface": "graph", "path": "sendMail"})
    with pytest.raises(Unavailable) as caught:
        await notices.send_mail(enforcer, MAIL)
    assert caught.value.maybe_done
    assert len(wire.local("GET", "/mailbox")["value"]) == before + 1


async def test_mail_from_another_mailbox_is_refused(wire):
    other = settings_for(wire, "enforcer", mailbox=tenant_kit.HELEN)
    async with Tenant(other, hurried()) as tenant:
        with pytest.raises(Refused):
            await notices.send_mail(tenant, MAIL)


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_login_service_in_trouble_is_tried_again_by_the_one_retry(wire, enforcer, status):
    wire.fault({"kind": "refuse", "status": status}, match={"surface": "login"}, count=3)
    assert (await read_sam(enforcer))["displayName"] == "Sam Price"
    assert wire.local("GET", "/faults")["value"][0]["used"] == 3


def test_an_operation_is_named_by_its_last_word():
    assert Ask("GET", "/sites/a,b,c/lists/d/items/delta?$top=2", "x").operation == "GET delta"
    assert Ask("DELETE", "/subscriptions/0f-1", "x").operation == "DELETE subscriptions"


def test_a_segment_is_quoted_and_commas_stay():
    assert segment("a b/c,d") == "a%20b%2Fc,d"


def test_too_large_is_told_by_its_code():
    assert within(b"abc", 3, "fetch it") == b"abc"
    with pytest.raises(Rejected) as caught:
        within(b"abcd", 3, "fetch it")
    assert caught.value.code == "tooLarge"


async def test_the_throttled_error_keeps_the_wait_for_the_flow(wire, enforcer):
    wire.fault({"kind": "refuse", "status": 429, "retry_after": "300"}, match={"surface": "graph"})
    with pytest.raises(Throttled) as caught:
        await read_sam(enforcer)
    assert caught.value.retry_after == 300
