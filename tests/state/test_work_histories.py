"""In whatever order puts, claims, deaths and closings come, no change goes unlooked at."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from sync.state.backlog import Counts, counts
from sync.state.claims import Claim, claim, close, get_work, park, retry
from sync.state.work import NewWork, Work, put
from tests.state.conftest import NOW, killed_at_its_end

ITEMS = ("1", "2")
steps = st.one_of(
    st.tuples(st.just("put"), st.sampled_from(ITEMS)),
    st.tuples(st.just("claim"), st.just(2)),
    st.tuples(st.sampled_from(["close", "retry", "park", "die"]), st.integers(0, 1)),
    st.tuples(st.just("wait"), st.sampled_from([1, 31, 61])),
)


@dataclass
class World:
    """What a perfect observer knows: the last change of each item, and the last one looked at."""

    tx: object
    now: datetime = NOW
    said: dict[str, int] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)
    held: list[Work] = field(default_factory=list)
    claims: int = 0

    async def put(self, item_id: str):
        self.said[item_id] = self.said.get(item_id, 0) + 1
        row = NewWork(list_id="L1", item_id=item_id, change={"n": self.said[item_id]})
        await put(self.tx, [row], self.now)

    async def claim(self, limit: int):
        self.claims += 1  # each chunk is claimed in a name of its own
        wish = Claim(owner=f"w{self.claims}", now=self.now, seconds=60, limit=limit)
        for row in await claim(self.tx, wish):
            assert row.change == {"n": self.said[row.item_id]}
            alive = [old for old in self.held if old.item_id == row.item_id]
            assert all(old.lease_until <= self.now for old in alive)
            self.held.append(row)

    async def give_back(self, how: str, which: int):
        if which >= len(self.held):
            return
        row = self.held.pop(which)
        if how == "close" and await close(self.tx, row):
            self.seen[row.item_id] = row.change["n"]
            event("closed")
        elif how == "retry":
            await retry(self.tx, row, self.now + timedelta(seconds=30), "busy")
        elif how == "park":
            await park(self.tx, row, "poison", self.now + timedelta(seconds=30))

    async def run(self, step: str, value):
        match step:
            case "put":
                await self.put(value)
            case "claim":
                await self.claim(value)
            case "wait":
                self.now += timedelta(seconds=value)
            case how:
                await self.give_back(how, value)

    async def check(self):
        for item_id, last in self.said.items():
            still_open = await get_work(self.tx, "L1", item_id) is not None
            assert still_open is (self.seen.get(item_id) != last)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=st.lists(steps, min_size=10, max_size=40))
async def test_a_row_is_open_exactly_while_its_last_change_is_unlooked_at(state, history):
    async with killed_at_its_end(state) as tx:
        world = World(tx)
        for step, value in history:
            await world.run(step, value)
            await world.check()
        world.now += timedelta(seconds=1000)
        await world.claim(len(ITEMS))
        while world.held:
            await world.give_back("close", len(world.held) - 1)
        await world.check()
        assert world.seen == world.said
        assert await counts(tx) == Counts()
