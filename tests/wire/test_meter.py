"""Bills: every call is on the bill of whoever opened one, also from other threads."""

import asyncio
import contextvars
from concurrent.futures import ThreadPoolExecutor

import pytest

from sync.tenant.meter import charge, metered, rest_units

SITE = "https://wmin.sharepoint.com/sites/core/_api"


def test_bills_nest_and_close():
    with metered() as outer:
        charge("GET items", 2)
        with metered() as inner:
            charge("GET driveItem", 1)
    charge("GET items", 2)
    assert (outer.units, outer.requests) == (3, 2)
    assert (inner.units, inner.requests) == (1, 1)
    assert outer.by_operation == {"GET items": 2, "GET driveItem": 1}


async def test_two_tasks_have_bills_of_their_own():
    async def spend(units):
        with metered() as bill:
            await asyncio.gather(*(asyncio.to_thread(charge, "x", units) for _ in range(10)))
        return bill.units

    assert await asyncio.gather(spend(1), spend(5)) == [10, 50]


def test_many_threads_add_up():
    with metered() as bill, ThreadPoolExecutor(8) as pool:
        for _ in range(400):
            pool.submit(contextvars.copy_context().run, charge, "x", 1)
    assert bill.units == 400


BATCH = f"""--batch_1
content-type: application/http

POST {SITE}/web/lists/getById('l')/items(1)/ValidateUpdateListItem HTTP/1.1
Accept: application/json

--batch_1
POST {SITE}/web/lists/getById('l')/items(1)/BreakRoleInheritance HTTP/1.1

--batch_1
GET {SITE}/web HTTP/1.1
""".replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("url", "body", "units"),
    [
        (f"{SITE}/web", None, 2),
        (f"{SITE}/contextInfo", None, 2),
        (f"{SITE}/web/lists/getById('l')/RoleAssignments", None, 5),
        (f"{SITE}/web/lists/getById('l')/breakroleinheritance(true)", b"", 5),
        (f"{SITE}/$batch", BATCH, 9),
        (f"{SITE}/$batch", BATCH.encode(), 9),
        (f"{SITE}/$batch", None, 0),
    ],
)
def test_rest_costs_two_and_permissions_five_and_a_batch_its_parts(url, body, units):
    assert rest_units(url, body) == units
