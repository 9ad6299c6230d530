"""A local tenant, the provisioner app's way into it, and the specs of the two kinds of site."""

from contextlib import asynccontextmanager
from itertools import count

import pytest

from sharepoint_schema.expand import expand
from sharepoint_schema.order import SigOrder
from sharepoint_schema.roles import Roles
from sharepoint_schema.site import load_template
from sharepoint_schema.ways import Hub
from sync.settings import Settings
from sync.tenant.client import Tenant
from tests import tenant_kit as kit

MINUTE = 61
BOARDS = ("neb", "nob", "db", "cdf")
KINDS = ("core_team", "sig", *BOARDS)
"""Every kind of site there is."""

ROLES = Roles.model_validate(
    {
        "people": {
            "site_owner": (kit.HELEN,),
            "core_team": (kit.HELEN, kit.SAM),
            "readers": (),
            "registrars": (kit.HELEN,),
            "restricted_readers": (kit.DIRECTOR,),
            "ig_officers": (kit.IG_OFFICER,),
            **{f"{board}_members": (kit.HELEN, kit.DIRECTOR) for board in BOARDS},
            **{f"{board}_observers": (kit.SAM,) for board in BOARDS},
            **{f"{board}_chairs": (kit.DIRECTOR,) for board in BOARDS},
            **{f"{board}_secretaries": (kit.HELEN,) for board in BOARDS},
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


@pytest.fixture(name="cloud", scope="module")
def _cloud(tmp_path_factory):
    """One tenant for a module; every test has sites of its own in it."""
    with kit.running(tmp_path_factory.mktemp("cloud")) as running:
        yield running


@pytest.fixture(autouse=True)
def _as_new(request):
    """Leave the next test no fault, and a minute's resource units of its own."""
    yield
    if "cloud" in request.fixturenames:
        cloud = request.getfixturevalue("cloud")
        cloud.local("DELETE", "/faults")
        cloud.advance(MINUTE)


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
        ru_per_minute=1_000_000,  # the tenant's clock is moved on instead of waiting
    )
    async with Tenant(settings) as tenant:
        yield tenant


@pytest.fixture(name="tenant")
async def _tenant(cloud):
    async with way_in(cloud) as tenant:
        yield tenant


_NUMBERS = count(1)


def fresh(name, order=ORDER):
    """Return the spec of a kind of site at an address that no other test uses."""
    spec = expand(load_template(name), order if name == "sig" else None, ROLES)
    path = f"{spec.path}-{next(_NUMBERS)}"
    if spec.hub.at == spec.path:  # a hub of its own, which joins nobody else's
        return spec.model_copy(update={"path": path, "hub": Hub(at=path)})
    return spec.model_copy(update={"path": path})


def without_templates(spec, kept=()):
    """Return a spec without files but for the document templates of some content types."""
    types = tuple(
        one if one.key in kept else one.model_copy(update={"document_template": None})
        for one in spec.content_types
    )
    return spec.model_copy(update={"content_types": types, "starter_files": ()})


def joining(spec, hub):
    """Return a spec that belongs to a hub of the test's own."""
    return spec.model_copy(update={"hub": Hub(at=hub.path)})


@pytest.fixture(name="core")
def _core():
    return fresh("core_team")


@pytest.fixture(name="sig")
def _sig():
    return fresh("sig")


@pytest.fixture(params=["core_team", "sig"], name="spec")
def _spec(request):
    return fresh(request.param)


@pytest.fixture(params=KINDS, name="kind")
def _kind(request):
    return fresh(request.param)
