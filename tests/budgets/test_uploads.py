"""What an upload may cost in SharePoint's resource units and in requests (issue 7)."""

from datetime import date, timedelta
from itertools import count

import pytest

from local.demo.writing import Control, to_docx
from sync import acting
from sync.tenant.meter import metered

LONE, AGAIN, CORRECTED = 6, 2, 10
"""Units. A page of the feed 1, the download 1, the columns 2, the registry's row 2. Looked at again
only the first two. A correction is a rename and its look more."""
BURST, FEED = 5.1, 0.05
"""Units a file of a burst, and how many of them its share of the feed may be."""
REQUESTS = 5
"""Of a lone upload: as above, and the download's own address."""
MANY = 24
WARMING = count(80)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """A busy test machine is no reason to ask once more what a download has just said."""
    monkeypatch.setattr(acting, "JUST_NOW", 60.0)


def plan(number, title="Booking Plan for Scanner {}"):
    """Return a published plan in order: its right name, and its bytes."""
    adopted = date.today() - timedelta(days=30)  # noqa: DTZ011 - a day is enough
    title = title.format(number)
    approved = f"Core Team meeting {adopted:%d/%m/%Y}"
    control = Control(title, "V1", f"Op-{number:02d}", approved, "all staff").adopted(adopted)
    return f"Op-{number:02d} {title} V1.docx", to_docx(title, ("Scanners are booked.",), control)


async def cost(desk):
    """Drain once and work off; returns the bill."""
    with metered() as bill:
        await desk.drain()
        await desk.work_off()
    return bill


@pytest.fixture(name="at_rest")
async def _at_rest(desk):
    """Let a process have written and mailed: first it asks for a form digest and the sent list."""
    name, data = plan(next(WARMING))
    desk.publish(desk.upload(f"final {name}", data))
    await desk.settle()
    await desk.settle("registry")
    return desk


async def test_a_lone_upload_in_order(at_rest):
    at_rest.publish(at_rest.upload(*plan(1)))
    bill = await cost(at_rest)
    assert bill.units <= LONE, bill.by_operation
    assert bill.requests <= REQUESTS


async def test_its_echo_costs_one_page_and_no_look(at_rest):
    at_rest.publish(at_rest.upload(*plan(2)))
    await cost(at_rest)
    echo = await cost(at_rest)
    assert (echo.units, dict(echo.by_operation)) == (1, {"GET delta": 1})


async def test_the_same_file_once_more_is_read_and_not_written(at_rest):
    name, data = plan(3)
    at_rest.upload(name, data)
    await cost(at_rest)
    at_rest.upload(name, data)
    await at_rest.settle()  # the registry row follows the draft's version once
    mark = at_rest.mark()
    at_rest.upload(name, data)
    bill = await cost(at_rest)
    assert dict(bill.by_operation) == {"GET delta": 1, "GET content": 1}
    assert bill.units <= AGAIN
    assert at_rest.writes(mark) == {}


async def test_an_upload_under_a_wrong_name(at_rest):
    name, data = plan(4)
    at_rest.publish(at_rest.upload(f"final {name}", data))
    bill = await cost(at_rest)
    assert bill.units <= CORRECTED, bill.by_operation


async def test_a_burst_shares_its_feed(at_rest):
    for number in range(10, 10 + MANY):
        at_rest.publish(at_rest.upload(*plan(number)))
    bill = await cost(at_rest)
    assert bill.units / MANY <= BURST, bill.by_operation
    assert bill.by_operation["GET delta"] / MANY <= FEED
