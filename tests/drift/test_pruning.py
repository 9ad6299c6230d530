"""Only what is empty and undeclared goes, and only the lines that a person chose."""

import pytest

from sync import pruning
from sync.errors import Rejected
from sync.plan import SealMismatch
from sync.provisioning import Provisioner
from sync.tenant import rest
from sync.tenant.site_reader import site_url
from tests.provisioning.conftest import fresh
from tests.provisioning.kit import Remembered


async def build(tenant, spec):
    provisioner = Provisioner(tenant)
    plan = await provisioner.plan(spec)
    return (await provisioner.apply(spec, plan.seal, Remembered())).site


async def add_row(tenant, spec, title, **fields):
    path = f"Web/Lists/GetByTitle('{title}')/Items"
    full = await rest.read(
        tenant,
        site_url(tenant, spec),
        f"Web/Lists/GetByTitle('{title}')?$select=ListItemEntityTypeFullName",
        doing="look",
    )
    body = rest.typed(full["ListItemEntityTypeFullName"], **fields)
    await rest.invoke(tenant, site_url(tenant, spec), rest.Write(path, body), doing="add a row")


def without(spec, **gone):
    """Return the spec without some lists, site columns and one list's own columns."""
    lists = [one for one in spec.lists if one.key not in gone.get("lists", ())]
    trimmed = tuple(
        one.model_copy(
            update={
                "columns": tuple(c for c in one.columns if c.name not in gone.get("columns", ())),
                "indexed": tuple(n for n in one.indexed if n not in gone.get("columns", ())),
            }
        )
        for one in lists
    )
    return spec.model_copy(update={"lists": trimmed})


async def test_what_is_empty_and_undeclared_is_offered_and_what_is_used_is_named(tenant):
    spec = fresh("sig")
    await build(tenant, spec)
    await add_row(tenant, spec, "Work programme", Title="One", Objective="To do it")
    await add_row(tenant, spec, "Highlight reports", Title="May")
    less = without(spec, lists={"highlight_reports"}, columns={"Objective", "ActionDue"})
    found = await pruning.plan(tenant, less)
    assert [step.id for step in found.steps] == ["list column/action_log/ActionDue"]
    assert [reason.split(",")[0] for reason in found.blocked] == [
        "Work programme / Objective is not declared",
        "Highlight reports is not declared",
    ]


async def test_only_the_chosen_lines_of_the_approved_plan_go(tenant):
    spec = fresh("sig")
    await build(tenant, spec)
    less = without(spec, lists={"highlight_reports"}, columns={"Objective", "ActionDue"})
    found = await pruning.plan(tenant, less)
    lines = [step.id for step in found.steps]
    assert lines == [
        "list column/work_programme/Objective",
        "list column/action_log/ActionDue",
        "list/HighlightReports",
    ]
    with pytest.raises(Rejected, match="not a line of the plan: list/Restricted"):
        await pruning.prune(tenant, less, found.seal, ["list/Restricted"])
    with pytest.raises(SealMismatch):
        await pruning.prune(tenant, less, "0" * 64, lines)
    gone = await pruning.prune(tenant, less, found.seal, [lines[0], lines[2]])
    assert [step.id for step in gone] == [lines[0], lines[2]]
    left = await pruning.plan(tenant, less)
    assert [step.id for step in left.steps] == [lines[1]]
    assert (await Provisioner(tenant).plan(less)).empty


async def test_a_list_that_was_filled_since_the_plan_is_kept(tenant):
    spec = fresh("sig")
    await build(tenant, spec)
    less = without(spec, lists={"highlight_reports"})
    found = await pruning.plan(tenant, less)
    await add_row(tenant, spec, "Highlight reports", Title="May")
    with pytest.raises(SealMismatch):
        await pruning.prune(tenant, less, found.seal, ["list/HighlightReports"])


async def test_a_column_that_holds_one_value_twice_cannot_become_unique(tenant):
    spec = fresh("sig")
    await build(tenant, spec)
    for name in ("One", "Two"):
        await add_row(tenant, spec, "Highlight reports", Title=name, ReportPeriod="May")
    lists = tuple(
        one.model_copy(update={"unique": ("ReportPeriod",), "indexed": ("ReportPeriod",)})
        if one.key == "highlight_reports"
        else one
        for one in spec.lists
    )
    plan = await Provisioner(tenant).plan(spec.model_copy(update={"lists": lists}))
    (reason,) = plan.blocked
    assert "Period of Highlight reports can't be unique: rows 1, 2 hold the same value" in reason


async def test_a_columns_kind_is_never_changed_in_place_and_the_way_is_told(tenant):
    spec = fresh("sig")
    await build(tenant, spec)
    await add_row(tenant, spec, "Highlight reports", Title="One", ReportPeriod="May")
    area = spec.list("highlight_reports")
    columns = tuple(
        one.model_copy(update={"kind": "date"}) if one.name == "ReportPeriod" else one
        for one in area.columns
    )
    lists = tuple(
        one.model_copy(update={"columns": columns}) if one is area else one for one in spec.lists
    )
    (reason,) = (await Provisioner(tenant).plan(spec.model_copy(update={"lists": lists}))).blocked
    assert "ReportPeriod of Highlight reports is text, not date" in reason
    assert "declare a new column, such as ReportPeriod2, copy the values" in reason
