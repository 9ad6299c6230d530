"""What we send to Graph is what Microsoft's own OpenAPI admits: path, method, body, members."""

import importlib.util
import json
import warnings
from pathlib import Path

import pytest

from sync.model import Person
from sync.tenant import access, documents, lists, notices, rows, subscriptions
from sync.tenant.graph import Graph
from sync.tenant.notices import Mail
from tests import tenant_kit
from tests.wire.test_documents import document_of
from tests.wire.test_lists import webhook, wish  # noqa: F401 - a fixture comes by its name

CONTRACT = Path(__file__).parents[3] / "shared" / "contract" / "contract_check.py"


@pytest.fixture(scope="session")
def contract():
    if not CONTRACT.exists():
        pytest.skip("../shared/contract is not here")
    spec = importlib.util.spec_from_file_location("contract_check", CONTRACT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # it leaves its files to the collector
        return module.Contract()


@pytest.fixture
def sent(monkeypatch):
    """Record every operation and its answer."""
    seen = []
    original = Graph._once  # noqa: SLF001 - the one door all operations pass

    async def watched(self, ask):
        answer, token = await original(self, ask)
        seen.append((ask, answer))
        return answer, token

    monkeypatch.setattr(Graph, "_once", watched)
    return seen


async def do_documents(granted, place):
    """Use each operation on documents once."""
    async for page in documents.changes(granted, place.open):
        cursor = page.cursor
    async for _ in documents.changes(granted, place.open, cursor):
        pass
    await documents.latest(granted, place.open)
    item_id = place.upload(place.open, "contract.txt", who=tenant_kit.HELEN)
    document = await document_of(granted, place.open, item_id)
    await documents.fields(granted, place.open, item_id)
    await documents.content(granted, place.open, item_id, 100)
    await documents.versions(granted, place.open, item_id)
    await documents.rename(granted, place.open, document, "contract 2.txt")
    circle = access.Circle(("Test Owners",), (Person(mail=tenant_kit.HELEN),))
    await access.contain(granted, place.open, document, circle)


async def do_the_rest(granted, provisioner, place, url):
    """Use each operation on sites, lists, rows, subscriptions and mail once."""
    await access.grant_site(provisioner, place.id, tenant_kit.STAFF, "staff", "read")
    await lists.site(granted, place.url)
    await lists.lists(granted, place.id)
    await lists.columns(granted, place.open)
    made = await rows.create(granted, place.register, {"DocumentNumber": "Gov-99"})
    await rows.find(granted, place.register, "DocumentNumber", "Gov-99")
    await rows.update(granted, place.register, made, {"VersionLabel": "V1"})
    await rows.get(granted, place.register, made)
    assert made in {row.id async for row in rows.every(granted, place.register)}
    await rows.remove(granted, place.register, made)
    asked = wish(place, url)
    life = await subscriptions.create_subscription(granted, asked)
    await subscriptions.list_subscriptions(granted)
    await subscriptions.renew_subscription(granted, life.id, asked.expires_at)
    await subscriptions.delete_subscription(granted, life.id)
    mail = Mail(tenant_kit.SAM, "A verdict", "<p>Held</p>", "Held", "k")
    await notices.send_mail(granted, mail)


def faults_of(contract, ask, answer):
    """Return what Microsoft's schema has against an operation and the answer we read."""
    found = []
    if ask.body is not None and not isinstance(ask.body, bytes):  # MIME is in no OpenAPI of Graph
        found += contract.errors_request(ask.method, ask.url, ask.body)
        found += contract.unknown_members(ask.method, ask.url, 0, ask.body, "request")
    elif contract.match(ask.method, ask.url)[0] is None:
        found.append("no such operation")
    if answer.body.startswith(b"{"):
        body = json.loads(answer.body)
        found += contract.errors_response(ask.method, ask.url, answer.status, body)
    return found


async def test_every_operation_is_microsoft_s_own(  # noqa: PLR0913, PLR0917 - fixtures
    contract, sent, granted, provisioner, place, webhook  # noqa: F811 - the fixture imported above
):  # fmt: skip
    await do_documents(granted, place)
    await do_the_rest(granted, provisioner, place, webhook)
    against = {
        f"{ask.method} {ask.url}": found
        for ask, answer in sent
        if (found := faults_of(contract, ask, answer))
    }
    assert against == {}
    assert len(sent) >= 25
