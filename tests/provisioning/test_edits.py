"""Whatever is edited in a schema, apply converges and what staff put in is still there."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sharepoint_schema.expand import SiteSpec
from sharepoint_schema.ways import Link, Navigation
from sync.errors import Throttled, VergerError
from sync.plan import PlanBlocked
from sync.provisioning import Provisioner
from sync.tenant import rest
from sync.tenant.site_reader import read_site, site_url
from tests.provisioning.conftest import MINUTE, fresh, way_in, without_templates
from tests.provisioning.kit import Remembered

KEPT = ("restricted", "quarantine", "work_programme", "action_log")
WORDS = ("Alpha", "Beta", "Gamma")


def small():
    """Return a group's site with two registers beside the two places every site has."""
    spec = fresh("sig")
    lists = tuple(area for area in spec.lists if area.key in KEPT)
    return without_templates(spec.model_copy(update={"lists": lists}))


def with_list(spec, key, **changes):
    lists = tuple(one.model_copy(update=changes) if one.key == key else one for one in spec.lists)
    return spec.model_copy(update={"lists": lists})


def work(spec):
    return spec.list("work_programme")


def add_column(spec, word):
    column = {"name": f"Extra{word}", "title": f"Extra {word}", "kind": "text"}
    if column["name"] in {one.name for one in work(spec).columns}:
        return spec
    made = type(work(spec).columns[0]).model_validate(column)
    return with_list(spec, "work_programme", columns=(*work(spec).columns, made))


def rename_column(spec, word):
    first, *others = work(spec).columns
    renamed = first.model_copy(update={"title": f"Aim {word}"})
    return with_list(spec, "work_programme", columns=(renamed, *others))


def remove_column(spec, _word):
    left = tuple(one for one in work(spec).columns if not one.name.startswith("Extra"))
    return with_list(spec, "work_programme", columns=left)


def rename_list(spec, word):
    return with_list(spec, "work_programme", title=f"Work {word}")


def reorder_view(spec, _word):
    first, *others = work(spec).views
    turned = first.model_copy(update={"columns": tuple(reversed(first.columns))})
    return with_list(spec, "work_programme", views=(turned, *others))


def add_view(spec, word):
    views = [one for one in work(spec).views if one.title != f"Only {word}"]
    made = views[0].model_copy(update={"title": f"Only {word}", "default": False, "rows": 10})
    return with_list(spec, "work_programme", views=(*views, made))


def weaken_versions(spec, _word):
    area = spec.list("restricted")
    versions = area.versions.model_copy(update={"keep_major": 50, "keep_minor": 5})
    return with_list(spec, "restricted", versions=versions)


def add_choice(spec, word):
    columns = tuple(
        one.model_copy(update={"choices": (*one.choices, f"Is {word}")})
        if one.kind == "choice" and f"Is {word}" not in one.choices
        else one
        for one in work(spec).columns
    )
    return with_list(spec, "work_programme", columns=columns)


def take_choice(spec, _word):
    columns = tuple(
        one.model_copy(update={"choices": one.choices[:3]}) if one.kind == "choice" else one
        for one in work(spec).columns
    )
    return with_list(spec, "work_programme", columns=columns)


def drop_index(spec, _word):
    return with_list(spec, "work_programme", indexed=())


def make_unique(spec, _word):
    return with_list(spec, "work_programme", indexed=("WorkStatus",), unique=("WorkStatus",))


def open_to_members(spec, _word):
    area = spec.list("restricted")
    level = type(area.access[0]).model_validate({"group": "members", "level": "read"})
    grants = tuple(one for one in area.access if one.group != "members")
    return with_list(spec, "restricted", access=(*grants, level))


def close_to_members(spec, _word):
    grants = tuple(one for one in spec.list("restricted").access if one.group != "members")
    return with_list(spec, "restricted", access=grants)


def add_site_column(spec, word):
    """Give the site a column and the content type it, so that lists that are there need it too."""
    name = f"Site{word}"
    if name in {one.name for one in spec.columns}:
        return spec
    column = type(spec.columns[0]).model_validate({"name": name, "title": name, "kind": "date"})
    types = tuple(
        one.model_copy(update={"columns": (*one.columns, name)})
        if one.key == "network_document"
        else one
        for one in spec.content_types
    )
    return spec.model_copy(update={"columns": (*spec.columns, column), "content_types": types})


def retitle_site(spec, word):
    return spec.model_copy(update={"title": f"Group {word}"})


def remove_list(spec, _word):
    return spec.model_copy(
        update={"lists": tuple(one for one in spec.lists if one.key != "action_log")}
    )


def add_link(spec, word):
    links = [one for one in spec.navigation.top if one.url != f"/sites/{word}"]
    top = (*links, Link(title=f"Site {word}", url=f"/sites/{word}"))
    return spec.model_copy(update={"navigation": Navigation(top=top)})


def rename_link(spec, word):
    top = tuple(one.model_copy(update={"title": f"See {word}"}) for one in spec.navigation.top)
    return spec.model_copy(update={"navigation": Navigation(top=top)})


def own_links(spec, word):
    top = (Link(title="First", url=f"/sites/{word}"), Link(title="Last", url="/sites/last"))
    return spec.model_copy(update={"navigation": Navigation(top=top, care={"top": "owned"})})


EDITS = (
    add_link,
    rename_link,
    own_links,
    add_column,
    rename_column,
    remove_column,
    rename_list,
    reorder_view,
    add_view,
    weaken_versions,
    add_choice,
    take_choice,
    drop_index,
    make_unique,
    open_to_members,
    close_to_members,
    add_site_column,
    retitle_site,
    remove_list,
)
edits = st.lists(st.tuples(st.sampled_from(EDITS), st.sampled_from(WORDS)), min_size=1, max_size=6)


@asynccontextmanager
async def built(cloud, spec):
    async with way_in(cloud) as tenant:
        provisioner = Provisioner(tenant)
        plan = await provisioner.plan(spec)
        await provisioner.apply(spec, plan.seal, Remembered())
        yield provisioner


async def fill(provisioner, spec):
    """Put in two rows of the same status, as staff would."""
    url = site_url(provisioner.tenant, spec)
    site = await read_site(provisioner.tenant, spec)
    where = f"Web/Lists(guid'{site.lists['WorkProgramme'].id}')"
    named = await rest.read(
        provisioner.tenant, url, f"{where}?$select=ListItemEntityTypeFullName", doing="look"
    )
    for title in ("First", "Second"):
        told = {"Title": title, "Objective": f"{title} of all", "WorkStatus": "On track"}
        body = rest.typed(named["ListItemEntityTypeFullName"], **told)
        await rest.invoke(provisioner.tenant, url, rest.Write(f"{where}/Items", body), doing="fill")
    return f"{where}/Items?$select=Id,Title,Objective,WorkStatus"


async def apply_edits(cloud, spec: SiteSpec, chosen):
    """Apply each edit in turn; returns what the rows say at the end, and what was refused."""
    refused = []
    async with built(cloud, spec) as provisioner:
        rows = await fill(provisioner, spec)
        for edit, word in chosen:
            edited = edit(spec, word)
            plan = await provisioner.plan(edited)
            try:
                await provisioner.apply(edited, plan.seal, Remembered())
            except PlanBlocked as reason:
                refused.append((edit, str(reason)))
                continue
            spec = edited
            cloud.advance(MINUTE)
            assert (await provisioner.plan(spec)).empty, edit
        found = await rest.read(
            provisioner.tenant, site_url(provisioner.tenant, spec), rows, doing="look"
        )
    return [{k: row[k] for k in ("Title", "Objective", "WorkStatus")} for row in found["value"]], (
        refused
    )


FILLED = [
    {"Title": "First", "Objective": "First of all", "WorkStatus": "On track"},
    {"Title": "Second", "Objective": "Second of all", "WorkStatus": "On track"},
]


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(edits)
def test_any_edits_converge_and_every_row_is_still_there(cloud, chosen):
    rows, refused = asyncio.run(apply_edits(cloud, small(), chosen))
    cloud.advance(MINUTE)
    assert rows == FILLED
    assert {edit for edit, _ in refused} <= {make_unique}
    assert all("can't be unique: rows 1, 2 hold the same value" in why for _, why in refused)


async def test_every_single_edit_converges(cloud):
    rows, refused = await apply_edits(cloud, small(), [(edit, "Alpha") for edit in EDITS])
    assert rows == FILLED
    assert [edit for edit, _ in refused] == [make_unique]


LATER = {"headers": {"Retry-After": "0.1"}}
NASTY = {
    "a whole batch is throttled": ({"kind": "refuse", "status": 429, **LATER}, r"\$batch$", 2),
    "a whole batch is not served": ({"kind": "refuse", "status": 503, **LATER}, r"\$batch$", 2),
    "new columns are throttled": ({"kind": "refuse", "status": 429, **LATER}, "FieldAsXml", 4),
    "new lists are not served": ({"kind": "refuse", "status": 503, **LATER}, "Web/Lists$", 3),
    "views are locked": ({"kind": "refuse", "status": 423, **LATER}, "Views/Add", 2),
    "groups can't be read at first": (
        {"kind": "refuse", "status": 503, **LATER},
        "SiteGroups$",
        2,
    ),
    "everything is slow": ({"kind": "delay", "seconds": 0.05}, r"\$batch$", 5),
}


@pytest.mark.parametrize("name", NASTY)
async def test_a_tenant_in_trouble_ends_with_the_same_site(cloud, name):
    effect, path, times = NASTY[name]
    cloud.fault(effect, match={"surface": "sharepoint", "path": path}, count=times)
    spec = small()
    async with built(cloud, spec) as provisioner:
        used = cloud.local("GET", "/faults")["value"]
        assert [one["used"] for one in used] == [times]
        assert (await provisioner.plan(spec)).empty


async def test_a_read_that_is_never_answered_ends_in_words(cloud):
    async with way_in(cloud) as tenant:
        match = {"surface": "sharepoint", "path": "SiteGroups$"}
        spec, provisioner = small(), Provisioner(tenant)
        plan = await provisioner.plan(spec)
        await provisioner.apply(spec, plan.seal, Remembered())
        cloud.fault({"kind": "refuse", "status": 429, **LATER}, match=match, count=100)
        with pytest.raises(Throttled):
            await provisioner.plan(spec)


@pytest.mark.parametrize(
    "effect",
    [{"kind": "drop", "after": True}, {"kind": "refuse", "status": 423}],
    ids=["the line is cut after the write", "the site is locked"],
)
async def test_an_apply_that_failed_goes_on_where_it_was(cloud, effect):
    spec = small()
    async with way_in(cloud) as tenant:
        provisioner, progress = Provisioner(tenant), Remembered()
        seal = (await provisioner.plan(spec)).seal
        match = {"surface": "sharepoint", "path": r"\$batch$"}
        cloud.fault(effect, match=match, skip=2, count=1)
        with pytest.raises(VergerError):
            await provisioner.apply(spec, seal, progress)
        await provisioner.apply(spec, seal, progress)
        assert progress.finished == [seal]
        assert (await provisioner.plan(spec)).empty
