"""A living site is written down as it is; applying that changes nothing of staff's."""

import pytest

from sharepoint_schema.loading import parse_record
from sharepoint_schema.site import FRAGMENTS, SiteTemplate, template_rules
from sync.adoption import adopt
from sync.errors import Missing, Rejected
from sync.provisioning import Provisioner
from sync.tenant import rest
from tests import tenant_kit as kit
from tests.provisioning.conftest import ROLES
from tests.provisioning.kit import Remembered

URL = f"https://{kit.HOST}/sites/quality"
FIELD = (
    '<Field Type="Choice" Name="Trust" DisplayName="Trust"><CHOICES><CHOICE>DGFT</CHOICE></CHOICES>'
    "</Field>"
)


@pytest.fixture(name="cloud")
def _cloud(tmp_path):
    with kit.running(tmp_path / "cloud") as running:
        yield running


@pytest.fixture(name="living")
async def _living(cloud, tenant):
    """A site that staff made and use: policies with two files, a list, a group of their own."""
    body = {"Title": "Quality", "Url": URL, "Lcid": 2057, "WebTemplate": "STS#3",
            "Owner": kit.HELEN}  # fmt: skip
    made = rest.typed("Microsoft.SharePoint.Portal.SPSiteCreationRequest", **body)
    root = f"https://{kit.HOST}"
    write = rest.Write("SPSiteManager/Create", {"request": made})
    await rest.invoke(tenant, root, write, doing="make")
    with cloud.http(kit.HELEN) as helen:
        for _ in range(3):
            await rest.read(tenant, root, f"SPSiteManager/status?url='{URL}'", doing="wait")
        site = helen.get(f"/v1.0/sites/{kit.HOST}:/sites/quality").json()["id"]
        for title, kind in (("Our policies", "documentLibrary"), ("Visits", "genericList")):
            body = {"displayName": title, "list": {"template": kind}}
            helen.post(f"/v1.0/sites/{site}/lists", json=body).raise_for_status()
        drives = helen.get(f"/v1.0/sites/{site}/drives").json()["value"]
        drive = next(one["id"] for one in drives if one["name"] == "Our policies")
        for name in ("Old policy.docx", "Older policy.docx"):
            path = f"/v1.0/drives/{drive}/root:/{name}:/content"
            helen.put(path, content=b"x").raise_for_status()
    own = rest.typed("SP.XmlSchemaFieldCreationInformation", SchemaXml=FIELD, Options=8)
    fields = "Web/Lists/GetByTitle('Our policies')/Fields/CreateFieldAsXml"
    await rest.invoke(tenant, URL, rest.Write(fields, {"parameters": own}), doing="make")
    group = rest.Write("Web/SiteGroups", rest.typed("SP.Group", Title="Visitors of wards"))
    await rest.invoke(tenant, URL, group, doing="make")
    return cloud


async def test_the_file_says_what_is_there_and_only_observes(tenant, living):
    assert living
    found = await adopt(tenant, URL, ROLES)
    again = parse_record(
        found.text, "quality.yaml", SiteTemplate, template_rules(), fragments=FRAGMENTS
    )
    policies = next(one for one in again.lists if one.title == "Our policies")
    assert (policies.place, policies.approval, policies.template) == ("open", False, "library")
    assert [one.name for one in policies.columns] == ["Trust"]
    assert set(again.modes.values()) == {"observe"} == {again.drift}
    assert "Visitors of wards" in {one.title for one in again.groups}
    kinds = {step.kind for step in found.plan.steps}
    assert not kinds & {"approval", "site"}
    apart = {"Restricted", "Quarantine", "Access exceptions"}
    assert {step.target for step in found.plan.of("list")} == apart


async def test_applying_an_adopted_site_keeps_what_staff_have(tenant, living):
    found = await adopt(tenant, URL, ROLES)
    provisioner = Provisioner(tenant)
    plan = await provisioner.plan(found.spec)
    await provisioner.apply(found.spec, plan.seal, Remembered())
    assert (await provisioner.plan(found.spec)).empty
    with living.http(kit.HELEN) as helen:
        site = helen.get(f"/v1.0/sites/{kit.HOST}:/sites/quality").json()["id"]
        drives = helen.get(f"/v1.0/sites/{site}/drives").json()["value"]
        drive = next(one["id"] for one in drives if one["name"] == "Our policies")
        children = helen.get(f"/v1.0/drives/{drive}/root/children").json()["value"]
    assert {one["name"] for one in children} == {"Old policy.docx", "Older policy.docx"}


async def test_old_files_are_marked_unverified_before_approval_is_asked_for(tenant, living):
    found = await adopt(tenant, URL, ROLES, ["Our policies"])
    (step,) = found.plan.of("approval")
    assert "2 files here are marked unverified, none is approved" in step.says()
    provisioner = Provisioner(tenant)
    plan = await provisioner.plan(found.spec)
    await provisioner.apply(found.spec, plan.seal, Remembered())
    assert (await provisioner.plan(found.spec)).empty
    members = "Id,ControlStatus,ControlReason,OData__UIVersionString"
    path = f"Web/Lists/GetByTitle('Our policies')/Items?$select={members}"
    rows = (await rest.read(tenant, URL, path, doing="look"))["value"]
    assert {row["ControlStatus"] for row in rows} == {"Not checked"}
    assert all(row["ControlReason"].startswith("Unverified") for row in rows)
    assert {row["OData__UIVersionString"] for row in rows} == {"1.0"}
    assert living


async def test_a_site_or_library_that_is_not_there_is_named(tenant, living):
    with pytest.raises(Missing, match="no site at"):
        await adopt(tenant, f"https://{kit.HOST}/sites/nowhere", ROLES)
    with pytest.raises(Rejected, match="no library is called Their policies"):
        await adopt(tenant, URL, ROLES, ["Their policies"])
    assert living


async def test_the_hub_and_the_top_links_of_a_living_site_are_written_down(tenant, site, spec):
    assert site.hub == spec.path
    found = await adopt(tenant, f"https://{kit.HOST}{spec.path}", ROLES)
    assert found.spec.hub.at == spec.path
    assert {one.title for one in found.spec.navigation.top} >= {
        "Document registry",
        "Digital Board",
    }
    assert not [one for one in found.plan.steps if one.kind in {"hub", "navigation", "template"}]
