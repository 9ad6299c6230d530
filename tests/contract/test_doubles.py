"""The doubles of cli-microsoft365, reads and writes: answered with their members or error."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.doubles_kit import doubles
from tests.contract.example_kit import missing
from tests.contract.rest_shapes_kit import MINIMAL, VERBOSE, Types, metadata

if TYPE_CHECKING:
    import httpx

    from tests.contract.doubles_kit import Double, Doubles

KNOWN = tomllib.loads(Path(__file__).with_name("differences.toml").read_text("utf-8"))["rest"]
DOUBLES = doubles()
WORKING = [each for each in DOUBLES if not each["throws"]]
NOT_SERVED, ENOUGH = 501, 0.95
INVENTED = re.compile(r"TenantWideExtension")  # columns of a list that nobody has here
pytestmark = pytest.mark.skipif(not DOUBLES, reason="../shared/contract is not here")


@pytest.mark.parametrize("double", WORKING, ids=lambda each: each["id"])
def test_a_double_has_nothing_that_we_lack(place: Doubles, double: Double):
    reply = place.send(double)
    assert reply.status_code != NOT_SERVED, reply.text
    if double["id"] in KNOWN["refused"]:
        assert reply.status_code == KNOWN["refused"][double["id"]]
        return
    assert reply.is_success, (place.address(double), reply.text)
    if reply.content and isinstance(double["response_body"], dict):
        assert _lacking(double, reply.json()) == []


def _lacking(double: Double, ours: Any) -> list[str]:
    """Return what we lack of a double; doubles forget $select, and invent columns."""
    shown = double["response_body"]
    clean = {key: value for key, value in shown.items() if not key.startswith("odata.")}
    picked = re.search(r"\$select=([^&]*)", double["url"])
    names = {each.partition("/")[0].lower() for each in picked[1].split(",")} if picked else set()
    faults = []
    for fault in missing(clean, ours):
        top, _, rest = re.sub(r"^\.(value|Row)(\[\])?", "", fault).strip(".").partition(".")
        chosen = not names or "*" in names or (top.lower() in names and not rest)
        known = KNOWN["lacks"] + KNOWN["shown"].get(double["id"], [])
        if top and chosen and not INVENTED.match(top) and top not in known:
            faults.append(fault)
    return faults


# What is asked to bring an error about: an object that is not there, or one in another state.
PROVOKED = {
    "cli-sp-fields-5": ("GET", "web/lists/getByTitle('Nobody')/fields/getbyid('{guid}')", None),
    "cli-sp-fields-8": ("GET", "web/fields/getbyid('{guid}')", None),
    "cli-sp-fields-11": ("POST", "web/lists/getByTitle('Events')/fields/getbyid('{guid}')",
                         {"Description": "d"}),
    "cli-sp-fields-17": ("GET", "web/lists/getByTitle('Nobody')/fields/getbyid('{guid}')", None),
    "cli-sp-fields-22": ("GET", "web/lists/getByTitle('Events')/fields/getbyid('{guid}')", None),
    "cli-sp-files-36": ("GET", "web/GetFileByServerRelativePath(DecodedUrl='{path}/y.jpg')", None),
    "cli-sp-lists-2": ("GET", "web/lists/GetByTitle('Events')/items(999)", None),
    "cli-sp-listitems-6": (
        "PUT", "web/lists/GetByTitle('Events')/items(1)/AttachmentFiles('none.pdf')/$value", b"x",
    ),
    "cli-sp-permissions-36": ("POST", "web/ensureuser", {"logonName": "john@contoso.com"}),
    "cli-sp-sites-18": ("POST", "site/UnregisterHubSite", None),
    "cli-sp-versions-10": ("POST", "web/{file}/undocheckout", None),
}  # fmt: skip
GUID = "03e45e84-1992-4d42-9116-26f756012634"


@pytest.mark.parametrize("name", PROVOKED)
def test_an_error_has_the_number_and_the_form_of_the_double_s(place: Doubles, name: str):
    method, path, body = PROVOKED[name]
    told = {"guid": GUID, "path": place.shapes.place.path, "file": place.shapes.file}
    verb = "MERGE" if "fields" in path and method == "POST" else ""
    reply = place.call(method, path.format(**told), body, verb)
    assert reply.is_error
    error = reply.json()["odata.error"]
    assert error["code"] == _code(next(each for each in DOUBLES if each["id"] == name))
    assert error["message"]["lang"] == "en-US"


def _code(double: Double) -> str:
    error = double["response_body"]
    while "code" not in error:
        error = error.get("error") or error["odata.error"]
    return str(error["code"])


def test_every_error_with_a_number_of_its_own_is_provoked():
    """Doubles that throw "An error has occurred" made it up; the rest are SharePoint's own."""
    thrown = [
        each for each in DOUBLES if each["throws"] and isinstance(each["response_body"], dict)
    ]
    coded = {
        each["id"]
        for each in thrown
        if re.search(r'"code": "-(?!1, Microsoft.SharePoint.Client)', _text(each))
    }
    assert coded - PROVOKED.keys() == set(KNOWN["other_errors"])


def _text(double: Double) -> str:
    return str(double["response_body"]).replace("'", '"')


def test_every_answer_to_a_double_is_of_microsoft_s_types(place: Doubles, monkeypatch):
    """In verbose every object tells its type: its members are that type's, and of their types."""
    monkeypatch.setattr(place, "form", VERBOSE)
    types, faults = Types(metadata()), set()
    for double in DOUBLES:
        reply = place.send(double)
        if reply.content and reply.is_success and "renderlist" not in double["url"].lower():
            assert "d" in reply.json(), double["url"]
            faults |= set(types.faults(reply.json()))
    assert sorted(faults) == []


def test_every_answer_to_a_double_names_its_description_in_minimal(place: Doubles, monkeypatch):
    monkeypatch.setattr(place, "form", MINIMAL)
    for double in DOUBLES:
        reply = place.send(double)
        told = reply.json() if reply.content and reply.is_success else {"odata.null": True}
        stream = "renderlist" in double["url"].lower()
        assert stream or told.keys() & {"odata.metadata", "odata.null"}, double["url"]


def test_nearly_every_double_is_served(place: Doubles):
    served: dict[str, list[bool]] = {}
    for double in DOUBLES:
        reply: httpx.Response = place.send(double)
        served.setdefault(double["family"], []).append(reply.status_code != NOT_SERVED)
    share = {family: sum(each) / len(each) for family, each in served.items()}
    assert min(share.values()) >= ENOUGH, share
