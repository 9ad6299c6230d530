"""Retention, disposal with a certificate, reading rounds: what becomes of a document after all."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from sharepoint_schema.registers import Register
from sharepoint_schema.standard import load_standard
from sharepoint_schema.working_days import next_working_day
from sync import standing
from sync.model import Item, Notify, SetColumns, Severity
from sync.model.rows import RowContext, Setter
from sync.policies.rows import disposal
from tests import tenant_kit as kit
from tests.policies.kit import TODAY
from tests.registers.kit import add, fields_of, let_pass, mails_to, number_of, rows_in

REGISTRAR = frozenset({"Registrar"})
FRIDAY, MONDAY = datetime(2026, 11, 20, 9, 0, tzinfo=UTC), datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NADIA, HELEN = (
    Setter("1", "Nadia Drew", REGISTRAR, FRIDAY),
    Setter("2", "Helen Ward", REGISTRAR, FRIDAY),
)
OLD = {
    "DocumentNumber": "Gov-04",
    "DocumentType": "Policy",
    "DateAdopted": "2010-01-04",
    "DocumentLink": "https://wmin.sharepoint.com/sites/core/x.docx",
}


def standard(years: int | None):
    whole = load_standard()
    retention = whole.retention.model_copy(update={"default_years": years})
    return whole.model_copy(update={"retention": retention})


def judged(document=OLD, years=10, approver=NADIA, **columns):
    row = Item(
        site="s",
        list_id="l",
        item_id="1",
        fields={"DisposalNumber": "Gov-04", "DisposalReason": "Out of use", **columns},
    )
    context = RowContext(
        today=TODAY,
        standard=standard(years),
        area="disposals",
        register=Register(source="Gov-04"),
        setters={
            "DisposalNumber": HELEN,
            **({"DisposalApproval": approver} if "DisposalApproval" in columns else {}),
            **({"DisposalAnswer": NADIA} if "DisposalAnswer" in columns else {}),
        },
        others={"registry": [replace(row, fields=document)] if document else []},
    )
    (found,) = disposal.check(row, context)
    return found


CERTIFIED = {
    "DisposalStatus": "Disposed",
    "DisposedOn": "2026-11-23",
    "DisposalCertificate": "Gov-04 was disposed of.",
}


def test_a_certificate_that_somebody_typed_is_none():
    """The file is there and nobody approved: the row says what it waits for, not what it claims."""
    told = asked(**CERTIFIED)
    assert told[0] == "Waiting for approval"


def test_a_certificate_stays_as_verger_wrote_it():
    assert judged_of(CERTIFIED, before=CERTIFIED) == []
    (found,) = judged_of({**CERTIFIED, "DisposalCertificate": "mine"}, before=CERTIFIED)
    (put_back,) = found.remedies
    assert put_back.values == {"DisposalCertificate": "Gov-04 was disposed of."}
    (found,) = judged_of({**CERTIFIED, "DisposedOn": "2020-01-01"}, before=CERTIFIED)
    (put_back,) = found.remedies
    assert put_back.values == {"DisposedOn": date(2026, 11, 23)}
    kept = {**CERTIFIED, "DisposalCertificate": "Gov-04, [number withheld], was disposed of."}
    assert judged_of(CERTIFIED, before=kept) == [], "what we keep masked is never written back"


def judged_of(columns, before):
    row = Item(site="s", list_id="l", item_id="1", fields={"DisposalNumber": "Gov-04", **columns})
    context = RowContext(
        today=TODAY,
        standard=standard(10),
        area="disposals",
        register=Register(source="Gov-04"),
        others={"registry": []},
        before=before,
    )
    return list(disposal.check(row, context))


def asked(**given):
    found = judged(**given)
    (values,) = (one.values for one in found.remedies if isinstance(one, SetColumns))
    return values["DisposalStatus"], found.says


def gone(since: datetime) -> dict[str, str]:
    """Return the registry's row of a file that was seen gone at a moment."""
    return {**OLD, "DocumentLink": "", "GoneSince": since.isoformat()}


TOO_SOON = "Deleted before approval"
APPROVED = {"DisposalApproval": "NCT 2026/11 item 3"}


@pytest.mark.parametrize(
    ("given", "status", "says"),
    [
        ({"years": None, **APPROVED}, "Refused", "until a period is set"),
        ({"years": 30, **APPROVED}, "Refused", r"until 04/01/2040"),
        ({"document": None}, "Refused", "No document has the number Gov-04"),
        ({}, "Waiting for approval", "did not ask for it"),
        ({"approver": HELEN, **APPROVED}, "Waiting for approval", "somebody else approves"),
        (
            {"approver": Setter("3", "Sam Price"), **APPROVED},
            "Waiting for approval",
            "Sam Price is no registrar",
        ),
        (APPROVED, "May be deleted", "may be deleted now"),
        ({"document": gone(MONDAY), **APPROVED}, "Disposed", "was found gone on 23/11/2026, after"),
        ({"document": gone(FRIDAY), **APPROVED}, TOO_SOON, "on 20/11/2026. .*only afterwards"),
        ({"document": gone(MONDAY)}, TOO_SOON, "was deleted before it was approved"),
        ({"document": gone(MONDAY), "approver": HELEN, **APPROVED}, TOO_SOON, "somebody else"),
        ({"document": gone(MONDAY), "years": 30, **APPROVED}, TOO_SOON, "kept until 04/01/2040"),
        (
            {"document": gone(MONDAY), "DisposalAnswer": "A duplicate"},
            f"{TOO_SOON}, answered",
            "deleted before it was approved",
        ),
    ],
)
def test_disposal_needs_its_time_and_a_second_registrar_and_ends_in_a_certificate(
    given, status, says
):
    assert asked(**given)[0] == status
    assert re.search(says, asked(**given)[1])


def test_a_file_deleted_before_its_approval_is_a_stop_that_its_owner_and_registrars_are_told():
    found = judged(document=gone(FRIDAY), **APPROVED)
    assert found.severity is Severity.STOP
    told = [one.to for one in found.remedies if isinstance(one, Notify)]
    assert told == [("owner", "registrars")]
    assert "the recycle bin" in found.how


async def test_the_schedule_fills_itself_from_the_standard_once(desk):
    await standing.look(desk.service)
    day = next_working_day(desk.service.today() + timedelta(days=1))
    await let_pass(desk, "retention_schedule", day)
    await desk.settle("retention_schedule")
    await standing.look(desk.service)
    await desk.settle("retention_schedule")
    rows = await rows_in(desk, "retention_schedule")
    assert sorted(row.columns["Title"] for row in rows) == sorted(
        one.name for one in desk.service.standard.types
    )
    assert {row.columns["RetentionYears"] for row in rows} == {
        "Not set yet: nothing is disposed of"
    }


async def test_a_reading_round_reminds_who_has_not_confirmed_and_ends_when_all_have(desk):
    helen, sam = (number_of(desk, upn) for upn in (kit.HELEN, kit.SAM))
    due = next_working_day(desk.service.today() + timedelta(days=20))
    audience = {
        "RoundAudienceLookupId@odata.type": "Collection(Edm.Int32)",
        "RoundAudienceLookupId": [int(helen), int(sam)],
    }
    told = {"RoundNumber": "Gov-12", "RoundVersion": "V1", "RoundDue": due.isoformat()}
    row = await add(desk, "acknowledgement_rounds", Title="Read Gov-12", **told, **audience)
    assert (await fields_of(desk, "acknowledgement_rounds", row))["RoundOpen"] == 2
    tomorrow = next_working_day(desk.service.today() + timedelta(days=1))
    await let_pass(desk, "acknowledgement_rounds", tomorrow)  # both have been asked
    said = {"AckNumber": "Gov-12", "AckVersion": "V1"}
    await add(desk, "acknowledgements", Title="Read", AckByLookupId=helen, **said)
    await let_pass(desk, "acknowledgement_rounds", due)
    assert (await fields_of(desk, "acknowledgement_rounds", row))["RoundOpen"] == 1
    due_mails = {
        upn: sum(one["body"].count("still to confirm") for one in mails_to(desk, upn))
        for upn in (kit.HELEN, kit.SAM)
    }
    assert due_mails[kit.SAM] > due_mails[kit.HELEN]
    await add(desk, "acknowledgements", Title="Read", AckByLookupId=sam, **said)
    tomorrow = next_working_day(due + timedelta(days=1))
    await let_pass(desk, "acknowledgement_rounds", tomorrow)
    assert (await fields_of(desk, "acknowledgement_rounds", row))["RoundStatus"] == "Done"
