"""The hub, the navigation and the document templates of a site: planned, applied, kept."""

from io import BytesIO

import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st

from sharepoint_schema.expand import content_of
from sharepoint_schema.ways import Link, Navigation
from sync.diff import diff
from sync.diff_ways import links_to_write
from sync.drift import check
from sync.errors import Refused
from sync.provisioning import Provisioner
from sync.site_state import Found, SiteState
from sync.tenant.site_answers import address
from sync.tenant.site_reader import read_site
from sync.tenant.way_writes import links
from tests.provisioning.conftest import fresh, joining, without_templates
from tests.provisioning.kit import Remembered
from tests.provisioning.model_site import conforming
from tests.provisioning.test_apply import change

APART = ("restricted", "quarantine")
BLOCK = ("Name", "Version Number", "Date Adopted", "Review Date", "Document Number")


def tiny(spec, **more):
    """Return a spec with no more lists than every site has."""
    lists = tuple(area for area in spec.lists if area.key in APART)
    return without_templates(spec.model_copy(update={"lists": lists, **more}))


@pytest.fixture(name="provisioner")
def _provisioner(tenant):
    return Provisioner(tenant)


async def built(provisioner, spec):
    plan = await provisioner.plan(spec)
    return (await provisioner.apply(spec, plan.seal, Remembered())).site


@pytest.fixture(name="hub")
async def _hub(provisioner):
    spec = tiny(fresh("core_team"), navigation=Navigation())
    await built(provisioner, spec)
    return spec


async def test_a_group_site_joins_the_hub_that_the_core_team_s_site_became(provisioner, hub):
    spec = joining(tiny(fresh("sig")), hub)
    plan = await provisioner.plan(spec)
    assert [step.target for step in plan.of("hub")] == [hub.path]
    site = await built(provisioner, spec)
    assert site.hub == hub.path
    assert (await provisioner.plan(spec)).empty


async def test_a_site_whose_hub_is_not_there_yet_says_so_and_joins_it_later(provisioner):
    hub = tiny(fresh("core_team"), navigation=Navigation())
    spec = joining(tiny(fresh("sig")), hub)
    plan = await provisioner.plan(spec)
    assert plan.later == (f"it joins the hub {hub.path} once that site is a hub",)
    assert "… it joins the hub" in plan.as_text()
    await built(provisioner, spec)
    assert (await provisioner.plan(spec)).empty
    states = {one.id: one.state for one in (await check(provisioner.tenant, spec)).elements}
    assert states["hub"] == "unknown"
    await built(provisioner, hub)
    assert [step.id for step in (await provisioner.plan(spec)).steps] == ["hub"]


async def test_a_site_that_left_its_hub_is_drift_and_joined_again(tenant, provisioner, hub):
    spec = joining(tiny(fresh("sig")), hub)
    await built(provisioner, spec)
    nobody = "00000000-0000-0000-0000-000000000000"
    await change(tenant, spec, f"Site/JoinHubSite('{nobody}')", {}, "POST")
    report = await check(tenant, spec)
    assert [(one.id, one.state) for one in report.of("drifted")] == [("hub", "drifted")]
    step = report.of("drifted")[0].step
    done = await provisioner.mend(spec, [step], Remembered())
    assert done.site.hub == hub.path


async def bar(tenant, spec):
    site = await read_site(tenant, spec)
    return [(one.id, one.values["title"]) for one in site.navigation["top"]]


WANTED = Navigation(
    top=(Link(title="Registry", url="/sites/core/Lists/R"), Link(title="Risks", url="/sites/r"))
)


async def test_required_links_are_put_back_and_staff_s_own_stay(tenant, provisioner):
    spec = tiny(fresh("core_team"), navigation=WANTED)
    await built(provisioner, spec)
    (first, _), (second, _) = await bar(tenant, spec)
    where = "Web/Navigation/TopNavigationBar"
    own = {"__metadata": {"type": "SP.NavigationNode"}, "Title": "Ours", "Url": "/sites/ours"}
    await change(tenant, spec, where, {**own, "IsExternal": True}, "POST")
    assert (await provisioner.plan(spec)).empty
    await change(tenant, spec, f"Web/Navigation/GetNodeById({first})", {}, "DELETE")
    renamed = {"__metadata": {"type": "SP.NavigationNode"}, "Title": "Dangers"}
    await change(tenant, spec, f"Web/Navigation/GetNodeById({second})", renamed)
    assert [step.id for step in (await provisioner.plan(spec)).steps] == ["navigation/top"]
    await built(provisioner, spec)
    assert [title for _, title in await bar(tenant, spec)] == ["Risks", "Ours", "Registry"]


async def test_an_owned_bar_has_these_links_in_this_order_and_no_others(tenant, provisioner):
    spec = tiny(fresh("core_team"), navigation=WANTED)
    await built(provisioner, spec)
    turned = Navigation(
        top=(*reversed(WANTED.top), Link(title="New", url="/sites/new")), care={"top": "owned"}
    )
    edited = spec.model_copy(update={"navigation": turned})
    own = {"__metadata": {"type": "SP.NavigationNode"}, "Title": "Ours", "Url": "/sites/ours"}
    await change(tenant, spec, "Web/Navigation/TopNavigationBar", own, "POST")
    await built(provisioner, edited)
    assert [title for _, title in await bar(tenant, edited)] == ["Risks", "Registry", "New"]
    assert (await provisioner.plan(edited)).empty


async def test_a_new_document_of_a_type_begins_as_its_template_with_the_control_block(
    tenant, provisioner
):
    spec = fresh("sig")
    site = await built(provisioner, spec)
    url = f"{spec.path}/DocumentTemplates/Agenda.docx"
    assert site.types["Agenda"].values["document_template"] == url
    assert site.lists["GroupDocuments"].templates["Agenda"] == url
    assert ("DocumentTemplates", "Agenda.docx") in site.files
    there = f"Web/ContentTypes('{site.types['Agenda'].id}')"
    body = {"__metadata": {"type": "SP.ContentType"}, "DocumentTemplate": "mine.docx"}
    await change(tenant, spec, there, body)
    plan = await provisioner.plan(spec)
    assert [step.id for step in plan.steps] == ["template/agenda"]
    report = await check(tenant, spec)
    assert [one.target for one in report.of("drifted")] == ["Agenda"]
    await built(provisioner, spec)
    assert (await provisioner.plan(spec)).empty


async def test_templates_that_are_put_off_are_put_in_the_next_round(cloud, provisioner):
    effect = {"kind": "refuse", "status": 429, "headers": {"Retry-After": "0.1"}}
    cloud.fault(effect, match={"surface": "graph", "method": "PUT"}, count=3)
    spec = fresh("sig")
    await built(provisioner, spec)
    assert [one["used"] for one in cloud.local("GET", "/faults")["value"]] == [3]
    assert (await provisioner.plan(spec)).empty


async def test_a_template_that_can_t_be_put_ends_the_apply_in_words(cloud, provisioner):
    effect = {"kind": "refuse", "status": 403, "code": "accessDenied"}
    cloud.fault(effect, match={"surface": "graph", "method": "PUT", "path": "Agenda"}, count=1)
    with pytest.raises(Refused, match=r"Agenda\.docx"):
        await built(provisioner, fresh("sig"))


@pytest.mark.parametrize("name", ["core_team", "sig", "neb", "nob", "db", "cdf"])
def test_every_template_of_a_document_type_carries_the_control_block(name):
    spec = fresh(name)
    made = [file for file in spec.files if file.asset]
    assert len(made) > 4
    for file in made:
        table = Document(BytesIO(content_of(file))).tables[0]
        labels = tuple(cell.text for cell in table.columns[0].cells)
        assert labels[: len(BLOCK)] == BLOCK, file.name


def test_a_new_site_s_plan_names_the_hub_the_links_and_the_templates():
    spec = fresh("sig")
    plan = diff(spec, SiteState(hubs={spec.hub.at: "1"}))
    ids = {step.id for step in plan.steps}
    assert {"hub", "navigation/quick", "template/agenda", "template/agenda/documents"} <= ids
    assert diff(spec, conforming(spec)).empty


titles = st.sampled_from("ABC")
bars = st.lists(st.tuples(titles, st.sampled_from(["/a", "/b", "/c", "/d"])), max_size=4,
                unique_by=lambda one: one[1])  # fmt: skip


def taken(wanted, found, *, alone):
    """Return the links after the writes, as a service would carry them out."""
    now = [Found(str(n), {"title": t, "url": u}) for n, (t, u) in enumerate(found, 1)]
    for write in links("top", wanted, now, alone=alone):
        number = write.path.partition("GetNodeById(")[2].rstrip(")")
        if write.method == "DELETE":
            now = [one for one in now if one.id != number]
        elif write.method == "MERGE":
            now = [
                Found(one.id, {**one.values, "title": write.body["Title"]})
                if one.id == number
                else one
                for one in now
            ]
        elif "MoveAfter" in write.path:
            now = _moved(now, write.path)
        else:
            values = {"title": write.body["Title"], "url": write.body["Url"]}
            now = [*now, Found(f"new {len(now)}", values)]
    return [(one.values["title"], one.values["url"]) for one in now]


def _moved(now, path):
    number, before = (part.partition("=")[2] for part in path[:-1].partition("(")[2].split(","))
    one = next(each for each in now if each.id == number)
    rest = [each for each in now if each.id != number]
    at = next((place + 1 for place, each in enumerate(rest) if each.id == before), 0)
    return [*rest[:at], one, *rest[at:]]


@given(bars, bars)
def test_any_bar_comes_to_hold_the_links_wanted_and_keeps_staff_s_own(wanted, found):
    after = taken(wanted, found, alone=False)
    assert links_to_write("floor", wanted, after) is None
    addresses = {url for _, url in wanted}
    assert set(after) >= {link for link in found if link[1] not in addresses}


@given(bars, bars)
def test_any_owned_bar_comes_to_be_exactly_what_is_wanted(wanted, found):
    once = taken(wanted, found, alone=True)
    assert taken(wanted, once, alone=True) == list(wanted)
    assert links_to_write("owned", wanted, wanted) is None


@pytest.mark.parametrize(
    ("told", "means"),
    [
        ("https://wmin.sharepoint.com/sites/core/", "/sites/core"),
        ("/sites/core/Document%20Templates/A.docx", "/sites/core/Document Templates/A.docx"),
        ("https://elsewhere.example/page", "https://elsewhere.example/page"),
        ("", ""),
    ],
)
def test_an_address_is_compared_as_a_schema_says_it(told, means):
    assert address(told) == means
