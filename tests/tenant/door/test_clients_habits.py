"""What clients in use do that the documents do not dwell on; each was met with a client of others.

rclone sets dates, authlib sends its secret in a header, python-o365 leaves the $ away and writes a
slash too many, msgraphfs commits an upload by hand, CLI for Microsoft 365 copies by jobs.
"""

from __future__ import annotations

import json
import time
from base64 import b64encode
from urllib.parse import quote_plus

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from local.tenant.store.apps import thumbprints
from tests.tenant_kit import ENFORCER, HOST, SECRET, SECRETIVE, TENANT_ID

DRIVE = f"/v1.0/sites/{HOST}/drive"
TOKEN = f"/{TENANT_ID}/oauth2/v2.0/token"
WANTED = {"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default"}
OLD = "2020-01-02T03:04:05.000Z"
NONE = {"Accept": "application/json;odata=nometadata"}


@pytest.fixture(scope="module")
def graph(shared_tenant):
    return shared_tenant.http("provisioner")


@pytest.fixture(scope="module")
def rest(shared_tenant):
    return shared_tenant.httpx(shared_tenant.token("provisioner", "sharepoint"), **NONE)


def basic(client_id: str, secret: str) -> dict[str, str]:
    packed = b64encode(f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()).decode()
    return {"Authorization": f"Basic {packed}"}


@pytest.mark.parametrize(
    ("headers", "status", "error"),
    [
        (basic(SECRETIVE, SECRET), 200, None),
        (basic(SECRETIVE, "wrong"), 401, "invalid_client"),
        ({"Authorization": "Basic ?"}, 400, "invalid_request"),
    ],
)
def test_a_client_may_prove_itself_in_the_header(shared_tenant, headers, status, error):
    reply = shared_tenant.httpx().post(TOKEN, data=WANTED, headers=headers)
    assert (reply.status_code, reply.json().get("error")) == (status, error)


@pytest.mark.parametrize(("ahead", "status"), [(60, 200), (900, 401)])
def test_a_clients_clock_may_differ_by_five_minutes(shared_tenant, ahead, status):
    pem = shared_tenant.certificate("enforcer").read_bytes()
    key = load_pem_private_key(pem, None)
    x5t = thumbprints(x509.load_pem_x509_certificate(pem))[0]
    now = int(time.time()) + ahead
    claims = {"iss": ENFORCER, "sub": ENFORCER, "jti": f"id-{ahead}", "nbf": now, "exp": now + 600,
              "aud": f"https://login.microsoftonline.com{TOKEN}"}  # fmt: skip
    form = WANTED | {
        "client_id": ENFORCER,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode(claims, key, "RS256", {"x5t": x5t}),
    }
    assert shared_tenant.httpx().post(TOKEN, data=form).status_code == status


def test_options_count_without_their_dollar(graph):
    assert set(graph.get(f"{DRIVE}/root?select=id,name").json()) >= {"id", "name"}
    assert "size" not in graph.get(f"{DRIVE}/root?select=id,name").json()
    body = {"requests": [{"id": "1", "method": "GET", "url": f"/sites/{HOST}/drive?select=name"}]}
    part = graph.post("/v1.0/$batch", json=body).json()["responses"][0]["body"]
    assert "quota" not in part
    assert part["name"] == "Documents"


def test_a_slash_too_many_is_forgiven(graph):
    assert graph.get(f"/v1.0//sites/{HOST}").json() == graph.get(f"/v1.0/sites/{HOST}").json()


def test_dates_that_a_client_gives_are_kept_and_count_as_a_change(graph):
    made = graph.put(f"{DRIVE}/root:/dated.txt:/content", content=b"x").json()
    info = {"createdDateTime": "2019-01-01T00:00:00Z", "lastModifiedDateTime": OLD}
    done = graph.patch(f"{DRIVE}/items/{made['id']}", json={"fileSystemInfo": info}).json()
    assert done["fileSystemInfo"] == {"createdDateTime": "2019-01-01T00:00:00.000Z",
                                      "lastModifiedDateTime": OLD}  # fmt: skip
    assert (done["name"], done["cTag"]) == ("dated.txt", made["cTag"])
    assert done["eTag"] != made["eTag"]
    versions = graph.get(f"{DRIVE}/items/{made['id']}/versions").json()["value"]
    assert [each["id"] for each in versions] == ["2.0", "1.0"]


def test_a_date_that_is_none_is_refused(graph):
    made = graph.put(f"{DRIVE}/root:/undated.txt:/content", content=b"x").json()
    info = {"fileSystemInfo": {"lastModifiedDateTime": "yesterday"}}
    assert graph.patch(f"{DRIVE}/items/{made['id']}", json=info).status_code == 400


def test_an_uploaded_file_has_the_date_its_session_was_given(graph, shared_tenant):
    item = {"item": {"fileSystemInfo": {"lastModifiedDateTime": OLD}}}
    where = f"{DRIVE}/root:/session.txt:/createUploadSession"
    address = graph.post(where, json=item).json()["uploadUrl"]
    done = shared_tenant.httpx().put(address, content=b"abc",
                                     headers={"Content-Range": "bytes 0-2/3"})  # fmt: skip
    assert done.status_code == 201
    assert done.json()["fileSystemInfo"]["lastModifiedDateTime"] == OLD
    versions = graph.get(f"{DRIVE}/items/{done.json()['id']}/versions").json()["value"]
    assert [each["id"] for each in versions] == ["1.0"]


@pytest.mark.parametrize(
    ("body", "spans"),
    [
        ({"deferCommit": True}, ["bytes 0-327679/327682", "bytes 327680-327681/327682"]),
        ({}, ["bytes 0-327679/*", "bytes 327680-327681/*"]),
    ],
)
def test_a_deferred_upload_waits_for_its_commit(graph, shared_tenant, body, spans):
    name = f"deferred-{len(body)}.bin"
    opened = graph.post(f"{DRIVE}/root:/{name}:/createUploadSession", json=body).json()
    bare, parts = shared_tenant.httpx(), (b"a" * 327_680, b"bc")
    for span, part in zip(spans, parts, strict=True):
        reply = bare.put(opened["uploadUrl"], content=part, headers={"Content-Range": span})
        assert reply.status_code == 202
    assert graph.get(f"{DRIVE}/root:/{name}").status_code == 404
    done = bare.post(opened["uploadUrl"])
    assert (done.status_code, done.json()["size"]) == (201, 327_682)
    assert bare.get(opened["uploadUrl"]).status_code == 404


def job(rest, source: str, **options) -> list[dict]:
    """Run a copy job to its end and return its log."""
    body = {"exportObjectUris": [f"https://{HOST}/Shared Documents/{source}"],
            "destinationUri": f"https://{HOST}/Shared Documents", "options": options}  # fmt: skip
    info = rest.post("/_api/Site/CreateCopyJobs", json=body).json()["value"][0]
    told = rest.post("/_api/Site/GetCopyJobProgress", json={"copyJobInfo": info}).json()
    assert told["JobState"] == 0
    return [json.loads(line) for line in told["Logs"]]


@pytest.mark.parametrize(
    ("options", "event", "names"),
    [
        ({"CustomizedItemName": ["b.txt"]}, "JobFinishedObjectInfo", ["a.txt", "b.txt"]),
        ({"CustomizedItemName": ["b.txt"], "IsMoveMode": True}, "JobFinishedObjectInfo", ["b.txt"]),
        ({"NameConflictBehavior": 0}, "JobError", ["a.txt"]),
        ({"NameConflictBehavior": 2}, "JobFinishedObjectInfo", ["a 1.txt", "a.txt"]),
    ],
)
def test_a_copy_job_tells_in_its_log_how_it_went(tenant, options, event, names):
    admin = tenant.http("provisioner")
    admin.put(f"{DRIVE}/root:/a.txt:/content", content=b"x")
    rest = tenant.httpx(tenant.token("provisioner", "sharepoint"), **NONE)
    log = job(rest, "a.txt", **options)
    assert [each["Event"] for each in log] == ["JobStart", event, "JobEnd"]
    found = [each["name"] for each in admin.get(f"{DRIVE}/root/children").json()["value"]]
    assert found == names


def test_a_job_on_a_file_that_is_not_there_fails_in_its_log(rest):
    log = job(rest, "nowhere.txt")
    assert log[1]["Event"] == "JobError"
    assert "nowhere.txt does not exist" in log[1]["Message"]


def test_an_unknown_job_is_not_found(rest):
    body = {"copyJobInfo": {"JobId": "00000000-0000-0000-0000-000000000000"}}
    assert rest.post("/_api/Site/GetCopyJobProgress", json=body).status_code == 404


def test_a_list_item_is_made_from_text_and_its_id_is_told_last(rest, graph):
    made = {"displayName": "Risks", "columns": [{"name": "Score", "number": {}}]}
    assert graph.post(f"/v1.0/sites/{HOST}/lists", json=made).status_code == 201
    where = "/_api/web/lists/getByTitle('Risks')/AddValidateUpdateItemUsingPath()"

    def add(score: str) -> list[tuple]:
        values = [{"FieldName": "Title", "FieldValue": "Flood"},
                  {"FieldName": "Score", "FieldValue": score}]  # fmt: skip
        told = rest.post(where, json={"formValues": values}).json()["value"]
        return [(each["FieldName"], each["FieldValue"], each["HasException"]) for each in told]

    assert add("nine") == [("Title", "Flood", False), ("Score", "nine", True)]
    assert add("9") == [("Title", "Flood", False), ("Score", "9", False), ("Id", "1", False)]
    assert rest.get("/_api/web/lists/getByTitle('Risks')/items(1)").json()["Score"] == 9
