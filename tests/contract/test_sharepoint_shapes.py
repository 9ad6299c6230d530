"""SharePoint REST answers have Microsoft's types and members, in all three forms of OData."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.client_kit import Imaging
from tests.contract.example_kit import World, missing
from tests.contract.rest_shapes_kit import (
    FORMS,
    MINIMAL,
    NONE,
    VERBOSE,
    Shapes,
    Types,
    doubles,
    metadata,
)
from tests.contract.test_client_requests import HUB
from tests.contract.test_examples import ADMIN
from tests.tenant_kit import running
from tests.webhook_kit import Webhook

if TYPE_CHECKING:
    from collections.abc import Iterator

TYPES = Types(metadata())
DOUBLES = doubles()
KNOWN = tomllib.loads(Path(__file__).with_name("differences.toml").read_text("utf-8"))["rest"]
NOT_SERVED = 501
INVENTED = re.compile(r"TenantWideExtension")  # columns of a list that nobody has here
pytestmark = pytest.mark.skipif(not DOUBLES, reason="../shared/contract is not here")
FILE = "GetFileByServerRelativePath(DecodedUrl='{path}/Shared Documents/Folder/Document.docx')"
ITEM = "web/lists/GetByTitle('Events')/items(1)"
ADDRESSES = (
    "web", "site", "web/lists", "web/lists/GetByTitle('Events')",
    "web/lists/GetByTitle('Events')/fields",
    "web/lists/GetByTitle('Events')/views", "web/lists/GetByTitle('Events')/ContentTypes",
    "web/lists/GetByTitle('Events')/items?$expand=File,ParentList", f"{ITEM}/versions",
    f"{ITEM}/RoleAssignments?$expand=Member,RoleDefinitionBindings", "web/fields",
    "web/contenttypes",
    "web/siteusers", "web/sitegroups", "web/sitegroups/GetByName('Imaging Owners')/users",
    "web/roledefinitions", "web/currentuser",
    f"web/{FILE}?$expand=ListItemAllFields", f"web/{FILE}/versions", "web/recyclebin",
    "web/lists/GetByTitle('Events')/subscriptions", "HubSites",
)  # fmt: skip


@pytest.fixture(scope="module")
def shapes(tmp_path_factory) -> Iterator[Shapes]:
    with Webhook() as hook, running(tmp_path_factory.mktemp("shapes"), ADMIN) as tenant:
        place = Imaging(World(tenant, hook), HUB)
        place.rest.post(f"{place.path}/_api/Site/RegisterHubSite").raise_for_status()
        yield Shapes(place)
        place.close()


def told(reply: Any) -> Any:
    """Return an answer's rows, or the one entity, whatever its form."""
    body = reply.json()
    body = body.get("d", body)
    return body.get("results", body.get("value", body)) if isinstance(body, dict) else body


def first(rows: Any) -> dict[str, Any]:
    return rows[0] if isinstance(rows, list) and rows else rows if isinstance(rows, dict) else {}


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_member_is_microsoft_s_own_and_of_its_type(shapes, address):
    reply = shapes.get(address.format(path=shapes.place.path), VERBOSE)
    assert reply.status_code == 200, reply.text
    assert sorted(set(TYPES.faults(reply.json()))) == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_three_forms_tell_the_same(shapes, address):
    path = address.format(path=shapes.place.path)
    verbose, minimal, none = (first(told(shapes.get(path, form))) for form in FORMS)
    plain = {key for key, value in verbose.items() if not _deferred(value)} - {"__metadata"}
    assert {key for key in minimal if not key.startswith("odata.")} == none.keys() == plain
    if none:
        assert verbose["__metadata"]["type"] == minimal["odata.type"]


def _deferred(value: Any) -> bool:
    return isinstance(value, dict) and "__deferred" in value


@pytest.mark.parametrize("double", DOUBLES, ids=lambda each: each["id"])
def test_a_double_of_the_cli_has_nothing_that_we_lack(shapes, double):
    reply = shapes.get(shapes.address(double["url"]), NONE)
    if reply.status_code == NOT_SERVED:
        assert double["family"] in KNOWN["unserved"]
        return
    if double["throws"] or double["id"] in KNOWN["refused"]:
        return
    assert reply.status_code == 200, (shapes.address(double["url"]), reply.text)
    assert _missing(double, reply.json()) == []


def _missing(double: dict[str, Any], ours: Any) -> list[str]:
    """Return what we lack of a double; doubles forget $select, and invent columns."""
    shown = double["response_body"]
    clean = {key: value for key, value in shown.items() if not key.startswith("odata.")}
    picked = re.search(r"\$select=([^&]*)", double["url"])
    names = {each.partition("/")[0].lower() for each in picked[1].split(",")} if picked else set()
    faults = []
    for fault in missing(clean, ours):
        top, _, rest = re.sub(r"^\.value(\[\])?", "", fault).strip(".").partition(".")
        chosen = not names or "*" in names or (top.lower() in names and not rest)
        if top and chosen and not INVENTED.match(top) and top not in KNOWN["lacks"]:
            faults.append(fault)
    return faults


def test_an_answer_without_a_wish_is_minimal(shapes):
    assert "odata.metadata" in shapes.get("web/lists", "application/json").json()
    assert "odata.metadata" in shapes.get("web/lists", MINIMAL).json()
