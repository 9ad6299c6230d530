"""Sites are made asynchronously by SPSiteManager."""

from __future__ import annotations

import json

import pytest
from office365.runtime.client_request_exception import ClientRequestException
from office365.sharepoint.portal.sites.manager import SPSiteManager

from tests.tenant.sharepoint.rest_kit import HELEN, ROOT, UPN, app, user

SIG = f"{ROOT}/sites/sig-breast-imaging"


def manager(rest, who=None):
    return SPSiteManager(rest.client(who, ROOT))


def create(rest, **more):
    sent = {
        "Title": "Breast imaging", "Url": SIG, "Lcid": 2057, "WebTemplate": "STS#3",
        "Owner": UPN[HELEN], **more,
    }  # fmt: skip
    return rest.post(app(), "SPSiteManager/create", data=json.dumps({"request": sent}))


def test_a_site_is_made_polled_and_then_there(rest):
    begun = manager(rest).create("Breast imaging", SIG, UPN[HELEN]).execute_query()
    assert begun.value.SiteStatus.value == 1
    with pytest.raises(ClientRequestException):
        rest.client(url=SIG).web.get().execute_query()
    assert manager(rest).get_status(SIG).execute_query().value.SiteStatus.value == 1
    ready = manager(rest).get_status(SIG).execute_query().value
    assert (ready.SiteStatus.value, ready.SiteUrl) == (2, SIG)
    web = rest.client(url=SIG).web.get().execute_query()
    assert web.title == "Breast imaging"
    again = manager(rest).create("Breast imaging", SIG, UPN[HELEN]).execute_query()
    assert again.value.SiteId == ready.SiteId
    assert create(rest).json()["SiteStatus"] == 4


def test_the_wait_can_be_set_in_polls_and_seconds_of_the_tenants_clock(rest):
    rest.store.put("site_creation_polls", "0")
    rest.store.put("site_creation_seconds", "60")
    assert create(rest).json()["SiteStatus"] == 1
    assert manager(rest).get_status(SIG).execute_query().value.SiteStatus.value == 1
    rest.store.put("clock_offset", "61")
    assert manager(rest).get_status(SIG).execute_query().value.SiteStatus.value == 2
    shown = rest.client(url=SIG).web.get().execute_query()
    assert shown.properties["Language"] == 2057


def test_an_address_nobody_asked_for_has_status_0(rest):
    assert manager(rest).get_status(SIG).execute_query().value.SiteStatus.value == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"Owner": ""},
        {"Owner": "nobody@dgft.nhs.example"},
        {"Url": f"{ROOT}/elsewhere/x"},
        {"WebTemplate": "BLANK#0"},
    ],
)
def test_a_wrong_request_is_refused_with_400(rest, wrong):
    assert create(rest, **wrong).status_code == 400


def test_a_site_needs_the_right_to_create_one(rest):
    who = app("Sites.Selected")
    with pytest.raises(ClientRequestException) as refused:
        manager(rest, who).create("x", SIG, UPN[HELEN]).execute_query()
    assert refused.value.response.status_code == 403


def test_title_and_description_of_a_web_change_by_merge(rest):
    web = rest.client().web
    web.set_property("Title", "Core").set_property("Description", "d").update().execute_query()
    shown = rest.get(app(), "web?$select=Title,Description").json()
    assert shown == {"Title": "Core", "Description": "d"}
    merge = {"X-HTTP-Method": "MERGE", "IF-MATCH": "*"}
    assert rest.post(app(), "web", headers=merge, data='{"Theme":"x"}').status_code == 400
    reader = user(HELEN, "AllSites.Manage")
    assert rest.post(reader, "web", headers=merge, data='{"Title":"x"}').status_code == 403


def test_the_site_collection_is_shown(rest):
    shown = rest.get(app(), "site?$select=Url,Owner/Title&$expand=Owner").json()
    assert shown == {"Url": f"{ROOT}/sites/core", "Owner": {"Title": "Helen Ward"}}
