"""A process that is killed in the middle of a transaction leaves nothing half done, and no lock."""

import asyncio
import os
import sys
from pathlib import Path

from sync.state.backlog import Counts, counts
from sync.state.journal_reading import Query, entries, verify
from sync.state.numbers import all_numbers, allocate
from tests.state.conftest import NOW, SITE

VICTIM = """
import asyncio, sys
from datetime import UTC, datetime
from sync.state import State
from sync.state.journal import Entry, append
from sync.state.numbers import allocate
from sync.state.work import NewWork, put

NOW = datetime.now(UTC)

async def main():
    state = State.open(sys.argv[1])
    async with state.begin() as tx:
        await put(tx, [NewWork(list_id="L1", item_id="1")], NOW)
        await allocate(tx, "Gov", "doomed", NOW)
        await append(tx, sys.argv[2], Entry(at=NOW, kind="k", actor="a", correlation_id="c"))
        print("in the middle", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_a_killed_process_leaves_no_half_and_no_lock(state):
    url = state.engine.url.render_as_string(hide_password=False)
    victim = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        VICTIM,
        url,
        SITE,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert await victim.stdout.readline() == b"in the middle\n"
    victim.kill()
    await victim.communicate()
    async with state.begin() as tx:
        assert await counts(tx) == Counts()
        assert await all_numbers(tx) == []
        assert await entries(tx, Query()) == []
        assert await verify(tx, SITE) is None
        assert str(await allocate(tx, "Gov", "d", NOW)) == "Gov-01"
