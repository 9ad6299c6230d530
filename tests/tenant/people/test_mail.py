"""Mail: accepted, kept where a test can read it, and only from where the app may send."""

from __future__ import annotations

import base64
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from tests.tenant_kit import HELEN, NOTICES, SAM

MESSAGE = {
    "subject": "Gov-04 needs a name",
    "body": {"contentType": "HTML", "content": "<p>Please look.</p>"},
    "toRecipients": [{"emailAddress": {"address": HELEN}}],
    "ccRecipients": [{"emailAddress": {"address": SAM}}],
    "internetMessageHeaders": [{"name": "x-verger-key", "value": "k-1"}],
}


@pytest.mark.parametrize("member", ["message", "Message"])
@pytest.mark.parametrize("operation", ["sendMail", "sendmail", "microsoft.graph.sendMail"])
def test_both_clients_spellings_are_taken(tenant, member, operation):
    body = {member: MESSAGE, "saveToSentItems": False}
    reply = tenant.http("enforcer").post(f"/v1.0/users/{NOTICES}/{operation}", json=body)
    assert (reply.status_code, reply.content) == (202, b"")
    (kept,) = tenant.local("GET", "/mailbox")["value"]
    assert (kept["sender"], kept["to"], kept["message"]) == (NOTICES, [HELEN, SAM], MESSAGE)


def test_the_mailbox_can_be_read_by_recipient_and_from_a_mark(tenant):
    client = tenant.http("enforcer")
    for address in (HELEN, SAM):
        message = {"subject": "s", "toRecipients": [{"emailAddress": {"address": address}}]}
        client.post(f"/v1.0/users/{NOTICES}/sendMail", json={"message": message})
    mine = tenant.local("GET", f"/mailbox?to={SAM.upper()}")["value"]
    assert [each["to"] for each in mine] == [[SAM]]
    assert tenant.local("GET", f"/mailbox?since={mine[0]['seq']}")["value"] == []


@pytest.mark.parametrize(
    ("who", "sender", "status"),
    [
        ("enforcer", NOTICES, 202),
        ("enforcer", HELEN, 403),  # limited to one mailbox
        ("provisioner", NOTICES, 403),  # has no Mail.Send
        ("enforcer", "nobody@x.example", 404),
        (HELEN, HELEN, 202),
        (HELEN, SAM, 403),
    ],
)
def test_who_may_send_from_where(shared_tenant, who, sender, status):
    client = shared_tenant.http(who)
    reply = client.post(f"/v1.0/users/{sender}/sendMail", json={"message": MESSAGE})
    assert reply.status_code == status


def test_a_person_sends_as_me_and_an_app_does_not(shared_tenant):
    body = {"message": MESSAGE}
    assert shared_tenant.http(HELEN).post("/v1.0/me/sendMail", json=body).status_code == 202
    assert shared_tenant.http("enforcer").post("/v1.0/me/sendMail", json=body).status_code == 400


@pytest.mark.parametrize(
    "body",
    [{}, {"message": "x"}, {"message": {"subject": "s"}}, {"message": {"toRecipients": [{}]}}],
)
def test_a_message_without_recipients_is_refused(shared_tenant, body):
    client = shared_tenant.http("enforcer")
    assert client.post(f"/v1.0/users/{NOTICES}/sendMail", json=body).status_code == 400


def in_mime(**headers: str) -> bytes:
    message = EmailMessage(SMTP)
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("Please look.")
    message.add_alternative("<p>Please look.</p>", subtype="html")
    return base64.b64encode(message.as_bytes())


def test_a_whole_message_in_mime_keeps_both_its_parts(tenant):
    data = in_mime(To=HELEN, Cc=SAM, Subject="Gov-04 needs a name", x_verger_key="k-1")
    url, told = f"/v1.0/users/{NOTICES}/sendMail", {"Content-Type": "text/plain"}
    assert tenant.http("enforcer").post(url, content=data, headers=told).status_code == 202
    (kept,) = tenant.local("GET", "/mailbox")["value"]
    message = kept["message"]
    assert kept["to"] == [HELEN, SAM]
    assert message["body"] == {"contentType": "html", "content": "<p>Please look.</p>"}
    assert (message["text"], message["internetMessageHeaders"]) == (
        "Please look.",
        MESSAGE["internetMessageHeaders"],
    )


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"no base64!", 400, "ErrorMimeContentInvalidBase64String"),
        (in_mime(Subject="to nobody"), 400, "ErrorInvalidRecipients"),
        (in_mime(To=HELEN, From=SAM), 403, "ErrorSendAsDenied"),
    ],
)
def test_a_message_in_mime_is_refused_as_documented(shared_tenant, data, status, code):
    url, told = f"/v1.0/users/{NOTICES}/sendMail", {"Content-Type": "text/plain"}
    reply = shared_tenant.http("enforcer").post(url, content=data, headers=told)
    assert (reply.status_code, reply.json()["error"]["code"]) == (status, code)
