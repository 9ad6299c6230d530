"""azure-identity, unmodified, against the tenant's login: certificate, secret, device code."""

from __future__ import annotations

import time
import uuid
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.core.pipeline.transport import RequestsTransport
from azure.identity import (
    AuthenticationRequiredError,
    CertificateCredential,
    ClientSecretCredential,
    DeviceCodeCredential,
)
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from local.tenant.store.apps import thumbprints
from tests.tenant_kit import (
    API,
    ENFORCER,
    HELEN,
    HOST,
    SAM,
    SECRET,
    SECRETIVE,
    STAFF,
    TENANT_ID,
)

if TYPE_CHECKING:
    import httpx

GRAPH = "https://graph.microsoft.com/.default"
SHAREPOINT = f"https://{HOST}/.default"
TOKEN = f"/{TENANT_ID}/oauth2/v2.0/token"
CODE = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture
def settings(shared_tenant):
    with RequestsTransport(connection_verify=str(shared_tenant.ca)) as transport:
        yield {
            "authority": shared_tenant.address,
            "disable_instance_discovery": True,
            "transport": transport,
        }


def claims(token: str) -> dict:
    return jwt.decode(token, options={"verify_signature": False})


def test_a_certificate_gets_a_token_for_each_api(shared_tenant, settings):
    path = str(shared_tenant.certificate("enforcer"))
    with CertificateCredential(TENANT_ID, ENFORCER, path, **settings) as credential:
        graph = claims(credential.get_token(GRAPH).token)
        rest = claims(credential.get_token(SHAREPOINT).token)
    assert graph["aud"] == "https://graph.microsoft.com"
    assert rest["aud"] == f"https://{HOST}"
    assert (graph["tid"], graph["appid"], graph["appidacr"]) == (TENANT_ID, ENFORCER, "2")
    assert graph["idtyp"] == "app"
    assert "Mail.Send" in graph["roles"]
    assert rest["roles"] == ["Sites.Selected", "User.Read.All"]


def test_a_token_of_azure_identity_opens_the_api(shared_tenant, settings):
    path = str(shared_tenant.certificate("enforcer"))
    with CertificateCredential(TENANT_ID, ENFORCER, path, **settings) as credential:
        client = shared_tenant.httpx(credential.get_token(GRAPH).token)
    assert client.get(f"/v1.0/users/{HELEN}").json()["displayName"] == "Helen Ward"


def test_a_secret_gets_a_token_that_says_so(settings):
    with ClientSecretCredential(TENANT_ID, SECRETIVE, SECRET, **settings) as credential:
        assert claims(credential.get_token(GRAPH).token)["appidacr"] == "1"


def test_a_wrong_secret_is_refused_with_entras_number(settings):
    with (
        ClientSecretCredential(TENANT_ID, SECRETIVE, "wrong", **settings) as credential,
        pytest.raises(ClientAuthenticationError, match="AADSTS7000215"),
    ):
        credential.get_token(GRAPH)


def test_another_apps_certificate_is_refused(shared_tenant, settings):
    path = str(shared_tenant.certificate("provisioner"))
    with (
        CertificateCredential(TENANT_ID, ENFORCER, path, **settings) as credential,
        pytest.raises(ClientAuthenticationError, match="AADSTS700027"),
    ):
        credential.get_token(GRAPH)


def test_a_person_signs_in_by_device_code(shared_tenant, settings):
    def approve(_uri, user_code, _expires):
        shared_tenant.local("POST", "/approve", {"user_code": user_code, "upn": HELEN})

    with DeviceCodeCredential(
        client_id=STAFF, tenant_id=TENANT_ID, prompt_callback=approve, **settings
    ) as credential:
        said = claims(credential.get_token("https://graph.microsoft.com/Sites.ReadWrite.All").token)
        again = claims(credential.get_token(f"https://{HOST}/AllSites.Write").token)
    assert (said["upn"], said["scp"], said["idtyp"]) == (HELEN, "Sites.ReadWrite.All", "user")
    assert (again["upn"], again["scp"]) == (HELEN, "AllSites.Write")  # by the refresh token


def test_a_person_may_refuse_a_device_code(shared_tenant, settings):
    def refuse(_uri, user_code, _expires):
        shared_tenant.local("POST", "/approve", {"user_code": user_code, "upn": None})

    with (
        DeviceCodeCredential(
            client_id=STAFF, tenant_id=TENANT_ID, prompt_callback=refuse, **settings
        ) as credential,
        pytest.raises((ClientAuthenticationError, AuthenticationRequiredError)),
    ):
        credential.get_token(GRAPH)


def test_polling_says_pending_until_somebody_approves(shared_tenant):
    client = shared_tenant.httpx()
    started = client.post(
        f"/{TENANT_ID}/oauth2/v2.0/devicecode",
        data={"client_id": STAFF, "scope": "openid offline_access Sites.ReadWrite.All"},
    ).json()
    form = {"client_id": STAFF, "grant_type": CODE, "device_code": started["device_code"]}
    assert client.post(TOKEN, data=form).json()["error"] == "authorization_pending"
    page = client.get(urlsplit(started["verification_uri"]).path)
    assert HELEN in page.text
    approved = {"user_code": started["user_code"], "upn": SAM}
    assert client.post("/common/oauth2/deviceauth", data=approved).status_code == 200
    body = client.post(TOKEN, data=form).json()
    assert claims(body["access_token"])["upn"] == SAM
    assert claims(body["id_token"])["aud"] == STAFF
    assert client.post(TOKEN, data=form).json()["error"] == "invalid_grant"


def test_a_browser_signs_in_by_code_and_pkce(shared_tenant):
    client = shared_tenant.httpx()
    verifier = "v" * 50
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "client_id": STAFF, "response_type": "code", "redirect_uri": "http://localhost:9/back",
        "scope": "openid User.Read", "state": "s1", "nonce": "n1", "code_challenge": challenge,
        "code_challenge_method": "S256",
    }  # fmt: skip
    where = f"/{TENANT_ID}/oauth2/v2.0/authorize"
    assert HELEN in client.get(where, params=query).text
    sent = client.post(where, params=query, data={"upn": HELEN})
    back = parse_qs(urlsplit(sent.headers["location"]).query)
    assert back["state"] == ["s1"]
    form = {"client_id": STAFF, "grant_type": "authorization_code", "code": back["code"][0],
            "redirect_uri": "http://localhost:9/back"}  # fmt: skip
    wrong = client.post(TOKEN, data=form | {"code_verifier": "x"})
    assert wrong.json()["error"] == "invalid_grant"
    body = client.post(TOKEN, data=form | {"code_verifier": verifier}).json()
    assert claims(body["id_token"])["nonce"] == "n1"
    assert client.post(TOKEN, data=form | {"code_verifier": verifier}).status_code == 400


def test_a_sign_in_never_leads_off_this_machine(shared_tenant):
    query = {"client_id": STAFF, "response_type": "code", "redirect_uri": "https://evil.example/"}
    reply = shared_tenant.httpx().get(f"/{TENANT_ID}/oauth2/v2.0/authorize", params=query)
    assert reply.status_code == 400


def test_the_published_keys_verify_a_token(shared_tenant):
    client = shared_tenant.httpx()
    found = client.get(f"/{TENANT_ID}/v2.0/.well-known/openid-configuration").json()
    keys = client.get(urlsplit(found["jwks_uri"]).path).json()["keys"]
    token = shared_tenant.token(HELEN, "api://verger")
    key = jwt.PyJWK(keys[0])
    said = jwt.decode(token, key, algorithms=["RS256"], audience=API, issuer=found["issuer"])
    assert said["roles"] == ["Admin"]
    assert jwt.get_unverified_header(token)["kid"] == keys[0]["kid"]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({}, None),
        ({"aud": "https://elsewhere.example/token"}, "invalid_client"),
        ({"exp": int(time.time()) - 3600}, "invalid_client"),
        ({"iss": SECRETIVE}, "invalid_client"),
        ({"sub": SECRETIVE}, "invalid_client"),
    ],
)
def test_an_assertion_is_checked_claim_by_claim(shared_tenant, change, error):
    reply = ask_with(shared_tenant, assertion(shared_tenant, change))
    assert reply.json().get("error") == error


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
@pytest.mark.parametrize("header", ["x5t", "x5t#S256"])
def test_both_algorithms_and_both_thumbprints_will_do(shared_tenant, algorithm, header):
    proof = assertion(shared_tenant, {}, algorithm, header)
    assert ask_with(shared_tenant, proof).status_code == 200


def test_an_assertion_may_come_again_until_it_expires(shared_tenant):
    proof = assertion(shared_tenant, {})
    assert [ask_with(shared_tenant, proof).status_code for _ in range(2)] == [200, 200]


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"client_id": "nobody"}, "unauthorized_client"),
        ({"client_id": SECRETIVE, "client_secret": SECRET, "scope": "https://graph.microsoft.com"},
         "invalid_scope"),
        ({"client_id": SECRETIVE, "client_secret": SECRET, "scope": "https://x.example/.default"},
         "invalid_resource"),
        ({"client_id": STAFF, "scope": GRAPH}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)  # fmt: skip
def test_the_token_endpoint_refuses_by_rfc_6749(shared_tenant, form, error):
    whole = {"grant_type": "client_credentials"} | form
    reply = shared_tenant.httpx().post(TOKEN, data=whole)
    assert (reply.status_code in (400, 401), reply.json()["error"]) == (True, error)


def test_another_tenants_address_is_refused(shared_tenant):
    where = f"/{uuid.uuid4()}/v2.0/.well-known/openid-configuration"
    assert shared_tenant.httpx().get(where).json()["error"] == "invalid_tenant"


def test_scopes_nobody_consented_to_are_refused(shared_tenant):
    form = {"client_id": STAFF, "scope": "https://graph.microsoft.com/Directory.ReadWrite.All"}
    reply = shared_tenant.httpx().post(f"/{TENANT_ID}/oauth2/v2.0/devicecode", data=form)
    assert "AADSTS65001" in reply.json()["error_description"]


def assertion(tenant, change, algorithm="RS256", header="x5t") -> str:
    pem = tenant.certificate("enforcer").read_bytes()
    short, long = thumbprints(x509.load_pem_x509_certificate(pem))
    whole = {
        "aud": f"{tenant.address}{TOKEN}", "iss": ENFORCER, "sub": ENFORCER,
        "jti": str(uuid.uuid4()), "exp": int(time.time()) + 600,
    } | change  # fmt: skip
    marks = {header: short if header == "x5t" else long}
    return jwt.encode(whole, load_pem_private_key(pem, None), algorithm=algorithm, headers=marks)


def ask_with(tenant, proof: str) -> httpx.Response:
    form = {
        "client_id": ENFORCER, "grant_type": "client_credentials", "scope": GRAPH,
        "client_assertion": proof,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }  # fmt: skip
    return tenant.httpx().post(TOKEN, data=form)
