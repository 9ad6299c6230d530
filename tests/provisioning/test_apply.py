"""A site is planned, sealed, applied and then conforms, against the local tenant over its wire."""

import pytest

from sync.provisioning import Provisioner
from sync.tenant.meter import metered
from tests.provisioning.kit import Remembered, Watching


async def test_planning_after_applying_is_empty(tenant, spec):
    provisioner = Provisioner(tenant, Watching())
    plan = await provisioner.plan(spec)
    print(plan.as_text())
    with metered() as bill:
        applied = await provisioner.apply(spec, plan.seal, Remembered())
    print(bill, bill.by_operation)
    assert applied.site.id
    with metered() as bill:
        again = await provisioner.plan(spec)
    print(bill)
    assert again.empty
