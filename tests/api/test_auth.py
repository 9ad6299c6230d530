"""Nobody is let in but by a token of this tenant, for this API, alive, with a role that may."""

from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from functions.auth import ASK_AGAIN, KEYS_LIVE, Door, Keys, NotAuthenticated
from sync.callers import Caller, Role
from sync.errors import Unavailable
from tests import tenant_kit as kit
from tests.sig import kit as sig

if TYPE_CHECKING:
    from tests.api.api_kit import Stage

OURS = rsa.generate_private_key(public_exponent=65537, key_size=2048)
THEIRS = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ISSUER = f"https://login.microsoftonline.com/{kit.TENANT_ID}/v2.0"
OID = "0b0c0d0e-0000-4000-8000-000000000001"


def jwk(key: rsa.RSAPrivateKey = OURS, kid: str = "one", **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    return found | {"kid": kid, "use": "sig"} | more


def claims(**more: Any) -> dict[str, Any]:
    now = int(time.time())
    usual = {
        "iss": ISSUER,
        "aud": kit.API,
        "tid": kit.TENANT_ID,
        "oid": OID,
        "nbf": now - 5,
        "exp": now + 600,
        "scp": "user_impersonation",
        "name": "Nadia  Drew",
        "roles": ["NetworkDirector"],
        "idtyp": "user",
    }
    return {name: value for name, value in (usual | more).items() if value is not None}


def signed(key: Any = OURS, kid: str = "one", algorithm: str = "RS256", **more: Any) -> str:
    return jwt.encode(claims(**more), key, algorithm=algorithm, headers={"kid": kid})


def unsigned() -> str:
    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none', 'kid': 'one'})}.{part(claims())}."


def public_pem_as_secret() -> str:
    """The old trick: sign with the public key as if it were a shared secret."""
    header = {"alg": "HS256", "kid": "one"}
    return jwt.encode(claims(), jwk()["n"], algorithm="HS256", headers=header)


class Login:
    """A login service that counts how often its keys are read."""

    def __init__(self, *keys: dict[str, Any]) -> None:
        self.keys = list(keys)
        self.reads = 0
        self.away = False
        self.now = 0.0

    async def read(self) -> list[dict[str, Any]]:
        self.reads += 1
        if self.away:
            raise Unavailable("nobody answers")
        return self.keys

    def door(self) -> Door:
        return Door(kit.TENANT_ID, kit.API, Keys(self.read, lambda: self.now))


async def admitted(token: str, login: Login | None = None) -> Caller:
    return await (login or Login(jwk())).door().admit(f"Bearer {token}")


async def test_a_right_token_says_who_calls_and_as_what() -> None:
    caller = await admitted(signed())
    assert caller == Caller(OID, "Nadia Drew", frozenset({Role.NETWORK_DIRECTOR}))


async def test_an_apps_token_is_no_person() -> None:
    token = signed(scp=None, name=None, idtyp="app", app_displayname="robot", roles=["Admin"])
    caller = await admitted(token)
    assert caller == Caller(OID, "robot", frozenset({Role.ADMIN}), person=False)


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        (signed(THEIRS), "InvalidSignatureError"),
        (signed(kid="two"), "unknown key"),
        (unsigned(), "InvalidAlgorithmError"),
        (public_pem_as_secret(), "InvalidAlgorithmError"),
        (signed(algorithm="RS512"), "InvalidAlgorithmError"),
        (signed(algorithm="PS256"), "InvalidAlgorithmError"),
        (signed(iss="https://sts.windows.net/x/"), "InvalidIssuerError"),
        (signed(iss=None), "MissingRequiredClaimError"),
        (signed(aud="https://graph.microsoft.com"), "InvalidAudienceError"),
        (signed(aud=None), "MissingRequiredClaimError"),
        (signed(exp=int(time.time()) - 61), "ExpiredSignatureError"),
        (signed(exp=None), "MissingRequiredClaimError"),
        (
            signed(nbf=int(time.time()) + 7200, exp=int(time.time()) + 9000),
            "ImmatureSignatureError",
        ),
        (signed(tid="11111111-2222-4333-8444-555555555555"), "another tenant"),
        (signed(tid=None), "MissingRequiredClaimError"),
        (signed(oid=None), "MissingRequiredClaimError"),
        (signed(scp="email profile"), "not for this API's scope"),
        (signed(scp=None), "neither a person's nor an app's"),
        ("", "no bearer token"),
        ("nonsense", "DecodeError"),
        ("a.b.c", "DecodeError"),
        ("x" * 17_000, "too long"),
    ],
)
async def test_a_token_that_is_not_ours_is_refused(token: str, reason: str) -> None:
    with pytest.raises(NotAuthenticated, match=f"^{reason}$"):
        await admitted(token)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Basic dXNlcjpwYXNz", "Token abc"])
async def test_anything_but_a_bearer_token_is_refused(header: str | None) -> None:
    with pytest.raises(NotAuthenticated, match="no bearer token"):
        await Login(jwk()).door().admit(header)


@pytest.mark.parametrize("roles", [None, "Admin", {"Admin": 1}, ["Owner"], [["Admin"]]])
async def test_roles_that_are_not_a_list_of_ours_give_nothing(roles: Any) -> None:
    assert (await admitted(signed(roles=roles))).roles == frozenset()


@pytest.mark.parametrize("key", [jwk(use="enc"), {"kty": "oct", "kid": "one", "k": "c2VjcmV0"}])
async def test_a_key_that_does_not_sign_is_no_key(key: dict[str, Any]) -> None:
    with pytest.raises(NotAuthenticated, match="unknown key"):
        await admitted(signed(), Login(key))


async def test_keys_are_read_once_and_again_for_a_new_one_but_not_for_every_stranger() -> None:
    login = Login(jwk())
    door = login.door()
    for _ in range(3):
        await door.admit(f"Bearer {signed()}")
    assert login.reads == 1

    login.keys.append(jwk(THEIRS, "two"))
    with pytest.raises(NotAuthenticated):  # asked a moment ago: a stranger can name any key
        await door.admit(f"Bearer {signed(THEIRS, 'two')}")
    assert login.reads == 1
    login.now += ASK_AGAIN + 1
    await door.admit(f"Bearer {signed(THEIRS, 'two')}")
    assert login.reads == 2


async def test_a_withdrawn_key_is_forgotten_within_a_day() -> None:
    login = Login(jwk())
    door = login.door()
    await door.admit(f"Bearer {signed()}")
    login.keys[:] = [jwk(THEIRS, "two")]
    login.now += KEYS_LIVE + 1
    with pytest.raises(NotAuthenticated, match="unknown key"):
        await door.admit(f"Bearer {signed()}")


async def test_while_the_login_service_is_away_the_keys_at_hand_go_on() -> None:
    login = Login(jwk())
    door = login.door()
    login.away = True
    with pytest.raises(Unavailable):
        await door.admit(f"Bearer {signed()}")
    login.away = False
    await door.admit(f"Bearer {signed()}")
    login.away, login.now = True, KEYS_LIVE + 1
    await door.admit(f"Bearer {signed()}")
    assert login.reads == 3


def test_through_the_host_the_tenants_own_token_opens(stage: Stage) -> None:
    answer = stage.call("enforcer", "GET")
    assert (answer.status_code, answer.json()) == (200, {"value": []})
    assert answer.headers["cache-control"] == "no-store"


def test_a_header_in_the_platforms_name_opens_nothing(stage: Stage) -> None:
    forged = {"auth_typ": "aad", "claims": [{"typ": "roles", "val": "Admin"}]}
    principal = base64.b64encode(json.dumps(forged).encode()).decode()
    answer = stage.call(None, "GET", x_ms_client_principal=principal)
    assert answer.status_code == 401


def test_a_stranger_gets_constant_words_and_one_line_in_the_journal(stage: Stage) -> None:
    graph = {"authorization": f"Bearer {stage.tenant.token(kit.HELEN)}"}
    answers = [stage.call(None, "GET", authorization=value) for value in ["Bearer a.b.c"] * 3]
    answers.append(stage.call(None, "GET", **graph))
    answers.append(stage.call(None, "POST", x_functions_key=stage.host.keys["master"]))

    told = []
    for answer in answers:
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"] == "Bearer"
        told.append({name: value for name, value in answer.json().items() if name != "instance"})
    assert told == 5 * [
        {
            "type": "about:blank",
            "title": "You are not signed in",
            "status": 401,
            "detail": "Send a bearer token made for this API.",
        }
    ]
    reasons = [after["why"] for actor, after, _ in stage.refusals() if actor == "not authenticated"]
    assert reasons.count("DecodeError") == 1


def test_a_person_without_a_role_may_not_even_look_and_it_is_journalled(stage: Stage) -> None:
    answer = stage.call(kit.SAM, "GET")

    assert answer.status_code == 403
    assert "may see the requests for SIG sites" in answer.json()["detail"]
    correlation = answer.json()["instance"].removeprefix("urn:uuid:")
    (after,) = [after for _, after, one in stage.refusals() if one == correlation]
    assert (after["what"], after["why"]) == ("GET sig-requests", "NotEntitled")


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 400), (b"[]", 400), (b"\xff", 400), (b"[" * 60_000, 400), (b" " * 70_000, 413)],
)
def test_a_body_that_is_no_object_is_refused(stage: Stage, body: bytes, status: int) -> None:
    headers = {"authorization": f"Bearer {stage.token(kit.HELEN)}"}
    answer = stage.host.http.post("/api/sig-requests", content=body, headers=headers)
    assert answer.status_code == status
    assert answer.json()["status"] == status


def test_refused_requests_are_journalled_once_a_minute_for_each_reason(stage: Stage) -> None:
    headers = {"authorization": f"Bearer {stage.token(kit.DIRECTOR)}"}
    for body, path in [(b"{", ""), (b"[]", ""), (b" " * 70_000, ""), (b"{}", ""), (b"{}", "")]:
        stage.host.http.post(f"/api/sig-requests{path}", content=body, headers=headers)
    for _ in range(2):
        stage.call(kit.DIRECTOR, "GET", "/nothing")

    oid = stage.tenant.http(kit.DIRECTOR).get("/v1.0/me").json()["id"]
    told = [(after["what"], after["why"]) for actor, after, _ in stage.refusals() if actor == oid]
    assert sorted(told) == [
        ("GET sig-requests/…", "There is no such thing"),
        ("POST sig-requests", "Something in the request is wrong"),
        ("POST sig-requests", "The request can't be read"),
        ("POST sig-requests", "The request is too large"),
    ]


def test_what_is_wrong_in_a_request_is_listed_by_field(stage: Stage) -> None:
    answer = stage.call(kit.HELEN, "POST", "", {**sig.WISH, "chair": "Sam", "kind": "gardening"})
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == ["chair"]


@pytest.mark.parametrize("path", ["/nothing", "/00000000-0000-4000-8000-000000000000"])
def test_an_unknown_request_is_a_404(stage: Stage, path: str) -> None:
    assert stage.call(kit.HELEN, "GET", path).status_code == 404
    assert stage.call(sig.ADA, "POST", f"{path}/plan").status_code == 404
    assert stage.call(sig.ADA, "POST", f"{path}/dance").status_code == 404
