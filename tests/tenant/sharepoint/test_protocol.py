"""What every `_api` call obeys: tokens, digests, forms, errors, eTags, unknown operations."""

from __future__ import annotations

import json

import pytest

from local.tenant.errors import Refusal
from local.tenant.sharepoint import answer
from tests.tenant.sharepoint.rest_kit import CORE, HELEN, SAM, app, user

VERBOSE = "application/json;odata=verbose"
MINIMAL = "application/json"
NONE = "application/json;odata=nometadata"
LIST = "web/lists/getbytitle('Documents')"


def test_an_app_only_token_needs_a_certificate(rest):
    assert rest.get(app(proof="secret"), "web").status_code == 403
    assert rest.get(app(), "web").status_code == 200


def test_a_token_for_graph_is_refused(rest):
    assert rest.get(app(audience="graph"), "web").status_code == 401


def test_a_stranger_to_the_site_may_not_read_it(rest):
    assert rest.get(user(SAM), "web").status_code == 403
    assert rest.get(user(HELEN), "web").status_code == 200


@pytest.mark.parametrize(
    "path",
    ["web/fields", "web/contenttypes", "web/sitegroups", "web/sitegroups(3)", "web/siteusers",
     "web/associatedownergroup", "web/roledefinitions", "site"],
)  # fmt: skip
def test_a_stranger_learns_nothing_of_a_site(rest, path):
    assert rest.get(user(SAM), path).status_code == 403
    assert rest.get(app(), path).status_code == 200


def test_a_list_the_caller_may_not_see_does_not_exist(rest):
    assert rest.get(user(SAM), LIST).status_code == 404
    assert rest.get(user(SAM), "web/lists").json()["value"] == []


def test_contextinfo_gives_a_digest_under_its_own_name(rest):
    told = rest.session(app()).post(f"{CORE}/_api/contextInfo", headers={"Accept": VERBOSE}).json()
    info = told["d"]["GetContextWebInformation"]
    assert info["WebFullUrl"] == CORE
    assert info["FormDigestTimeoutSeconds"] == 1800
    assert info["FormDigestValue"].startswith("0x")


@pytest.mark.parametrize("digest", ["", "0xFORGED,24 Nov 2026 09:00:00 -0000", "nonsense"])
def test_a_write_with_a_digest_that_is_not_valid_is_refused(rest, digest):
    headers = {"Accept": VERBOSE, "X-RequestDigest": digest}
    answer = rest.session(app()).post(f"{CORE}/_api/{LIST}", headers=headers)
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "-2130575251, Microsoft.SharePoint.SPException"


def test_a_bearer_token_writes_without_a_digest(rest):
    session, where = rest.session(app()), f"{CORE}/_api/{LIST}"
    merge = {"Accept": NONE, "X-HTTP-Method": "MERGE", "If-Match": "*"}
    answer = session.post(where, headers=merge, json={"Description": "by token"})
    assert answer.status_code == 204
    assert rest.get(app(), f"{LIST}/Description").json() == {"value": "by token"}


def test_a_digest_lapses_after_half_an_hour_of_the_tenants_clock(rest):
    session = rest.session(app())
    told = session.post(f"{CORE}/_api/contextinfo", headers={"Accept": NONE}).json()
    headers = {"Accept": NONE, "X-RequestDigest": told["FormDigestValue"]}
    assert session.get(f"{CORE}/_api/web", headers=headers).status_code == 200
    rest.store.put("clock_offset", "1801")
    assert session.get(f"{CORE}/_api/web", headers=headers).status_code == 403


def test_anothers_digest_is_no_good(rest):
    told = rest.session(user(HELEN)).post(f"{CORE}/_api/contextinfo", headers={"Accept": NONE})
    headers = {"Accept": NONE, "X-RequestDigest": told.json()["FormDigestValue"]}
    assert rest.session(app()).get(f"{CORE}/_api/web", headers=headers).status_code == 403


def test_the_client_recovers_from_a_lapsed_digest_by_itself(rest):
    client = rest.client()
    client.web.get().execute_query()
    rest.store.put("clock_offset", "7200")
    documents = client.web.lists.get_by_title("Documents")
    documents.set_property("Description", "later").update().execute_query()
    assert rest.get(app(), f"{LIST}/Description").json() == {"value": "later"}


def test_one_entity_has_three_forms(rest):
    verbose, minimal, none = (
        rest.get(app(), f"{LIST}?$select=Title,Fields", accept).json()
        for accept in (VERBOSE, MINIMAL, NONE)
    )
    assert none == {"Title": "Documents"}
    assert minimal["odata.type"] == "SP.List"
    assert minimal["Title"] == "Documents"
    entity = verbose["d"]
    assert entity["__metadata"]["type"] == "SP.List"
    assert entity["Fields"]["__deferred"]["uri"].endswith("/Fields")
    assert set(entity) == {"__metadata", "Title", "Fields"}


def test_a_collection_has_three_forms(rest):
    verbose, minimal, none = (
        rest.get(app(), "web/lists?$select=Title", accept).json()
        for accept in (VERBOSE, MINIMAL, NONE)
    )
    assert none == {"value": [{"Title": "Documents"}]}
    assert minimal["value"][0]["Title"] == "Documents"
    assert "odata.metadata" in minimal
    assert [row["Title"] for row in verbose["d"]["results"]] == ["Documents"]


def test_one_member_can_be_addressed(rest):
    assert rest.get(app(), "web/Title").json() == {"value": "Core team"}
    assert rest.get(app(), "web/Title", VERBOSE).json() == {"d": {"Title": "Core team"}}
    assert rest.get(app(), f"{LIST}/HasUniqueRoleAssignments").json() == {"value": False}


def test_expanding_walks_the_same_steps(rest):
    found = rest.get(
        app(), f"{LIST}?$select=Title,RootFolder/Name,Views/Title&$expand=RootFolder,Views"
    )
    assert found.json() == {
        "Title": "Documents",
        "RootFolder": {"Name": "Shared Documents"},
        "Views": [{"Title": "All Documents"}],
    }


@pytest.mark.parametrize("query", ["$select=Nonsense", "$expand=Nonsense", "$expand=GetItemById"])
def test_an_unknown_member_is_refused_with_400(rest, query):
    assert rest.get(app(), f"{LIST}?{query}").status_code == 400


@pytest.mark.parametrize(
    ("accept", "name"), [(VERBOSE, "error"), (MINIMAL, "odata.error"), (NONE, "odata.error")]
)
def test_a_refusal_has_the_form_the_caller_accepts(rest, accept, name):
    answer = rest.get(app(), "web/getfilebyserverrelativeurl('/sites/core/x/y.docx')", accept)
    assert answer.status_code == 404
    error = answer.json()[name]
    assert error["code"] == "-2130575338, Microsoft.SharePoint.SPException"
    assert error["message"]["lang"] == "en-US"


@pytest.mark.parametrize(
    "path", ["web/ApplyTheme", "Site/CreateCopyJob", "nothing", "web/lists/GetByTitle('x')/Nothing"]
)
def test_an_unknown_operation_is_answered_501(rest, path):
    assert rest.post(app(), path).status_code in {404, 501}
    assert rest.post(app(), "Site/CreateCopyJob").status_code == 501


def test_a_site_that_is_not_there_is_404(rest):
    session = rest.session(app())
    assert session.get("https://wmin.sharepoint.com/sites/none/_api/web").status_code == 404


def test_if_match_refuses_a_stale_write_with_412(rest):
    etag = rest.get(app(), LIST).headers["ETag"]
    merge = {"X-HTTP-Method": "MERGE", "If-Match": etag}
    body = json.dumps({"Description": "first"})
    assert rest.post(app(), LIST, headers=merge, data=body).status_code == 204
    assert rest.post(app(), LIST, headers=merge, data=body).status_code == 412
    star = merge | {"If-Match": "*"}
    assert rest.post(app(), LIST, headers=star, data=body).status_code == 204


def test_every_operation_has_its_price(rest):
    def price(path: str) -> int:
        call = rest.call(app(), "GET", f"{CORE}/_api/{path}", {"accept": NONE})
        answer(call)
        return call.cost

    assert price("web") == 2
    assert price(f"{LIST}/roleassignments") == 5
    assert price("web/lists?$expand=RoleAssignments") == 5
    assert price("web/lists?$expand=Fields") == 2


def test_a_malformed_address_is_400(rest):
    with pytest.raises(Refusal) as refused:
        answer(rest.call(app(), "GET", f"{CORE}/_api/web/lists('open"))
    assert refused.value.status == 400
