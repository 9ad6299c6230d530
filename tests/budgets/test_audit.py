"""An audit costs its share of a delta page a file, and looks closer only where something is new."""

import gc
import tracemalloc
from dataclasses import replace
from datetime import timedelta

import pytest

from sync import audit, proving, ties
from sync.state import due, items, lists, remembered, rulesets, work
from sync.state import ties as kept_ties
from sync.tenant.meter import metered
from sync.tenant.shapes import ChangedItem, ContentType, Page
from tests.budgets.kit import IN_ORDER, as_judged, fill, policed, rules_written

COUNT = 300
PAGES = 2


@pytest.fixture(name="library")
async def _library(desk):
    """A library of 300 files that were judged in order; nothing of it is pending."""
    list_id = await desk.list_id("working")
    async with desk.service.state.begin() as tx:
        known = await items.items_of(tx, list_id)
        await tx.execute(work.work.delete())
        await tx.execute(due.due.delete())
        await remembered.forget(tx, f"audit:{list_id}")
    if not known:
        fill(desk.tenant, list_id, COUNT, columns=IN_ORDER)
        await as_judged(desk.service, list_id)
    await policed(desk.service, list_id)
    await rules_written(desk.service)
    return list_id


async def rows(desk):
    return {row.item_id: row for row in await desk.open_rows()}


async def changed(desk, list_id, item_id, **values):
    async with desk.service.state.begin() as tx:
        here = items.items.update().where(items.at(list_id, item_id))
        await tx.execute(here.values(**values))


async def some_item(desk, list_id):
    async with desk.service.state.read() as tx:
        return (await rulesets.items_after(tx, list_id, "", 1))[0]


@pytest.mark.usefixtures("library")
async def test_what_is_in_order_costs_its_pages_and_nothing_else(desk):
    mark = desk.mark()
    with metered() as bill:
        begun = await audit.begin(desk.service, "core", anew=True)
    await desk.work_off("working")

    assert (begun.listed, begun.proven, begun.nudges) == (COUNT, COUNT, [])
    assert (bill.units, dict(bill.by_operation)) == (1 + PAGES, {"GET delta": 1 + PAGES})
    assert desk.writes(mark) == {}
    assert await rows(desk) == {}
    assert (await audit.progress(desk.service, begun)).judged == COUNT


@pytest.mark.usefixtures("library")
async def test_one_that_was_cut_short_pays_for_the_pages_that_are_left(desk, monkeypatch):
    put, calls = audit.work.put, []

    async def dying(*given):
        calls.append(given)
        if len(calls) == PAGES:
            raise RuntimeError("the power went")
        await put(*given)

    with monkeypatch.context() as cut:
        cut.setattr(audit, "TOGETHER", 1)  # each page is written by itself
        cut.setattr(audit.work, "put", dying)
        with pytest.raises(RuntimeError):
            await audit.begin(desk.service, "core", anew=True)
    with metered() as bill:
        begun = await audit.begin(desk.service, "core")

    assert (begun.resumed, begun.listed, begun.proven) == (True, COUNT, COUNT)
    assert dict(bill.by_operation) == {"GET delta": PAGES - 1}


@pytest.mark.usefixtures("library")
async def test_the_report_tells_of_all_of_them(desk):
    begun = await audit.begin(desk.service, "core")
    found = [one async for one in audit.report(desk.service, begun)]
    assert len(found) == len({one.file for one in found}) == COUNT
    assert {one.status for one in found} == {"In order"}


async def test_a_file_that_changed_is_looked_at_with_the_facts_of_the_page(desk, library):
    one = await some_item(desk, library)
    await changed(desk, library, one.item_id, etag="older,1")
    begun = await audit.begin(desk.service, "core", anew=True)
    opened = await rows(desk)
    assert (begun.proven, len(begun.nudges)) == (COUNT - 1, 1)
    assert set(opened) == {one.item_id}
    row = opened[one.item_id]
    assert (row.kind, row.change["item"]["fields"]["FileLeafRef"]) == ("audit", one.name)
    await changed(desk, library, one.item_id, etag=one.etag)


@pytest.mark.parametrize(
    "told",
    [
        {"control_status": "Not checked"},
        {"control_status": "Needs you"},  # the column says "In order"
        {"reason_hash": None},
        {"etag": "older,1"},
    ],
    ids=str,
)
async def test_what_cannot_be_proven_is_looked_at(desk, library, told):
    one = await some_item(desk, library)
    await changed(desk, library, one.item_id, **told)
    await audit.begin(desk.service, "core", anew=True)
    assert set(await rows(desk)) == {one.item_id}
    back = {name: getattr(one, name) for name in told}
    await changed(desk, library, one.item_id, **back)


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_promised_date_counts_once_it_has_come(desk, library, hours):
    one = await some_item(desk, library)
    async with desk.service.state.begin() as tx:
        moment = desk.service.now() + timedelta(hours=hours)
        await due.set_due(tx, library, one.item_id, "review_due", moment)
    begun = await audit.begin(desk.service, "core", anew=True)
    assert begun.proven == COUNT - (hours < 0)


async def test_what_a_worker_died_over_or_is_open_already_is_looked_at(desk, library):
    one = await some_item(desk, library)
    async with desk.service.state.begin() as tx:
        (other,) = await rulesets.items_after(tx, library, one.item_id, 1)
        await remembered.remember(tx, f"intent:{one.document_id}", {"findings": []})
        await work.put(tx, [work.NewWork(list_id=library, item_id=other.item_id)], other.seen_at)
    await audit.begin(desk.service, "core", anew=True)
    assert {row.kind for row in (await rows(desk)).values()} == {"audit"}
    assert set(await rows(desk)) == {one.item_id, other.item_id}
    async with desk.service.state.begin() as tx:
        await remembered.forget(tx, f"intent:{one.document_id}")


@pytest.mark.parametrize("how", ["another rule", "none written down", "a change under way"])
async def test_rules_that_are_not_those_it_was_judged_by_prove_nothing(desk, library, how):
    place = await desk.service.place(library)
    assert await proving.rules_stand(desk.service, place)
    async with desk.service.state.begin() as tx:
        known = await rulesets.rules_of(tx, library)
        first = next(iter(known.values()))
        told = {
            "another rule": [*known.values(), replace(first, version="0.9")],
            "none written down": [],
            "a change under way": known.values(),
        }[how]
        await rulesets.put_rules(tx, library, told)
        if how == "a change under way":
            at = desk.service.now()
            change = rulesets.Change(
                list_id=library, mark="m", policies=["file_name"], state="waiting", begun_at=at
            )
            await rulesets.begin_change(tx, change)
    assert not await proving.rules_stand(desk.service, place)
    async with desk.service.state.begin() as tx:
        await rulesets.end_change(tx, library)
        await rulesets.put_rules(tx, library, known.values())


async def test_an_audit_of_thousands_stands_before_nobody(desk, library):
    async with desk.service.state.begin() as tx:
        known = await rulesets.rules_of(tx, library)
        await rulesets.put_rules(tx, library, ())
    begun = await audit.begin(desk.service, "core", anew=True)
    async with desk.service.state.begin() as tx:
        await rulesets.put_rules(tx, library, known.values())
    assert (begun.proven, len(await rows(desk))) == (0, COUNT)
    assert len(begun.nudges) == audit.MOST_NUDGES


async def test_documents_beyond_the_most_that_are_judged_at_once_are_seen_to(desk, library):
    """A number that concerns more documents than ties.MOST leaves a note; an audit takes it up."""
    one = await some_item(desk, library)
    async with desk.service.state.begin() as tx:
        tie = kept_ties.Tie(one.document_id, "cited", "Gov-01", "something else")
        await kept_ties.put_ties(tx, one.document_id, [tie])
        await remembered.remember(tx, f"{ties.MORE}Gov-01", value=True)
    await audit.begin(desk.service, "core", anew=True)
    assert set(await rows(desk)) == {one.item_id}
    async with desk.service.state.begin() as tx:
        assert await remembered.keys(tx, ties.MORE) == []
        await kept_ties.put_ties(tx, one.document_id, [])


def a_page(first, count):
    kind = ContentType("0x0101", "Document")
    told = [
        ChangedItem(
            id=str(n),
            tag=f'"{n:08},1"',
            web_url=f"https://wmin.sharepoint.com/sites/core/Working/Paper {n}.txt",
            content_type=kind,
            fields={"FileLeafRef": f"Paper {n}.txt"} | IN_ORDER,
        )
        for n in range(first, first + count)
    ]
    return Page(told, f"https://graph.microsoft.com/next?{first}", final=False)


async def test_memory_is_the_same_for_three_times_as_many_files(desk, library, monkeypatch):
    """What is held is a page, not the library: the peak of 30 pages is that of 10."""
    peaks = {}
    row = replace(await row_of(desk, library), id=library)
    for pages in (5, 10, 30):  # the first warms the caches

        async def feed(_tenant, _where, _cursor=None, pages=pages):
            for n in range(pages):
                if n % 5 == 0:
                    gc.collect()  # what is only waiting to be collected is not held
                yield a_page(1_000_000 + n * 200, 200)

        monkeypatch.setattr(audit.documents, "changes", feed)
        monkeypatch.setattr(audit.Sift, "_needs_none", lambda *_: True)
        tracemalloc.start()
        await audit._list(desk.service, row, audit._fresh(desk.service))  # noqa: SLF001 - the loop itself
        peaks[pages] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peaks[30] <= 1.5 * peaks[10], peaks  # thrice as much if files were held


async def row_of(desk, list_id):
    async with desk.service.state.read() as tx:
        return await lists.get_list(tx, list_id)
