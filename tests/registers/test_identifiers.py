"""NHS numbers in rows: held, told to the IG officers at once, and repeated nowhere."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharepoint_schema.registers import Register
from sharepoint_schema.site import load_template, template_names
from sharepoint_schema.standard import load_standard
from sync import sweep
from sync.model import Item, Severity, Status
from sync.model.identifiers import WITHHELD
from sync.model.rows import RowContext
from sync.policies.rows import judge
from tests import tenant_kit as kit
from tests.registers.kit import add, edit, fields_of, mails_to, remembered

RULE = ("row_patient_identifier",)
NUMBER, WRONG = "943 476 5919", "943 476 5918"
DIGITS = NUMBER.replace(" ", "")
SURE = f"NHS number {DIGITS} was delayed"
STANDARD = load_standard()


def found(fields, before=()):
    row = Item(site="", list_id="l", item_id="1", document_id="d", etag="e,3", fields=fields)
    context = RowContext(
        today=None,
        standard=STANDARD,
        area="risks",
        register=Register(source="a test"),
        titles={"Mitigations": "What is done"},
        before=dict.fromkeys(before, WITHHELD),
    )
    return judge(row, context, RULE)


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        (SURE, Severity.STOP),
        (f"seen again, {NUMBER}", Severity.STOP),
        (f"a count of {DIGITS} in all", Severity.FIX),
        (f"NHS number {WRONG}", None),
        ("Tel. no: 9434765919", None),
        ("", None),
    ],
)
def test_a_number_in_any_column_is_found_as_in_a_file(text, severity):
    assert [one.severity for one in found({"Title": "A", "Mitigations": text})] == (
        [severity] if severity else []
    )


def test_the_finding_names_columns_and_never_the_number():
    (finding,) = found({"Title": SURE, "Mitigations": SURE})
    assert "columns Title, What is done" in finding.says
    assert DIGITS not in repr(finding)
    assert finding.status is Status.HELD


def test_people_are_told_of_a_column_once():
    assert found({"Mitigations": SURE}, before=["Mitigations"])[0].remedies == ()
    assert found({"Mitigations": SURE, "Cause": SURE}, before=["Mitigations"])[0].remedies != ()


@given(st.dictionaries(st.sampled_from("ABCDE"), st.text(alphabet="NHS 0123456789-", max_size=30)))
def test_no_finding_repeats_what_stands_in_a_column(fields):
    for finding in found(fields):
        assert not any(text in repr(finding) for text in fields.values() if len(text) > 9)


@pytest.mark.parametrize("template", template_names())
def test_every_register_of_every_site_is_looked_at(template):
    registers = [one for one in load_template(template).lists if one.keeper == "register"]
    assert [one.key for one in registers if RULE[0] not in one.policies] == []


async def test_a_risk_with_a_number_is_held_and_told_and_the_number_is_kept_nowhere(desk):
    risk = await add(
        desk, "risks", Title=f"Delay {NUMBER}", RiskDescription="A delay", RiskCause=SURE
    )
    await sweep.sweep(desk.service)
    fields = await fields_of(desk, "risks", risk)
    assert fields["ControlStatus"] == "Held"
    assert "Title, Cause of this entry: an NHS number" in fields["ControlReason"]
    for upn in (kit.IG_OFFICER, kit.HELEN):
        assert any("Title, Cause" in one["body"] for one in mails_to(desk, upn))
    row = await remembered(desk, "risks", risk)
    assert row.columns["RiskCause"] == row.columns["Title"] == WITHHELD
    assert row.columns["RiskDescription"] == "A delay"
    assert_kept_nowhere(desk)

    count = len(mails_to(desk, kit.IG_OFFICER))
    await edit(desk, "risks", risk, RiskEffect="Longer waits")
    await sweep.sweep(desk.service)
    assert len(mails_to(desk, kit.IG_OFFICER)) == count, "told once"
    await edit(desk, "risks", risk, Title="Delay", RiskCause="A scanner")
    assert (await fields_of(desk, "risks", risk))["ControlStatus"] != "Held"


@pytest.mark.parametrize(
    ("area", "column", "who"),
    [
        ("decisions", "MinuteReference", kit.HELEN),
        ("waivers", "WaiverReason", kit.HELEN),
        ("access_exceptions", "ExceptionReason", kit.DIRECTOR),
        ("equality_assessments", "Title", kit.HELEN),
        ("registry", "Title", kit.HELEN),
    ],
)
async def test_lists_with_a_keeper_of_their_own_are_looked_at_too(desk, area, column, who):
    before = len(mails_to(desk, kit.IG_OFFICER))
    row = await add(desk, area, who, **{"Title": "An entry", column: SURE})
    await sweep.sweep(desk.service)
    mails = mails_to(desk, kit.IG_OFFICER)[before:]
    assert any("an NHS number stands there" in one["body"] for one in mails), mails
    assert_kept_nowhere(desk)
    await edit(desk, area, row, who, **{column: "Nothing now"})


def assert_kept_nowhere(desk):
    """Read all our database and every mail."""
    file = desk.service.settings.database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file)) as database:
        lines = [one for one in database.iterdump() if DIGITS in one or NUMBER in one]
    assert lines == []
    mails = str(desk.tenant.local("GET", "/mailbox")["value"])
    assert DIGITS not in mails
    assert NUMBER not in mails
