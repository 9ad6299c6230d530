"""What a group's site is made from is on record; an order file decides nothing (Gov-12)."""

import asyncio

import pytest
from typer.testing import CliRunner

from cli.main import app
from sharepoint_schema.order import SigWish, load_wish
from sharepoint_schema.problems import SchemaProblems
from sync import requests
from sync.sig_orders import demanded, next_steps, recorded
from sync.sig_records import OutOfTurn, StepMissing
from sync.state import requests as kept
from tests import tenant_kit as kit
from tests.sig.kit import BEA_LONG, HELEN, MINUTE, NADIA, RAJ_RAO, WISH, a_service

ASKED = SigWish.model_validate(WISH)
NAME = WISH["name"]


@pytest.fixture
async def service(tmp_path):
    async with a_service(tmp_path) as opened:
        yield opened


async def at(service, request_id, **values):
    async with service.state.begin() as tx:
        row = await kept.get_request(tx, request_id)
        await kept.put_request(tx, kept.changed(row, service.now(), **values))


async def whole(service):
    request_id = (await requests.ask(service, HELEN, WISH)).request.id
    await requests.agree(service, NADIA, request_id)
    await requests.agree(service, RAJ_RAO, request_id)
    await requests.approve(service, BEA_LONG, request_id, *MINUTE)
    return request_id


async def test_each_missing_step_is_named_with_the_command_that_takes_it(service):
    with pytest.raises(StepMissing, match=r"counts for nothing.*Next: verger sig request FILE"):
        await demanded(service, ASKED)
    request_id = (await requests.ask(service, HELEN, WISH)).request.id
    for caller, office, command in (
        (NADIA, "the Network Director's agreement", "sig agree"),
        (RAJ_RAO, "the Clinical Director's agreement", "sig agree"),
    ):
        with pytest.raises(StepMissing, match=f'{office} is missing.*verger {command} "{NAME}"'):
            await demanded(service, ASKED)
        assert await recorded(service, ASKED) is None
        await requests.agree(service, caller, request_id)
    with pytest.raises(StepMissing, match=f'minute is missing.*verger sig approve "{NAME}"'):
        await demanded(service, ASKED)


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("approved", f'verger sig open "{NAME}"'),
        ("planned", f'verger sig open "{NAME}"'),
        ("opening", "verger sig list"),
        ("falling asleep", "verger sig list"),
        ("waking", "verger sig list"),
        ("dormant", f'verger sig wake "{NAME}"'),
    ],
)
async def test_only_an_open_site_is_applied_again(service, state, says):
    await at(service, await whole(service), state=state)
    with pytest.raises(OutOfTurn, match=f"its request is {state}.*{says}"):
        await demanded(service, ASKED)


async def test_an_open_site_is_applied_by_the_order_on_record(service):
    await at(service, await whole(service), state="open")
    order = await demanded(service, ASKED)
    assert (order.network_director.who, order.operational_board.reference) == ("Nadia", MINUTE[0])
    assert next_steps(NAME, "open", ()) == ()


async def test_a_file_that_asks_for_something_else_is_refused(service):
    await at(service, await whole(service), state="open")
    other = ASKED.model_copy(update={"chair": "somebody@else.example", "need": None})
    with pytest.raises(OutOfTurn, match=f"chair is '{WISH['chair']}' on record; need is"):
        await demanded(service, other)


async def test_a_withdrawn_request_opens_nothing(service):
    request_id = await whole(service)
    await requests.withdraw(service, HELEN, request_id)
    with pytest.raises(StepMissing, match="nobody has asked"):
        await demanded(service, ASKED)


async def test_a_dormant_groups_order_is_looked_at_asleep(service):
    await at(service, await whole(service), state="dormant")
    assert (await recorded(service, ASKED)).asleep


LINES = f"name: {NAME}\nkind: pathways\nchair: {kit.SAM}\nfacilitator: {kit.HELEN}\n"
SIGNED = (
    "network_director: {who: A, date: 01/11/2026}\n"
    "clinical_director: {who: B, date: 02/11/2026}\n"
    "operational_board: {reference: N, date: 03/11/2026}\n"
)


def test_a_file_needs_no_agreements_to_ask_but_tells_of_all_or_none(tmp_path):
    file = tmp_path / "order.yaml"
    for text in (LINES, LINES + SIGNED):
        file.write_text(text)
        assert load_wish(file).slug == "breast-imaging"
    file.write_text(LINES + SIGNED.partition("operational_board")[0])
    with pytest.raises(SchemaProblems, match="the Operational Board's minute is missing"):
        load_wish(file)


def test_a_signed_file_alone_is_not_applied(tmp_path):
    async def migrated():
        async with a_service(tmp_path) as service:
            return service.settings.database_url

    told = {
        "VERGER_TENANT_ID": kit.TENANT_ID, "VERGER_CLIENT_ID": kit.PROVISIONER,
        "VERGER_SHAREPOINT_HOST": kit.HOST, "VERGER_DATABASE_URL": asyncio.run(migrated()),
        "AzureWebJobsStorage": "UseDevelopmentStorage=true", "VERGER_SETTINGS": "",
    }  # fmt: skip
    file = tmp_path / "order.yaml"
    file.write_text(LINES + SIGNED)
    for words in (("apply", "sig"), ("prune", "sig")):
        done = CliRunner().invoke(app, [*words, "--order", str(file)], env=told)
        assert isinstance(done.exception, StepMissing), done.output
        assert "nobody has asked for the group 'Breast imaging' on record" in str(done.exception)
