"""Parked work and the journal's proof at the command line: what is shown, done, and the exit."""

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from sqlalchemy import update
from typer.testing import CliRunner

import cli.journal
import cli.parked
from cli.main import app
from sync.errors import Missing
from sync.state import claims, journal, journal_reading, lists, work
from sync.state.engine import State
from sync.state.sites import Site, put_site

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
URL = "https://wmin.sharepoint.com/sites/core"
SITE = "wmin,1,2"


@asynccontextmanager
async def opened(file):
    state = State.open(f"sqlite:///{file}")
    settings = SimpleNamespace(
        client_id="the-enforcer", storage="", certificate=None, certificate_pem=None
    )
    try:
        yield SimpleNamespace(state=state, settings=settings, schema_hash="s", now=lambda: NOW)
    finally:
        await state.close()


async def prepare(file):
    async with opened(file) as service:
        await service.state.migrate()
        async with service.state.begin() as tx:
            await put_site(tx, Site(site_key="core", template="core_team", url=URL, state="applied",
                                    site_id=SITE))  # fmt: skip
            await lists.register_list(tx, lists.ListRow(
                id="L1", site_id=SITE, site_url=URL, area="controlled", template="core_team",
                title="Controlled documents"))  # fmt: skip
            await work.put(tx, [work.NewWork(list_id="L1", item_id=one) for one in "12"], NOW)
            wish = claims.Claim(owner="w", now=NOW, seconds=60)
            for row in await claims.claim(tx, wish):
                await claims.park(tx, row, f"item {row.item_id} is too odd")


@pytest.fixture
def file(tmp_path):
    asyncio.run(prepare(tmp_path / "state.sqlite"))
    return tmp_path / "state.sqlite"


@pytest.fixture
def verger(file, monkeypatch):
    sent = []

    def with_service(_settings, run):
        async def go():
            async with opened(file) as service:
                return await run(service)

        return asyncio.run(go())

    async def with_nudges(_service, run):
        async def send(nudges):
            sent.extend(nudges)

        return await run(SimpleNamespace(send=send))

    for module in (cli.parked, cli.journal):
        monkeypatch.setattr(module, "with_service", with_service)
    monkeypatch.setattr(cli.parked, "with_nudges", with_nudges)

    def call(*words, code=0, **more):
        done = CliRunner().invoke(app, list(words), **more)
        if done.exit_code != code:
            raise done.exception or AssertionError(done.output)
        return done.output

    call.sent = sent
    return call


def read(file, question):
    async def go():
        async with opened(file) as service, service.state.read() as tx:
            return await question(tx)

    return asyncio.run(go())


def test_what_is_parked_is_listed_with_its_reason_and_how_to_name_it(verger):
    told = json.loads(verger("parked", "list", "--json"))

    assert [one["id"] for one in told] == ["L1/1", "L1/2"]
    assert told[0]["reason"] == "item 1 is too odd"
    assert (told[0]["site"], told[0]["tries"], told[0]["until"]) == (URL, 1, None)
    assert "L1/2" in verger("parked", "list", "--site", "core")


def test_parked_work_of_a_site_that_is_not_followed_is_refused(verger):
    with pytest.raises(
        Missing, match="elsewhere is not a site that Verger follows; it follows cor"
    ):
        verger("parked", "list", "--site", "elsewhere")


def test_what_is_named_is_tried_again_and_a_worker_is_called(verger, file):
    verger("parked", "replay", "L1/2")

    row = read(file, lambda tx: claims.get_work(tx, "L1", "2"))
    assert (row.state, row.attempts, row.reason) == (work.READY, 0, None)
    assert read(file, lambda tx: claims.get_work(tx, "L1", "1")).state == work.PARKED
    assert [one.list_id for one in verger.sent] == ["L1"]


def test_without_names_all_of_it_is_tried_again(verger):
    assert "2 will be tried again" in verger("parked", "replay")
    assert json.loads(verger("parked", "list", "--json")) == []


def test_a_row_is_dropped_with_a_reason_that_stands_beside_the_chain(verger, file):
    verger("parked", "drop", "L1/1", "--reason", "moved by hand, says Sam")

    assert read(file, lambda tx: claims.get_work(tx, "L1", "1")) is None
    query = journal_reading.Query(kind="parked work dropped")
    (entry,) = read(file, lambda tx: journal_reading.entries(tx, query))
    assert "Sam" not in json.dumps([entry.before, entry.after])
    beside = read(file, lambda tx: journal_reading.personal_of(tx, SITE, entry.seq))
    assert beside == {"reason": "moved by hand, says Sam", "parked_for": "item 1 is too odd"}
    assert "the chain holds" in verger("journal", "verify")


def test_a_reason_is_asked_for(verger):
    assert "closed" in verger("parked", "drop", "L1/1", input="too odd for us\n")
    verger("parked", "drop", "L1/2", "--reason", "  ", code=2)


def test_nothing_is_dropped_when_one_of_them_is_not_parked(verger):
    with pytest.raises(Missing, match=r"not parked: L1/9; see: verger parked list"):
        verger("parked", "drop", "L1/1", "L1/9", "--reason", "x")
    assert len(json.loads(verger("parked", "list", "--json"))) == 2


def test_a_changed_word_breaks_the_chain_and_the_entry_is_named(verger, file):
    verger("parked", "drop", "L1/1", "--reason", "x")
    verger("parked", "drop", "L1/2", "--reason", "y")

    async def forge():
        async with opened(file) as service, service.state.begin() as tx:
            here = journal.journal.c.seq == 2
            await tx.execute(update(journal.journal).where(here).values(actor="somebody else"))

    asyncio.run(forge())
    (told,) = json.loads(verger("journal", "verify", "--json", code=1))["chains"]
    assert (told["name"], told["entries"], told["broken"]["seq"]) == (URL, 2, 2)
    assert "broken at entry 2 (parked work dropped, 24/11/2026 09:00 UTC)" in " ".join(
        verger("journal", "verify", "core", code=1).split()
    )


def test_a_tail_cut_off_is_an_entry_that_is_not_there(verger, file):
    verger("parked", "drop", "L1/1", "--reason", "x")

    async def cut():
        async with opened(file) as service, service.state.begin() as tx:
            await tx.execute(journal.personal.delete())
            await tx.execute(journal.journal.delete())

    asyncio.run(cut())
    assert "broken at entry 1, which is not there" in verger("journal", "verify", code=1)


def test_the_journal_of_a_site_without_one_is_refused(verger):
    assert "There is no journal yet" in verger("journal", "verify")
    with pytest.raises(Missing, match="nowhere has no journal"):
        verger("journal", "verify", "nowhere")
