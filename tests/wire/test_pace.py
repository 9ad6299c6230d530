"""The app's pace: lanes, the day's budget, what the service says on good answers, one pause."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.errors import Throttled
from sync.tenant.pace import DAY, DAY_PER_MINUTE, FRESH, WINDOW, Book, Gate, Lane, Wish, lane

NOW = 20_000 * DAY + 3_600.0  # an hour after midnight UTC


class Clock:
    """Seconds since 1970, moved by whoever waits."""

    def __init__(self, now=NOW):
        self.now = now

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        await asyncio.sleep(0)  # whoever else can go on does so first
        self.now += seconds


class Ledger:
    """One book for several gates, and how often it was asked."""

    def __init__(self, clock):
        self.book, self.clock, self.asked = Book(), clock, 0

    async def draw(self, wish):
        self.asked += 1
        return self.book.carry_out(wish, self.clock())


@pytest.fixture
def clock():
    return Clock()


def gate(clock, minute=1250, ledger=None):
    return Gate(minute, clock=clock, sleep=clock.sleep, ledger=ledger)


def wish(units, which=Lane.NORMAL, minute=100, **more):
    return Wish(units=units, size=units, lane=which, minute=minute, **more)


async def test_processes_that_end_give_back_what_they_drew(clock):
    ledger = Ledger(clock)
    for _ in range(60):
        short_lived = gate(clock, 100, ledger)
        await short_lived.enter(1, "spend")
        await short_lived.close()
    assert clock.now == NOW, "sixty of a hundred units are spent, nobody waits"
    assert ledger.book.spent == 60


async def test_two_processes_share_one_minute(clock):
    ledger = Ledger(clock)
    both = [gate(clock, 100, ledger), gate(clock, 100, ledger)]
    for turn in range(90):
        await both[turn % 2].enter(1, "spend")
    assert clock.now == NOW
    for _ in range(20):
        await both[0].enter(1, "spend")
    assert clock.now >= NOW + WINDOW


async def test_a_pause_met_by_one_process_is_kept_by_the_other(clock):
    ledger = Ledger(clock)
    one, other = gate(clock, ledger=ledger), gate(clock, ledger=ledger)
    one.hold(40)
    await one.enter(1, "go on")
    assert clock.now >= NOW + 40
    clock.now = NOW + 5
    await other.enter(1, "go on")
    assert clock.now >= NOW + 40


async def test_no_call_waits_for_the_ledger_but_one_in_many(clock):
    ledger = Ledger(clock)
    here = gate(clock, 1250, ledger)
    for _ in range(600):
        await here.enter(2, "spend")
    assert ledger.asked <= 20


async def test_a_refused_app_asks_the_ledger_every_few_seconds_only(clock):
    ledger = Ledger(clock)
    here = gate(clock, ledger=ledger)
    here.hold(5_000)
    for _ in range(50):
        with pytest.raises(Throttled):
            await here.enter(1, "spend")
    assert ledger.asked == 1
    clock.now += FRESH
    with pytest.raises(Throttled):
        await here.enter(1, "spend")
    assert ledger.asked == 2


async def test_what_was_drawn_and_not_used_is_given_back(clock):
    ledger = Ledger(clock)
    here = gate(clock, 1250, ledger)
    for _ in range(10):
        await here.enter(1, "spend")
        clock.now += FRESH
    await here.enter(1, "spend")
    assert sum(one.units for one in ledger.book.draws) == ledger.book.spent == 10 + 1250 // 20


async def test_the_background_leaves_the_rest_of_the_minute_to_people(clock):
    here = gate(clock, 100)
    with lane(Lane.BACKGROUND):
        for _ in range(35):
            await here.enter(2, "sweep")
    for _ in range(15):
        await here.enter(2, "upload")
    assert clock.now == NOW
    with lane(Lane.BACKGROUND):
        await here.enter(2, "sweep")
    assert clock.now > NOW + FRESH


async def test_an_upload_does_not_wait_behind_a_sweep_that_waits(clock):
    here = gate(clock, 100)
    with lane(Lane.BACKGROUND):
        for _ in range(35):
            await here.enter(2, "sweep")
    order = []

    async def sweep():
        with lane(Lane.BACKGROUND):
            await here.enter(2, "sweep")
        order.append("sweep")

    async def upload():
        await here.enter(2, "upload")
        order.append("upload")

    await asyncio.gather(sweep(), upload())
    assert order == ["upload", "sweep"]


@pytest.mark.parametrize(
    ("spent", "which", "goes"),
    [
        (0.74, Lane.BACKGROUND, True),
        (0.76, Lane.BACKGROUND, False),
        (0.76, Lane.NORMAL, True),
        (0.96, Lane.NORMAL, False),
        (0.96, Lane.URGENT, True),
        (1.0, Lane.URGENT, False),
    ],
)
def test_the_day_s_last_units_are_for_containment(spent, which, goes):
    book = Book(day=20_000, spent=round(100 * DAY_PER_MINUTE * spent))
    drawn = book.carry_out(wish(2, which), NOW)
    assert (drawn.wait == 0) == goes
    if not goes:
        assert drawn.wait == pytest.approx(23 * 3_600)
        assert "the day's budget of 96,000 resource units is spent" in drawn.says


def test_a_new_day_begins_at_midnight_utc():
    book = Book(day=20_000, spent=100 * DAY_PER_MINUTE)
    assert book.carry_out(wish(2), NOW).wait > 0
    assert book.carry_out(wish(2), 20_001 * DAY).units == 2
    assert book.spent == 2


async def test_a_spent_day_goes_to_the_flow_with_the_wait_until_midnight(clock, caplog):
    ledger = Ledger(clock)
    ledger.book = Book(day=20_000, spent=1250 * DAY_PER_MINUTE)
    with pytest.raises(Throttled) as caught:
        await gate(clock, ledger=ledger).enter(1, "read item 7")
    assert caught.value.retry_after == pytest.approx(23 * 3_600)
    assert "the day's budget of 1,200,000 resource units is spent" in str(caught.value)
    assert "the day's budget" in caplog.text


async def test_a_nearly_full_minute_is_slowed_before_it_is_refused(clock):
    here = gate(clock)
    here.heed({"RateLimit-Limit": "1250", "RateLimit-Remaining": "10", "RateLimit-Reset": "30"})
    for _ in range(5):  # half of what is left; another process hears of the same rest
        await here.enter(1, "spend")
    assert clock.now == NOW
    await here.enter(1, "spend")
    assert clock.now >= NOW + 30


async def test_the_background_stands_still_while_the_minute_is_nearly_full(clock):
    here = gate(clock)
    here.heed({"RateLimit-Remaining": "240", "RateLimit-Reset": "12"})
    with lane(Lane.BACKGROUND):
        await here.enter(1, "sweep")
    assert clock.now >= NOW + 12


@pytest.mark.parametrize(
    "headers",
    [{}, {"RateLimit-Remaining": "5"}, {"RateLimit-Remaining": "few", "RateLimit-Reset": "x"}],
)
async def test_headers_that_say_nothing_slow_nothing(clock, headers):
    here = gate(clock)
    here.heed(headers)
    await here.enter(50, "spend")
    assert clock.now == NOW


@given(
    st.lists(
        st.tuples(st.floats(0, 20), st.integers(1, 40), st.sampled_from(Lane), st.floats(0, 1)),
        max_size=60,
    )
)
def test_no_minute_ever_holds_more_than_its_budget(steps):
    book, now, spends, last = Book(), NOW, [], {}
    for pause, units, which, part in steps:
        now += pause
        drawn = book.carry_out(wish(units, which, used=last), now)
        last = {}
        if drawn.units:
            used = round(drawn.units * part)
            spends.append((now, used))
            last = {drawn.id: used}
    for moment, _ in spends:
        within = sum(units for at, units in spends if moment - WINDOW < at <= moment)
        assert within <= 100
