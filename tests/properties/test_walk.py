"""Whatever staff do, in whatever order: Verger comes to rest, and then has nothing left to do."""

import pytest

from sync import audit, enforcement
from sync.registry.columns import OWNED, plain
from sync.registry.rebuilding import rebuild, survey
from sync.state import backlog, lists, sites
from sync.state.journal_reading import verify
from sync.tenant import rows
from tests.properties.walk import LISTS, Walk


async def policed(desk):
    """Let an audit meet the lists it would; the kit's lists are not policed, having no webhook."""
    async with desk.service.state.begin() as tx:
        for row in await lists.all_lists(tx):
            policed = (await desk.service.place(row.id)).list.policed
            told = {name: getattr(row, name) for name in row.__slots__}
            await lists.register_list(tx, lists.ListRow(**{**told, "policed": policed}))


async def swept(desk):
    """Enumerate every list anew and audit everything; returns what that wrote."""
    mark = desk.mark()
    for area in LISTS:
        desk.tenant.local("POST", "/expire", {"list": await desk.list_id(area)})
        await desk.settle(area)
    await policed(desk)
    begun = await audit.begin(desk.service, anew=True)
    for row in begun.lists:
        nudge = enforcement.Nudge(row.id, desk.service.now().isoformat())
        while await desk._claimable(row.id):  # noqa: SLF001 -- the kit's own question
            await enforcement.work_off(desk.service, nudge)
    assert (await audit.progress(desk.service, begun)).done
    return desk.writes(mark)


async def parked(desk):
    async with desk.service.state.read() as tx:
        return [(row.item_id, row.reason) for row in await backlog.parked(tx)]


async def broken_chains(desk):
    async with desk.service.state.read() as tx:
        every = {row.site_id for row in await sites.all_sites(tx)}
        found = {one: await verify(tx, one) for one in every}
    assert found
    return {one: at for one, at in found.items() if at is not None}


async def owned(desk):
    """Return every row of the registry in the columns Verger keeps, by number."""
    (found,) = await survey(desk.service)
    every = [row async for row in rows.every(desk.service.tenant, found.home)]
    return {
        row.fields.get("DocumentNumber", row.id): {n: plain(n, row.fields.get(n)) for n in OWNED}
        for row in every
    }


async def the_registry_made_again(desk):
    """Remove every row and rebuild; returns the rows before and after."""
    before = await owned(desk)
    (found,) = await survey(desk.service)
    assert [(one.wanted.number, one.columns) for one in found.changes()] == []
    for row in [row async for row in rows.every(desk.service.tenant, found.home)]:
        await rows.remove(desk.service.tenant, found.home, row.id)
    (found,) = await survey(desk.service)
    await rebuild(desk.service, found)
    return before, await owned(desk)


async def walked(desk, walk, count, most=3):
    """Walk, come to rest, and hold what then lies there to everything that is promised of it."""
    await walk.steps(count, most)
    await walk.rest()
    assert sum(walk.done.values()) >= count
    assert sum(walk.refused.values()) < count / 3
    assert await parked(desk) == []
    assert await swept(desk) == {}
    assert await broken_chains(desk) == {}
    before, after = await the_registry_made_again(desk)
    assert after == before
    assert before


async def test_after_sixty_acts_of_staff_nothing_is_left_to_write(desk):
    await walked(desk, Walk(desk, 4), 60)


@pytest.mark.thorough
async def test_after_a_thousand_acts_of_staff_nothing_is_left_to_write(desk):
    await walked(desk, Walk(desk, 2026), 1000, most=10)
