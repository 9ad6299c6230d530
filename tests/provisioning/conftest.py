"""A local tenant, the provisioner app's way into it, and the specs of the two kinds of site."""

from contextlib import asynccontextmanager

import pytest

from sharepoint_schema.expand import expand
from sharepoint_schema.order import SigOrder
from sharepoint_schema.roles import Roles
from sharepoint_schema.site import load_template
from sync.settings import Settings
from sync.tenant.client import Tenant
from tests import tenant_kit as kit

ROLES = Roles.model_validate(
    {
        "people": {
            "site_owner": (kit.HELEN,),
            "core_team": (kit.HELEN, kit.SAM),
            "readers": (),
            "registrars": (kit.HELEN,),
            "restricted_readers": (kit.DIRECTOR,),
            "ig_officers": (kit.IG_OFFICER,),
        },
        "apps": {"enforcer": kit.ENFORCER},
    }
)
ORDER = SigOrder.model_validate(
    {
        "name": "Breast imaging",
        "kind": "pathways",
        "chair": kit.SAM,
        "facilitator": kit.HELEN,
        "network_director": {"who": "Nadia Drew", "date": "01/10/2026"},
        "clinical_director": {"who": "Raj Rao", "date": "02/10/2026"},
        "operational_board": {"reference": "NOB 2026/10 item 7", "date": "14/10/2026"},
    }
)


@pytest.fixture(name="cloud")
def _cloud(tmp_path):
    with kit.running(tmp_path / "tenant") as running:
        yield running


@asynccontextmanager
async def way_in(cloud, app="provisioner", client_id=kit.PROVISIONER):
    settings = Settings(
        tenant_id=kit.TENANT_ID,
        client_id=client_id,
        certificate=cloud.certificate(app),
        sharepoint_host=kit.HOST,
        login_address=cloud.address,
        graph_address=cloud.address,
        sharepoint_address=cloud.address,
        ca_file=cloud.ca,
    )
    async with Tenant(settings) as tenant:
        yield tenant


@pytest.fixture(name="tenant")
async def _tenant(cloud):
    async with way_in(cloud) as tenant:
        yield tenant


@pytest.fixture(name="core")
def _core():
    return expand(load_template("core_team"), None, ROLES)


@pytest.fixture(name="sig")
def _sig():
    return expand(load_template("sig"), ORDER, ROLES)


@pytest.fixture(params=["core", "sig"], name="spec")
def _spec(request):
    return request.getfixturevalue(request.param)
