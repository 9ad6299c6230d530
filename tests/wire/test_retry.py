"""The one retry: what it tries again, for how long, and how the whole app pauses."""

import pytest

from sync.errors import Locked, Missing, Stale, Throttled, Unavailable
from sync.tenant.pace import DEADLINE, Gate
from sync.tenant.retry import Retry


class Clock:
    """A clock that moves when somebody waits."""

    def __init__(self):
        self.now = 1000.0
        self.waits = []

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        self.waits.append(seconds)
        self.now += seconds


class Flaky:
    """Fails with each of the errors in turn, then answers."""

    def __init__(self, *errors):
        self.errors = list(errors)
        self.calls = 0

    async def __call__(self):
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def retry(clock):
    return Retry(Gate(1250, clock=clock, sleep=clock.sleep))


@pytest.mark.parametrize(
    "error", [Throttled("x"), Unavailable("x"), Unavailable("x", maybe_done=True)]
)
async def test_what_may_pass_is_tried_again(retry, error):
    call = Flaky(error, error)
    assert await retry.run(call, doing="do it") == "done"
    assert call.calls == 3


@pytest.mark.parametrize("error", [Locked("x"), Stale("x"), Missing("x"), ValueError("x")])
async def test_what_asking_again_does_not_mend_goes_to_the_flow(retry, error):
    call = Flaky(error)
    with pytest.raises(type(error)) as caught:
        await retry.run(call, doing="do it")
    assert caught.value is error
    assert call.calls == 1


async def test_a_call_that_may_have_been_carried_out_is_not_repeated(retry):
    call = Flaky(Unavailable("cut", maybe_done=True))
    with pytest.raises(Unavailable):
        await retry.run(call, doing="send a mail", repeatable=False)
    assert call.calls == 1


@pytest.mark.parametrize("error", [Unavailable("no connection"), Throttled("x", retry_after=1)])
async def test_a_call_that_was_not_carried_out_is_repeated(retry, error):
    call = Flaky(error)
    assert await retry.run(call, doing="send a mail", repeatable=False) == "done"


async def test_the_service_s_wait_is_kept(retry, clock):
    await retry.run(Flaky(Throttled("x", retry_after=12.5)), doing="do it")
    assert sum(clock.waits) >= 12.5


async def test_attempts_are_bounded_and_the_last_error_comes_out(retry):
    call = Flaky(*[Unavailable(str(n)) for n in range(9)])
    with pytest.raises(Unavailable, match="4"):
        await retry.run(call, doing="do it")
    assert call.calls == 5


async def test_a_wait_beyond_the_deadline_goes_to_the_flow_at_once(retry, clock):
    call = Flaky(Throttled("tomorrow", retry_after=DEADLINE * 10))
    with pytest.raises(Throttled) as caught:
        await retry.run(call, doing="do it")
    assert (call.calls, clock.waits) == (1, [])
    assert caught.value.retry_after == DEADLINE * 10


async def test_one_throttled_call_pauses_all_others(retry, clock):
    retry.gate.hold(30)
    assert await retry.run(Flaky(), doing="something else") == "done"
    assert clock.now >= 1030


async def test_a_long_pause_refuses_newcomers_without_a_call(retry):
    retry.gate.hold(DEADLINE + 100)
    call = Flaky()
    with pytest.raises(Throttled) as caught:
        await retry.run(call, doing="something else")
    assert call.calls == 0
    assert caught.value.retry_after == pytest.approx(DEADLINE + 100)


def test_a_shorter_pause_never_shortens_a_longer_one(clock):
    gate = Gate(100, clock=clock, sleep=clock.sleep)
    gate.hold(50)
    gate.hold(5)
    assert gate.wait_for(1) == 50


async def test_the_budget_of_a_minute_is_kept(clock):
    gate = Gate(100, clock=clock, sleep=clock.sleep)
    for _ in range(50):
        await gate.enter(2, "spend")
    assert clock.now == 1000
    await gate.enter(2, "spend")
    assert clock.now >= 1060


async def test_a_call_dearer_than_the_whole_budget_still_gets_its_turn(clock):
    gate = Gate(60, clock=clock, sleep=clock.sleep)
    await gate.enter(500, "spend")
    assert clock.now == 1000
