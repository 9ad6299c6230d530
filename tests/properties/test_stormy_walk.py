"""Whatever staff do and whatever fails meanwhile: Verger comes to rest, and all is as it should be.

`make walk` runs it, for as many seeds and acts as it is told
(VERGER_WALK_SEED, VERGER_WALK_SEEDS, VERGER_WALK_ACTS).
"""

import os
from contextlib import contextmanager

import pytest
from sqlalchemy import select

from sync.state import leases, remembered
from tests import flow_kit, postgres_kit
from tests.faults.kit import mails_by_key, paced
from tests.properties.test_walk import walked
from tests.properties.trouble import Stormy

SEED = int(os.environ.get("VERGER_WALK_SEED", "1"))
SEEDS = int(os.environ.get("VERGER_WALK_SEEDS", "1"))
ACTS = int(os.environ.get("VERGER_WALK_ACTS", "80"))


@contextmanager
def told(walk):
    """Say which walk failed, and what had happened before it did."""
    try:
        yield
    except BaseException as error:
        error.add_note("\n".join(walk.log[-60:]))
        raise


async def left(desk):
    """Return what a walk may not leave behind: held leases, notes of workers, doubled mail."""
    now = desk.service.now()
    async with desk.service.state.read() as tx:
        held = [row.name for row in await tx.execute(select(leases.leases)) if row.until > now]
        notes = await remembered.keys(tx, "intent:")
    twice = [key for key, times in mails_by_key(desk).items() if times > 1]
    return [*held, *notes, *twice]


@pytest.fixture
async def database(tenant, tmp_path, postgres_server):  # noqa: ARG001 -- the site is there first
    """A PostgreSQL database with the site's state; returns a way to end all its connections."""
    url = postgres_kit.new_database(postgres_server, "walk")
    await flow_kit.move_to(tmp_path / "state", url)
    return lambda: postgres_kit.hang_up(postgres_server, "walk")


@pytest.mark.timeout(0)
@pytest.mark.postgres
@pytest.mark.parametrize("seed", range(SEED, SEED + SEEDS))
async def test_after_a_stormy_walk_everything_is_as_it_should_be(tenant, database, tmp_path, seed):
    async with flow_kit.desk(tenant, tmp_path / "state") as desk:
        walk = Stormy(paced(desk), seed, database)
        with told(walk):
            await walked(desk, walk, ACTS)
            assert await left(desk) == []
