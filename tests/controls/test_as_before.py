"""For random documents: what Verger did, undone, leaves each as its author left it."""

from __future__ import annotations

import random

import pytest

from sync import undoing
from sync.callers import Caller, Role
from sync.errors import VergerError
from sync.sig_records import OutOfTurn
from tests import tenant_kit as kit
from tests.ratification.kit import NEB_NAME

BOTH = Caller("oid", "Helen Ward", frozenset({Role.ADMIN, Role.IG_OFFICER, Role.REGISTRAR}))
COLUMNS = ("VersionLabel", "DocumentType", "DateAdopted", "ReviewDate", "ApprovedBy", "Title")
SENSITIVE = "OFFICIAL-SENSITIVE: COMMERCIAL. Our lowest price per scan."
NAMES = (
    "{number}_{title} (final) v1.docx",
    "{title} {number}.docx",
    "{number} {title} V1.docx",
    "{number} - {title} copy.docx",
    "{title} draft {number} v1.0.docx",
)


def left(boards, item):
    """What its author left of a document: name, folder, columns of theirs, and the version."""
    path = f"/v1.0/drives/{item['parentReference']['driveId']}"
    unique = item["eTag"].strip('"').partition(",")[0].strip("{}").lower()
    site = boards.desk.person().get(f"/v1.0/sites/{kit.HOST}:/sites/core").json()["id"]
    found = boards.desk.person(kit.DIRECTOR).get(f"{path}/items/{item['id']}")
    assert found.status_code == 200, (site, unique)
    fields = boards.fields(item)
    columns = {name: fields.get(name) for name in COLUMNS if fields.get(name)}
    place = found.json()["parentReference"]["path"]
    return found.json()["name"], place, columns, fields["_UIVersionString"]


async def a_document(boards, chance, number):
    """Upload a random document as its author; returns its item."""
    title = chance.choice(
        ["Image Sharing Strategy", "Stroke Imaging Policy", "Reporting Procedure"]
    )
    name = chance.choice(NAMES).format(number=number, title=title)
    data = boards.write(
        number,
        title=title,
        text=SENSITIVE if chance.random() < 0.3 else f"Says {chance.random()}.",
        approved_by=chance.choice([f"{NEB_NAME} 19/11/2026", "Nobody"]),
    )
    area = chance.choice(["controlled", "controlled", "working"])
    folder = chance.choice(["", "", "Folder/"])
    item = boards.desk.upload(f"{folder}{name}", data, area)
    if chance.random() < 0.5:
        address = f"/v1.0/drives/{item['parentReference']['driveId']}/items/{item['id']}"
        told = {"ApprovedBy": "Somebody else", "VersionLabel": "V9"}
        boards.desk.person().patch(f"{address}/listItem/fields", json=told).raise_for_status()
    if area == "controlled" and chance.random() < 0.4:
        boards.desk.publish(item)
    return item


async def undo_all(desk, document_id):
    """Undo every act on a document, the last one first; returns how many there were."""
    for count in range(10):
        try:
            await undoing.undo_document(desk.service, BOTH, document_id)
        except OutOfTurn as done:
            if "did nothing to it" not in done.says:
                raise
            return count
    raise VergerError("it was acted on again and again")


@pytest.mark.thorough
async def test_what_was_done_and_undone_is_as_before_and_stays_so(boards):
    chance = random.Random(20261124)  # noqa: S311 - a repeatable walk, no secret
    items = [await a_document(boards, chance, f"Gov-{90 + n}") for n in range(8)]
    before = [left(boards, item) for item in items]
    for area in ("controlled", "working"):
        await boards.desk.settle(area)
    known = [(await boards.desk.shadow(item)).document_id for item in items]
    acts = [await undo_all(boards.desk, document_id) for document_id in known]
    assert sum(acts) >= 8
    for area in ("controlled", "working", "restricted"):
        await boards.desk.settle(area)
    assert [left(boards, item) for item in items] == before
