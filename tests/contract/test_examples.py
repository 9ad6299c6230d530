"""Every documented Graph example is answered as documented: status, headers and shape."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.example_kit import World, graph_examples, missing, operation_of
from tests.contract_kit import load_contract
from tests.tenant_kit import WIDE, running
from tests.webhook_kit import Webhook

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

DIFFERENCES = tomllib.loads(Path(__file__).with_name("differences.toml").read_text("utf-8"))[
    "example"
]
EXAMPLES = graph_examples()
ENOUGH = 0.95
ADMIN = (
    WIDE.replace(
        "roles: [Sites.FullControl.All, Sites.Create.All, User.Read.All, Group.ReadWrite.All]",
        "roles: [Sites.FullControl.All, Sites.Create.All, User.ReadWrite.All, Group.ReadWrite.All,"
        " Mail.Send]",
    )
    .replace("owner:", "  throttle: false\nowner:")
    .replace("scopes: [User.Read,", "scopes: [User.Read, User.ReadWrite, User.Read.All,")
)
NOT_SERVED = 501
FOR_APPS = re.compile(
    r"/sites/[^/]+/permissions|/(lists|items)/[^/]+/permissions|/users|/groups|/sites$|/sites\?"
)

MINE = re.compile(r"/me/|/drives?/")


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Iterator[World]:
    with Webhook() as hook, running(tmp_path_factory.mktemp("examples"), ADMIN) as tenant:
        yield World(tenant, hook)


@pytest.fixture(scope="module")
def contract() -> Any:
    found = load_contract()
    if found is None:
        pytest.skip("Microsoft's contract (../shared/contract) is not beside this checkout")
    return found


def send(world: World, example: dict[str, Any]) -> httpx.Response:
    """Send an example's request as Helen, or as an app where only apps may ask."""
    request, known = example["request"], DIFFERENCES.get(example["id"], {})
    address = world.address(known.get("url", request["url"]))
    kept = known.get("keep", "")
    body = world.body(request["body"], address, kept) if request["body"] else None
    app = FOR_APPS.search(address) is not None and not MINE.search(address)
    client = world.app if app else world.graph
    content = {"content": body} if isinstance(body, str) else {"json": body} if body else {}
    wanted = {
        k: v for k, v in request["headers"].items() if k.lower() in {"consistencylevel", "prefer"}
    }
    return client.request(request["method"], f"/v1.0{address}", headers=wanted, **content)


@pytest.mark.skipif(not EXAMPLES, reason="Microsoft's examples (../shared/contract) are not here")
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each["id"])
def test_an_example_is_answered_as_documented(world, example):
    documented, known = example["response"] or {}, DIFFERENCES.get(example["id"], {})
    reply = send(world, example)
    status = known.get("status", documented.get("status"))
    if status is None:
        assert reply.is_success, reply.text
    else:
        assert reply.status_code == status, reply.text
    for name in documented.get("headers") or {}:
        if name.lower() in {"location", "retry-after", "content-range"} and reply.is_success:
            assert name in reply.headers
    told = documented.get("body")
    if isinstance(told, dict) and status == documented["status"]:
        assert sorted(missing(told, reply.json())) == sorted(known.get("lacks", []))


def test_nearly_every_documented_operation_of_a_family_is_served(world, contract):
    """95 % in every family, of the operations in Microsoft's OpenAPI (devices are not in it)."""
    served: dict[str, dict[tuple[str, str], bool]] = {}
    for example in EXAMPLES:
        operation = operation_of(contract, example)
        if operation[1] not in contract.spec["paths"]:
            continue
        known = served.setdefault(example["family"], {})
        known[operation] = send(world, example).status_code != NOT_SERVED
    shares = {family: sum(each.values()) / len(each) for family, each in served.items()}
    short = {family: share for family, share in shares.items() if share < ENOUGH}
    assert short == {}, short


def test_no_difference_is_listed_that_is_none():
    assert DIFFERENCES.keys() <= {example["id"] for example in EXAMPLES} or not EXAMPLES
    assert all(each.get("why") for each in DIFFERENCES.values())
