"""Anchors of the journal: signed, kept in SharePoint, and broken by one changed byte."""

from __future__ import annotations

import re

import pytest

from sync import anchors
from sync.state import journal, journal_reading
from tests import flow_kit

SITE = "a-site"


@pytest.fixture(scope="module", name="folder")
def _folder(tmp_path_factory):
    return tmp_path_factory.mktemp("anchors")


@pytest.fixture(scope="module", name="tenant")
def _tenant(folder):
    with flow_kit.core(folder) as tenant:
        yield tenant


@pytest.fixture(name="service")
async def _service(tenant, folder):
    """Return a service whose journal has three more entries, the newest of them anchored."""
    async with flow_kit.desk(tenant, folder / "state") as desk:
        await write(desk.service, 3)
        assert await anchors.anchor(desk.service)
        yield desk.service


async def write(service, times: int, actor: str = "somebody") -> None:
    async with service.state.begin() as tx:
        for _ in range(times):
            entry = journal.Entry(at=service.now(), kind="test", actor=actor, correlation_id="c")
            await journal.append(tx, SITE, entry)


async def clear(service) -> None:
    async with service.state.begin() as tx:
        for table in (journal.journal, journal.journal_heads):
            await tx.execute(table.delete().where(table.c.site_id == SITE))


async def faults(service, found=None, **more) -> list[str]:
    told = await anchors.kept(service) if found is None else found
    return [one.why for one in await anchors.prove(service, told, **more)]


async def test_a_journal_is_as_it_was_anchored(service):
    assert await anchors.kept(service)
    assert await faults(service) == []
    await write(service, 2)
    assert await faults(service) == []


async def test_nothing_is_anchored_twice(service):
    assert not await anchors.anchor(service)


async def test_one_changed_byte_of_an_anchor_is_found_out(service):
    ((row, text), *_) = await anchors.kept(service)
    for place in range(0, len(text), 7):
        other = "1" if text[place] != "1" else "2"
        assert await faults(service, [(row, text[:place] + other + text[place + 1 :])]), place


async def test_anchors_are_compared_offline_from_a_file(service, tenant, tmp_path):
    file = tmp_path / "anchors"
    file.write_text("\n".join(text for _, text in await anchors.kept(service)))
    mark = tenant.local("GET", "/ledger")["mark"]
    assert await faults(service, anchors.exported(file)) == []
    file.write_text(file.read_text().replace('"seq":3', '"seq":2', 1))
    assert await faults(service, anchors.exported(file)) == ["it was changed after it was signed"]
    assert tenant.local("GET", f"/ledger?since={mark}")["value"] == []


async def test_only_the_app_s_own_certificates_count(service, tenant):
    theirs = service.settings.certificate
    service.settings = service.settings.model_copy(
        update={"certificate": tenant.certificate("provisioner")}
    )
    assert all("give an earlier one" in one for one in await faults(service))
    assert await faults(service, certificates=[theirs.read_bytes()]) == []


async def test_a_chain_written_anew_from_its_first_entry_is_found_out(service):
    """The chain itself holds: whoever wrote it computed its hashes."""
    await clear(service)
    await write(service, 50, "somebody else")
    async with service.state.read() as tx:
        assert await journal_reading.verify(tx, SITE) is None
    found = await faults(service)
    assert found
    assert all(re.search(r"has another entry \d+ than was anchored", one) for one in found)


async def test_a_journal_that_lost_its_end_is_found_out(service):
    await clear(service)
    assert any("has lost entry" in one for one in await faults(service))
