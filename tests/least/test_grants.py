"""The two apps hold the permissions that docs/permissions.md names and no others, here and in make
run; where one of them is taken away, the doctor names it and says how to get it back.
"""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from local.demo import world
from sync.doctor import examine
from sync.permissions import ROLES, page
from sync.service import open_service
from sync.state import sites
from sync.state.engine import State
from tests import flow_kit
from tests import tenant_kit as kit
from tests.flow_kit import settings_of

PAGE = Path(__file__).parents[2] / "docs" / "permissions.md"
GRANTED = {
    "enforcer": "roles: [Mail.Send, Sites.Selected, User.Read.All]",
    "provisioner": "roles: [Sites.Create.All, Sites.FullControl.All]",
}
EACH = [(app, name) for app in GRANTED for name in sorted(ROLES[app])]


def apps_of(seed):
    found = YAML(typ="safe").load(seed)["apps"]
    return {app["name"]: frozenset(app.get("roles", ())) for app in found}


@pytest.mark.parametrize("seed", [kit.SEED, world.SEED], ids=["the tests", "make run"])
@pytest.mark.parametrize("app", sorted(GRANTED))
def test_every_story_is_told_with_exactly_the_permissions_of_the_page(seed, app):
    (named,) = re.findall(rf"^- \*\*{app}\*\*: (.*)$", PAGE.read_text("utf-8"), re.MULTILINE)

    assert apps_of(seed)[app] == frozenset(named.split(", ")) == ROLES[app]
    assert PAGE.read_text("utf-8") == page()


@asynccontextmanager
async def service(tenant, folder, app):
    told = settings_of(tenant, app, folder, role=app)
    async with await open_service(told) as opened:
        yield opened


async def failing(opened, **options):
    return {one.name: one async for one in examine(opened, **options) if not one.ok}


@pytest.fixture(scope="module", params=EACH, ids=lambda one: f"{one[0]} without {one[1]}")
def without(request, tmp_path_factory):
    """A core site whose tenant has since taken one permission from one app."""
    app, name = request.param
    lacking = GRANTED[app].replace(name, "").replace("[, ", "[").replace(", ,", ",")
    seed = kit.SEED.replace(GRANTED[app], lacking.replace(", ]", "]"))
    assert apps_of(seed)[app] == ROLES[app] - {name}
    folder = tmp_path_factory.mktemp("without")
    with kit.running(folder / "tenant", seed) as tenant:
        yield app, name, tenant, folder / "state"


async def test_a_permission_that_is_missing_is_named_with_the_way_to_grant_it(without):
    app, name, tenant, folder = without
    folder.mkdir()
    state = State.open(settings_of(tenant, app, folder).database_url)
    await state.migrate()
    await state.close()
    async with service(tenant, folder, app) as opened:
        found = await failing(opened)
    missing = {check: one for check, one in found.items() if check.startswith("permission ")}
    assert list(missing) == [f"permission {name}"]
    assert missing[f"permission {name}"].way_out == (
        f"grant {name} (application) to the app and give admin consent"
    )


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("desk")
    with flow_kit.core(folder) as tenant:
        yield tenant, folder / "state"


@pytest.mark.parametrize(
    ("role", "failed"),
    [
        ("manage", {"site core: take an audience away": "fullcontrol"}),
        ("write", {"site core: make a library": "manage"}),
        ("read", {"site core: make a library": "manage"}),
        (None, {"site core": ""}),
    ],
)
async def test_a_lesser_grant_on_the_site_is_named_by_the_verb_that_needs_more(desk, role, failed):
    tenant, folder = desk
    async with service(tenant, folder, "enforcer") as opened:
        async with opened.state.read() as tx:
            row = await sites.get_site(tx, "core")
        with tenant.http("provisioner") as http:
            where = f"/v1.0/sites/{row.site_id}/permissions"
            (grant,) = http.get(where).json()["value"]
            if role:
                body = {"roles": [role]}
                http.patch(f"{where}/{grant['id']}", json=body).raise_for_status()
            else:
                http.delete(f"{where}/{grant['id']}").raise_for_status()
        found = await failing(opened, try_verbs=True)
    said = {name: one for name, one in found.items() if name.startswith("site core")}
    assert list(said) == list(failed)
    for name, least in failed.items():
        way = f"grant the app {least} on this site (Sites.Selected)" if least else (
            "let the provisioner apply the site again: it grants the enforcer fullcontrol"
        )  # fmt: skip
        assert said[name].way_out == way
