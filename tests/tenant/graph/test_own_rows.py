"""A list whose people see and change only what they made: whoever asks, by whatever way."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.tenant.store import access, lists, principals, sites
from tests.tenant.graph.graph_kit import CORE, GUEST, HELEN, IRIS, SAM, app, seeded, user

DESIGN = 1073741828
LEVELS = {SAM: access.CONTRIBUTE, IRIS: access.EDIT, GUEST: DESIGN}
SEES_ALL = {HELEN, GUEST}
"""Helen owns the site; Design overrides a list's behaviours, Edit does not."""
WRITERS = [HELEN, *LEVELS]


def own_only(tenant, read=2, write=2):
    """Make a list of which people see and change their own rows; returns its address."""
    made = tenant.ask("POST", f"{CORE}/lists", {"displayName": "Intake"}).body
    row = lists.by_id(tenant.store, made["id"])
    lists.update(tenant.store, row, {"ReadSecurity": read, "WriteSecurity": write})
    site = sites.by_path(tenant.store, "/sites/core")
    for oid, level in LEVELS.items():
        number = principals.ensure_user(tenant.store, site["id"], oid)
        access.assign(tenant.store, access.of_site(site), number, level, "app:x")
    return f"{CORE}/lists/{made['id']}"


def add(tenant, address, who, title="A matter"):
    made = tenant.ask("POST", f"{address}/items", {"fields": {"Title": title}}, user(who))
    return made.body["id"]


def seen(tenant, address, who):
    """Return what somebody finds by every way there is to list rows."""
    told = [
        tenant.get(f"{address}/{way}", who)["value"]
        for way in ("items", "items?$orderby=id", "items?$filter=id gt 0", "items/delta")
    ]
    ids = [{row["id"] for row in rows if "root" not in row} for rows in told]
    assert all(one == ids[0] for one in ids)
    return ids[0]


@contextmanager
def a_tenant(contract):
    with TemporaryDirectory() as folder:
        made = seeded(Path(folder) / "tenant.db", contract)
        yield made
        made.store.close()


@settings(max_examples=12)
@given(makers=st.lists(st.sampled_from(WRITERS), max_size=6))
def test_each_sees_what_they_made_and_those_who_override_see_all(contract, makers):
    with a_tenant(contract) as tenant:
        address = own_only(tenant)
        made = {add(tenant, address, who): who for who in makers}
        for who in WRITERS:
            mine = {one for one, maker in made.items() if maker == who or who in SEES_ALL}
            assert seen(tenant, address, user(who)) == mine
            for one in made:
                if one in mine:
                    tenant.get(f"{address}/items/{one}", user(who))
                else:
                    tenant.refused(404, "GET", f"{address}/items/{one}", who=user(who))
        assert seen(tenant, address, app("x", "Sites.Read.All")) == set(made)


@pytest.mark.parametrize("way", ["", "/fields", "/versions", "/versions/1.0/fields"])
def test_no_way_leads_to_anothers_row(tenant, way):
    address = own_only(tenant)
    one = add(tenant, address, SAM)
    tenant.refused(404, "GET", f"{address}/items/{one}{way}", who=user(IRIS))
    assert tenant.ask("GET", f"{address}/items/{one}{way}", who=user(SAM)).status == 200


@pytest.mark.parametrize(
    ("who", "write", "status"),
    [(SAM, 2, 200), (IRIS, 2, 403), (GUEST, 2, 200), (SAM, 4, 403), (GUEST, 4, 200)],
)
def test_a_row_that_all_may_read_is_changed_by_who_made_it_or_overrides(tenant, who, write, status):
    address = own_only(tenant, read=1, write=write)
    one = f"{address}/items/{add(tenant, address, SAM)}"
    assert tenant.ask("GET", one, who=user(who)).status == 200
    if status == 200:
        tenant.ask("PATCH", f"{one}/fields", {"Title": "Another"}, user(who))
        tenant.ask("DELETE", one, who=user(who))
    else:
        tenant.refused(403, "PATCH", f"{one}/fields", {"Title": "Another"}, user(who))
        tenant.refused(403, "DELETE", one, who=user(who))
