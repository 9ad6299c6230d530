"""Nothing Verger keeps, sends, logs or shows ever repeats an NHS number."""

from __future__ import annotations

import io
import json
import logging
import zipfile
from urllib.parse import unquote

import docx
import openpyxl
import pytest
from sqlalchemy import select
from stdnum.gb import nhs

from functions import released
from sync import quarantine
from sync.callers import Caller, Role
from sync.model.identifiers import WITHHELD, all_masked, masked, names_one
from sync.state.sql import metadata
from tests import flow_kit
from tests import tenant_kit as kit
from tests.quarantine.kit import Ward, page

NUMBER, GROUPED = "9434765919", "943 476 5919"
SAID = f"Patient John Smith, NHS number {GROUPED}, born 01/02/1950"
IRIS = Caller("iris", "Iris Grant", frozenset({Role.IG_OFFICER}))


def with_property() -> bytes:
    made, file = docx.Document(), io.BytesIO()
    made.add_paragraph("Minutes of the meeting.")
    made.core_properties.subject = SAID
    made.save(file)
    return file.getvalue()


def sheet() -> bytes:
    made, file = openpyxl.Workbook(), io.BytesIO()
    made.active.append(["Site", "NHS number"])
    made.active.append(["A", NUMBER])
    made.save(file)
    return file.getvalue()


def packed() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("inside.txt", SAID)
    return file.getvalue()


FILES = {
    f"Referral_{GROUPED}.docx": page("Nothing within."),
    f"NHS number {NUMBER} scan.docx": page("Nothing within either."),
    "property.docx": with_property(),
    "text.docx": page(SAID),
    "sheet.xlsx": sheet(),
    "mail.eml": f"From: a@b.example\r\nSubject: scan\r\n\r\n{SAID}\r\n".encode(),
    "packed.zip": packed(),
}
ASKED = f"List {NUMBER} of rows.docx"
"""A name with ten digits that nothing shows to be a patient's: asked about, where it lies."""


def leaks(told: object) -> list[str]:
    """Return what of the number stands in a text or in JSON, however it is written."""
    text = unquote(told if isinstance(told, str) else json.dumps(told, default=str))
    plain = text.replace("_", " ").replace("\u00a0", " ").replace("\\u00a0", " ")
    return [one for one in (NUMBER, GROUPED, GROUPED.replace(" ", "-")) if one in plain]


async def everything_kept(desk: flow_kit.Desk) -> dict[str, str]:
    """Return each table of our state as text."""
    async with desk.service.state.read() as tx:
        return {
            table.name: json.dumps(
                [list(row) for row in await tx.execute(select(table))], default=str
            )
            for table in metadata.sorted_tables
        }


async def columns_beside(ward: Ward) -> dict[str, str]:
    """Return what Verger wrote beside each file of three libraries, and the registry's rows."""
    told = {}
    for area in ("working", "controlled", "quarantine", "registry"):
        where = await ward.place(area)
        path = f"/v1.0/sites/{where.site_id}/lists/{where.id}/items?$expand=fields"
        who = kit.IG_OFFICER if area == "quarantine" else kit.HELEN
        rows = ward.desk.person(who).get(path).json()["value"]
        names = ("ControlStatus", "ControlReason", "QuarantineAnswer", "RegistryNote")
        wanted = (
            names if area != "registry" else tuple({name for row in rows for name in row["fields"]})
        )
        told[area] = json.dumps([[row["fields"].get(name, "") for name in wanted] for row in rows])
    return told


@pytest.mark.parametrize(
    "modes", [flow_kit.ENFORCE, 'modes: {"*": observe}\n'], ids=["enforce", "observe"]
)
async def test_no_table_mail_log_column_or_answer_holds_the_number(opened, modes, caplog):
    caplog.set_level(logging.DEBUG)
    way = "e" if "enforce" in modes else "o"
    async with flow_kit.desk(*opened, modes) as desk:
        ward = Ward(desk)
        for area in ("working", "controlled"):
            for name, data in FILES.items():
                desk.upload(f"{way} {name}", data, area)
            desk.upload(f"{way} {ASKED}", page("Rows."), area)
            assert await desk.drain(area)
            assert not leaks(await everything_kept(desk))  # while the work still waits
            await desk.settle(area)
        if way == "e":
            held = await quarantine.held(desk.service)
            assert len(held) == 2 * len(FILES)
            await half_released(ward, held)
        assert not {
            table: found
            for table, text in (await everything_kept(desk)).items()
            if (found := leaks(text))
        }
        mails = desk.tenant.local("GET", "/mailbox")["value"]
        assert not leaks(mails)
        assert not leaks(await columns_beside(ward))
        answer = await released.listed(desk.service, IRIS, None)
        assert not leaks(answer.body)
    lines = "\n".join(
        record.getMessage() for record in caplog.records if record.name.startswith("verger")
    )
    assert not leaks(lines)


async def half_released(ward: Ward, held: list[quarantine.Held]) -> None:
    """Release what has it in its name as a false alarm; ask in vain for what is not redacted."""
    for one in held[:2]:
        wanted = quarantine.order_of(IRIS, "false positive", f"not {GROUPED}, a mistake")
        await quarantine.order(ward.desk.service, one.document_id, wanted)
    other = held[-1].document_id
    async with ward.desk.service.state.read() as tx:
        row = await quarantine.items.item_of(tx, other)
    await ward.decide(row, "Redacted", f"took {GROUPED} out")


numbers = pytest.mark.parametrize(
    "number", [NUMBER, GROUPED, "943-476-5919", "943\u00a0476\u00a05919"]
)


@numbers
def test_a_masked_text_holds_no_number_and_keeps_the_rest(number):
    assert nhs.is_valid(NUMBER)
    told = masked(f"a_{number}_b.docx and {number}, done")
    assert told == f"a_{WITHHELD}_b.docx and {WITHHELD}, done"
    assert masked(told) == told
    assert masked(f"{number} 1.docx") == f"{WITHHELD} 1.docx"


@pytest.mark.parametrize(
    "kept",
    [
        "9434765918",
        f"7f{NUMBER}a0",
        f"1{NUMBER}",
        "0d5f8f43-6d0f-4f0e-9a3e-3a6f0f4f2a10",
        "Gov-04 WMIN Governance Strategy V1.docx",
    ],
)
def test_what_is_no_number_or_stands_inside_an_id_is_kept(kept):
    assert masked(kept) == kept


@numbers
def test_a_number_is_found_in_nested_data_and_in_addresses(number):
    assert names_one({"fields": {"FileLeafRef": f"x_{number}.docx"}})
    assert names_one([f"https://host/{number.replace(' ', '%20')}.docx"])
    assert not names_one({"name": "Gov-04 V1.docx", "n": 9434765919, "none": None})
    assert all_masked({"a": (number, 7), "b": None}) == {"a": [WITHHELD, 7], "b": None}
