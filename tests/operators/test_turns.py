"""Whose turn it is: a burst keeps no other list waiting, a spent day waits for tomorrow."""

import math
from collections import deque
from datetime import timedelta

import pytest

from functions import queues
from sync import enforcement, sweep
from sync.changes import CHUNK, MOST_NUDGES, nudges
from sync.errors import Throttled
from sync.hints import Hint
from sync.pacing import Shared, app_of, standing
from sync.state import claims, work
from sync.state.pace import Pace, lock_pace, put_pace
from sync.tenant.pace import DAY, DAY_PER_MINUTE, Gate, Lane, lane

BURST = 600


class Queue:
    """A storage queue: first in, first out; `service` is the host's."""

    def __init__(self, desk):
        self.desk, self.waiting = desk, deque()

    async def service(self):
        return self.desk.service

    async def send(self, messages):
        self.waiting += messages


class Message:
    def __init__(self, message):
        self.text = message.text()

    def get_body(self):
        return self.text.encode()


@pytest.fixture
def queue(desk, monkeypatch):
    made = Queue(desk)
    monkeypatch.setattr(queues, "service", made.service)
    monkeypatch.setattr(queues, "nudges", lambda: made)
    return made


@pytest.fixture
def judged(monkeypatch):
    """The lists of the rows in the order in which they were judged; judging itself is left out."""
    order = []

    async def attend(service, row, _opened):
        order.append(row.list_id)
        async with service.state.begin() as tx:
            await claims.close(tx, row)

    monkeypatch.setattr(enforcement, "attend", attend)
    return order


async def put(desk, list_id, count):
    async with desk.service.state.begin() as tx:
        rows = [work.NewWork(list_id=list_id, item_id=str(one)) for one in range(count)]
        await work.put(tx, rows, desk.service.now())


async def work_through(queue):
    """Judge as a host does until the queue is empty; returns the most messages that waited."""
    most = 0
    while queue.waiting:
        most = max(most, len(queue.waiting))
        await queues.judge.build().get_user_function()(Message(queue.waiting.popleft()))
    return most


@pytest.mark.parametrize(
    ("before", "rows", "sent"),
    [(0, 1, 1), (0, 8, 2), (3, 1, 0), (4, 1, 1), (0, 10_000, MOST_NUDGES), (9_000, 1_000, 0)],
)
def test_a_list_has_a_bounded_number_of_nudges_under_way(before, rows, sent):
    assert len(nudges("L", rows, Hint("L", ""), before)) == sent


async def test_a_burst_in_one_list_keeps_no_other_list_s_upload_waiting(desk, queue, judged):
    busy, quiet = await desk.list_id("working"), await desk.list_id("controlled")
    at = desk.service.now().isoformat()
    await put(desk, busy, BURST)
    await queue.send(nudges(busy, BURST, Hint(busy, at)))
    await put(desk, quiet, 1)
    await queue.send(nudges(quiet, 1, Hint(quiet, at)))

    most = await work_through(queue)

    assert judged.index(quiet) <= MOST_NUDGES * CHUNK
    assert judged.count(busy) == BURST, "each nudge is followed by another while rows are left"
    assert most <= MOST_NUDGES + 1
    assert math.ceil(BURST / CHUNK) > MOST_NUDGES


@pytest.fixture
async def spend(desk):
    """Says that so much of today's budget is spent; forgotten after the test."""
    app, minute = app_of(desk.service.settings), desk.service.settings.ru_per_minute
    day = int(desk.service.now().timestamp() // DAY)

    async def spent(part):
        async with desk.service.state.begin() as tx:
            await lock_pace(tx, app)
            units = round(minute * DAY_PER_MINUTE * part)
            await put_pace(tx, Pace(app=app, day=day, spent=units))

    yield spent
    await spent(0)


def fresh(service):
    """Take the place of a process that has just begun: nothing drawn, nothing refused."""
    shared = Shared(service.state, app_of(service.settings))
    service.tenant.retry.gate = Gate(service.settings.ru_per_minute, ledger=shared)


def midnight_after(now):
    return (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


async def test_a_row_of_a_spent_day_waits_for_midnight_and_is_judged_then(desk, spend):
    service = desk.service
    item = desk.upload("tomorrow.txt", b"text", "working")
    await desk.drain("working")
    await spend(0.96)
    fresh(service)
    midnight = midnight_after(service.now())

    (wait,) = await desk.work_off("working")
    (row,) = await desk.open_rows()
    assert abs((row.not_before - midnight).total_seconds()) < 5
    assert (wait > 60, "the day's budget" in row.reason) == (True, True)

    desk.tenant.advance((midnight - service.now()).total_seconds() + 60)
    fresh(service)
    await desk.settle("working")
    assert (await desk.shadow(item)).verdict is not None
    assert (await standing(service.state, service.settings)).waits == ""


async def test_a_spent_day_is_said_and_leaves_a_rest_to_containment(desk, spend):
    service = desk.service
    await spend(0.96)
    fresh(service)
    told = await standing(service.state, service.settings)
    assert told.waits == "all but containment: the day's budget is spent"
    assert (told.held, told.until) == (True, midnight_after(service.now()))
    gate = service.tenant.retry.gate
    with pytest.raises(Throttled, match="the day's budget"):
        await gate.enter(1, "look")
    with lane(Lane.URGENT):
        await gate.enter(5, "contain")


async def test_a_hint_of_a_spent_day_is_put_back_and_not_hinted_again(desk, queue, spend):
    service = desk.service
    await spend(0.96)
    fresh(service)
    hint = Hint(await desk.list_id("working"), service.now().isoformat())
    await queues.drain.build().get_user_function()(Message(hint))
    (again,) = queue.waiting
    assert (again.list_id, again.delay) == (hint.list_id, queues.LONGEST_DELAY)
    assert not [one for one in await sweep.sweep(service) if isinstance(one, Hint)]


async def test_two_processes_of_one_app_share_a_pause(desk):
    app = app_of(desk.service.settings)
    both = [Gate(1250, ledger=Shared(desk.service.state, app)) for _ in range(2)]
    both[0].hold(300, "Microsoft 365 asked for it (429)")
    for one in both:
        with pytest.raises(Throttled, match=r"Microsoft 365 asked for it \(429\)"):
            await one.enter(1, "read")
    told = await standing(desk.service.state, desk.service.settings)
    assert told.waits == "everything: Microsoft 365 asked for it (429)"
    assert told.until - desk.service.now() > timedelta(minutes=4)
