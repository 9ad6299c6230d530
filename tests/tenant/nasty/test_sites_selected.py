"""Sites.Selected: what each grant on a site is worth, verb by verb, in both dialects."""

from __future__ import annotations

import pytest

from tests.tenant_kit import ENFORCER

ROLES = ("read", "write", "manage", "fullcontrol")
GRAPH = {  # a call, and the least grant that may make it
    "GET {list}": "read",
    "GET {list}/items": "read",
    "GET {list}/items/delta": "read",
    "GET {list}/columns": "read",
    "GET {drive}/root:/a.txt:/content": "read",
    "PUT {drive}/root:/{n}.txt:/content": "write",
    "PATCH {list}/items/1/fields": "write",
    "POST {drive}/root:/{n}.bin:/createUploadSession": "write",
    "POST {drive}/root:/a.txt:/checkout": "write",
    "DELETE {drive}/root:/{n}.txt": "write",
    "POST {list}/columns": "manage",
    "PATCH {list}": "manage",
    "POST {site}/lists": "manage",
    "DELETE {drive}/root:/{n}-shared.txt:/permissions/{permission}": "fullcontrol",
}
REST = {
    "GET {list}": "read",
    "GET {list}/items(1)": "read",
    "POST {list}/items(1)/ValidateUpdateListItem": "write",
    "MERGE {list}/items(1)": "write",
    "POST {list}/fields/CreateFieldAsXml": "manage",
    "MERGE {list}": "manage",
    "POST {list}/items(1)/BreakRoleInheritance(true,false)": "fullcontrol",
    "GET {list}/roleassignments": "fullcontrol",
}
BODIES = {
    "PATCH {list}/items/1/fields": {"VersionLabel": "V1"},
    "POST {list}/columns": {"name": "C{n}", "text": {}},
    "PATCH {list}": {"description": "{n}"},
    "POST {site}/lists": {"displayName": "L{n}", "list": {"template": "genericList"}},
    "POST {drive}/root:/{n}.bin:/createUploadSession": {},
    "POST {list}/items(1)/ValidateUpdateListItem": {
        "formValues": [{"FieldName": "VersionLabel", "FieldValue": "V2"}]
    },
    "MERGE {list}/items(1)": {"VersionLabel": "V3"},
    "MERGE {list}": {"Description": "{n}"},
    "POST {list}/fields/CreateFieldAsXml": {
        "parameters": {"SchemaXml": '<Field Type="Text" Name="F{n}" DisplayName="F{n}"/>'}
    },
}


@pytest.fixture(scope="module")
def library(shared_library):
    shared_library.upload("a.txt")
    return shared_library


@pytest.fixture(scope="module")
def grant(library):
    """Give the enforcer one role on the site, instead of what it had."""
    at = f"/sites/{library.site}/permissions"
    for row in library.ok("GET", at)["value"]:
        library.ask("DELETE", f"{at}/{row['id']}")
    to = [{"application": {"id": ENFORCER, "displayName": "enforcer"}}]
    made = library.ok("POST", at, json={"roles": ["read"], "grantedToIdentities": to})

    def give(role: str) -> None:
        library.ok("PATCH", f"{at}/{made['id']}", json={"roles": [role]})

    return give


def filled(value, n: str):
    if isinstance(value, dict):
        return {key: filled(each, n) for key, each in value.items()}
    if isinstance(value, list):
        return [filled(each, n) for each in value]
    return value.replace("{n}", n) if isinstance(value, str) else value


def prepared(library, call: str, n: str) -> str:
    """Return the call's address, what it deletes put there first by the provisioner."""
    where = {"list": library.list, "drive": library.drive, "site": f"/sites/{library.site}", "n": n}
    if call.startswith("DELETE"):
        name = f"{n}-shared.txt" if "shared" in call else f"{n}.txt"
        library.upload(name)
        link = library.ok("POST", f"{library.drive}/root:/{name}:/createLink",
                          json={"type": "view", "scope": "organization"})  # fmt: skip
        where["permission"] = link["id"]
    return call.partition(" ")[2].format(**where)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("call", "least"), GRAPH.items())
def test_a_graph_call_needs_its_grant_and_no_more(library, grant, call, least, role):
    n = f"{list(GRAPH).index(call)}-{role}"
    grant(role)
    address = prepared(library, call, n)
    sent = {"json": filled(BODIES[call], n)} if call in BODIES else {}
    sent |= {"content": b"text"} if call.startswith("PUT") else {}
    reply = library.ask(call.partition(" ")[0], address, "enforcer", **sent)
    library.ask("POST", f"{library.drive}/root:/a.txt:/discardCheckout")
    allowed = ROLES.index(role) >= ROLES.index(least)
    assert (reply.status_code < 400) is allowed, reply.text
    assert allowed or reply.status_code == 403


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("call", "least"), REST.items())
def test_a_rest_call_needs_its_grant_and_no_more(library, grant, call, least, role):
    n = f"{list(REST).index(call)}{role}"
    grant(role)
    verb, _, address = call.partition(" ")
    address = "/_api" + address.format(list=f"/web/lists(guid'{library.id}')")
    client = library.tenant.http("enforcer", "sharepoint")
    accept = {"Accept": "application/json;odata=nometadata"}
    told = client.post("/_api/contextinfo", headers=accept).json()
    headers = accept | {"X-RequestDigest": told["FormDigestValue"], "If-Match": "*"}
    headers |= {"X-HTTP-Method": verb} if verb == "MERGE" else {}
    method = "GET" if verb == "GET" else "POST"
    reply = client.request(method, address, headers=headers, json=filled(BODIES.get(call), n))
    allowed = ROLES.index(role) >= ROLES.index(least)
    assert (reply.status_code < 400) is allowed, reply.text
    assert allowed or reply.status_code == 403
