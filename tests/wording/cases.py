"""A document for every kind of finding a rule can make: what the snapshot is made from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from sharepoint_schema.labels import Label
from sharepoint_schema.standard import Period
from sync.model import (
    Admitted,
    Alike,
    Amendment,
    Audience,
    Crowd,
    Decision,
    Document,
    Impact,
    Past,
    Person,
    Publication,
    Reading,
    ReadState,
    SharingLink,
    Unclaimed,
)
from tests.policies.kit import BLOCK, IN_ORDER, context, document, holder, reading

if TYPE_CHECKING:
    from sync.model import Context

NOB = Decision("recommended", "NOB", date(2026, 2, 5), "V1", "c1", "NOB 4")
NEB = Decision("approved", "NEB", date(2026, 3, 9), "V1", "c1", "NEB 7")
GOV_04 = holder("Gov-04", name="Gov-04 WMIN Governance Strategy V2.docx", label=Label(2))
COPY = holder("Gov-04", name=GOV_04.name, content_id="c1")
EMPTY = {"Title": "Document Control Strategy"}


@dataclass(frozen=True)
class Case:
    """One document and what is known around it; `policy` says which rule is asked about it."""

    policy: str
    name: str
    document: Document
    context: Context = field(default_factory=context)


def written(text: str = "", **block: Any) -> Document:
    return document(read_as=reading(text, replace(BLOCK, **block)))


def beside(**fields: Any) -> Document:
    return document(fields=IN_ORDER | fields)


def plain(name: str = "notes.docx", text: str = "", **more: Any) -> Document:
    """Return a file without a control block or columns."""
    return document(name, fields={}, read_as=reading(text, None, **more), version="0.1")


def kept(years: int) -> Context:
    standard = context().standard
    periods = (Period(type="strategy", years=years),)
    retention = standard.retention.model_copy(update={"periods": periods})
    return context_of(standard.model_copy(update={"retention": retention}))


def context_of(standard: Any) -> Context:
    return replace(context(), standard=standard)


def put_off() -> Context:
    given = Publication("V1", "c1", date(2026, 3, 9), "NEB", date(2027, 3, 9))
    return replace(context(), publications=(given,))


def shared(*scopes: str, people: tuple[str, ...] = ()) -> Document:
    links = tuple(SharingLink(str(n), scope) for n, scope in enumerate(scopes))
    let_in = tuple(Admitted(n, address) for n, address in enumerate(people))
    return replace(plain(), audience=Audience(people=let_in, links=links))


def moderated(stands: str, state: str, content: str = "c1", **block: Any) -> Document:
    fields = IN_ORDER | {"_ModerationStatus": state}
    read_as = reading(block=replace(BLOCK, **block), content_id=content)
    return document(fields=fields, read_as=read_as, version=stands)


def unread(state: ReadState, why: str) -> Document:
    return document(read_as=Reading(state, why=why))


OPEN = context("working")
POLICY = beside(DocumentType="Policy")
OLD = (Amendment("V0.1", "12/01/2025"), Amendment("V1", "02/03/2025"), Amendment("V2", "x"))
STRICT = context()
STRICT = replace(
    STRICT,
    standard=STRICT.standard.model_copy(
        update={"types": [one for one in STRICT.standard.types if not one.all_else]}
    ),
)
LATER = (Amendment("V0.1", "01/01/2026"), Amendment("V0.3", "01/02/2026"))
CASES = [
    Case("approval_route", "another body approved", written(approved_by="Core Team 01/03/2026")),
    Case("approval_route", "no listed type",
         replace(written(name="Escalation Matrix", approved_by=""), fields={})),
    Case("approval_route", "terms of reference of an unknown body",
         replace(written(name="Image Sharing Group Terms of Reference", document_number="ToR-30"),
                 fields={})),
    Case("approval_route", "no type and no way for all else",
         replace(written(name="Escalation Matrix"), fields={}), STRICT),
    Case("approval_route", "nothing recorded",
         replace(written(approved_by=""), fields=IN_ORDER | {"ApprovedBy": ""})),
    Case("approval_route", "the column says another type", beside(DocumentType="Form")),
    Case(
        "checked_out",
        "for days",
        replace(document(), checked_out_by=Person("1", "Sam Price", "sam.price@dgft.nhs.example")),
        context(checked_out_since=date(2026, 11, 20)),
    ),
    Case("control_block", "none", document(read_as=reading(block=None))),
    Case("control_block", "none, and another text", document(read_as=reading(block=None)),
         context(number="Gov-11", strays=True,
                 past=Past(contents=frozenset({"before"}), had_block=True))),
    Case("control_block", "another number", document(), context(number="Gov-12")),
    Case("control_block", "gaps", written(name="", date_adopted="soon", document_number="?")),
    Case("control_block", "empty columns", document(fields=EMPTY)),
    Case("control_block", "columns differ", beside(DateAdopted="2026-01-01", ApprovedBy="Me")),
    Case("control_block", "review date differs", beside(ReviewDate="2026-12-01")),
    Case("dead_reference", "two", plain(text="See ToR-02 and Op-03."),
         context(cited={"ToR-02": "superseded", "Op-03": "not in the registry"})),
    Case("document_number", "none yet", plain()),
    Case("document_number", "column", document(fields=EMPTY, read_as=reading(block=None)),
         context(number="Gov-11")),
    Case("document_number", "given", written(document_number=""), context(number="Gov-11")),
    Case("document_number", "given, words in its place", written(document_number="tbc"),
         context(number="Gov-11")),
    Case("document_number", "far", document(),
         context(unclaimed=Unclaimed("Gov-911", "far", "Gov-12"))),
    Case("document_number", "lapsed", document(), context(unclaimed=Unclaimed("Gov-11", "lapsed"))),
    Case("document_number", "void", document(), context(unclaimed=Unclaimed("Gov-11", "void"))),
    Case("equality_assessment", "none", POLICY),
    Case("equality_assessment", "incomplete", POLICY,
         context(impact=Impact(date(2026, 2, 1), ("Age", "Disability")))),
    Case("equality_assessment", "old",
         document(fields=POLICY.fields, version="2.0",
                  read_as=reading(block=replace(BLOCK, version="V2", history=OLD))),
         context(impact=Impact(date(2025, 1, 1)))),
    Case("external_sharing", "anyone", shared("anonymous"), OPEN),
    Case("external_sharing", "organisation and outsider",
         shared("organization", people=("someone@elsewhere.example",)), OPEN),
    Case("external_sharing", "crowds",
         replace(plain(), audience=Audience(crowds=tuple(
             Crowd(n, scope) for n, scope in enumerate(("everyone", "organization", "group"))))),
         OPEN),
    Case("file_name", "wrong", document("strategy final.docx")),
    Case("file_name", "taken", document("strategy final.docx"),
         context(taken=frozenset({"gov-11 document control strategy v1.docx"}))),
    Case("file_name", "another's", document("strategy.docx"),
         context(holders={"Gov-11": holder("Gov-11")})),
    Case("file_name", "number not given", document("strategy.docx"),
         context(unclaimed=Unclaimed("Gov-11", "far"))),
    Case("file_name", "path too long", replace(document("strategy.docx"), folder="x" * 380)),
    Case("file_name", "unknown", plain()),
    Case("file_type", "program", plain("setup.exe", kind="program")),
    Case("file_type", "program inside", plain("all.zip", kind="zip", holds=("program",)), OPEN),
    Case("file_type", "macros", plain("rota.docx", kind="docm")),
    Case("file_type", "misnamed", plain("minutes.pdf")),
    Case("file_type", "any zip", plain("minutes.pdf", kind="zip")),
    Case("file_type", "no such", plain("minutes.pptx", kind="other")),
    Case("file_type", "elsewhere", plain("talk.mp4", kind="")),
    Case("file_type", "doubled", plain("minutes.pdf.docx")),
    Case("history_table", "many faults", written(history=(
        Amendment("one", "01/01/2026"), Amendment("V0.3", "soon"), Amendment("V0.2", "01/02/2026"),
        Amendment("V0.4", "01/01/2026")))),
    Case("patient_identifier", "in the text", plain(text="x\nNHS number 943 476 5919"), OPEN),
    Case("patient_identifier", "in the name", plain("NHS 943 476 5919.docx"), OPEN),
    Case("patient_identifier", "perhaps", plain(text="Our figure is 9434765919"), OPEN),
    Case("publication", "past the boards", moderated("1.0", "0"), context(decisions=(NOB,))),
    Case("publication", "seal broken", moderated("0.3", "3", "c2"), context(decisions=(NOB, NEB))),
    Case("publication", "block before", moderated("0.3", "3", version="V0.3"),
         context(decisions=(NOB,))),
    Case("publication", "block after", moderated("0.3", "3"), context(decisions=(NOB, NEB))),
    Case("required_metadata", "filled in", beside(DocumentType="", DocumentNumber="")),
    Case("required_metadata", "asked for",
         document(fields=EMPTY | {"DocumentType": "Strategy"},
                  read_as=reading(block=replace(BLOCK, approved_by="", target_audience="")))),
    Case("retention", "too early", beside(DocumentStatus="Disposed")),
    Case("retention", "may go",
         document(fields=IN_ORDER | {"DocumentStatus": "Archived"},
                  read_as=reading(block=replace(BLOCK, date_adopted="02/03/2020"))), kept(1)),
    Case("review_date", "none", document(fields=IN_ORDER | {"ReviewDate": ""},
                                         read_as=reading(block=replace(BLOCK, review_date="")))),
    Case("review_date", "passed", beside(ReviewDate="2026-11-01")),
    Case("review_date", "before adoption", replace(
        written(date_adopted="02/03/2027"), fields=IN_ORDER | {"ReviewDate": "2027-03-01"})),
    Case("review_date", "put off", beside(ReviewDate="2027-05-01"), put_off()),
    Case("review_date", "too far", beside(ReviewDate="2036-03-01")),
    Case("sensitive_in_open_place", "column", beside(Sensitivity="Official-Sensitive: Commercial"),
         OPEN),
    Case("sensitive_in_open_place", "marked", plain(text="COMMERCIAL IN CONFIDENCE"), OPEN),
    Case("sensitivity_marking", "empty column", plain(text="OFFICIAL-SENSITIVE: PERSONAL"), OPEN),
    Case("sensitivity_marking", "no marking",
         beside(Sensitivity="Official-Sensitive: Personal"), OPEN),
    Case("sensitivity_marking", "differs",
         replace(plain(text="OFFICIAL-SENSITIVE: PERSONAL"), fields={"Sensitivity": "Official"}),
         OPEN),
    Case("staff_personal_data", "several kinds",
         plain(text="Payroll no. 12345678\nMy own mail: a.person@gmail.com"), OPEN),
    Case("staff_personal_data", "in its name", plain("AB123456C.docx", properties="AB123456C"),
         OPEN),
    Case("superseded_in_place", "by its status", beside(DocumentStatus="Superseded")),
    Case("superseded_in_place", "an older one",
         written(document_number="Gov-04", version="V1"), context(holders={"Gov-04": GOV_04})),
    Case("uncontrolled_copy", "same content", document(), context(copies=(COPY,))),
    Case("uncontrolled_copy", "derived", plain(text="x"), replace(OPEN, alike=Alike(GOV_04, 0.93))),
    Case("uncontrolled_copy", "overwritten", document(), context(
        number="Gov-11", copies=(COPY,), past=Past(contents=frozenset({"c0"})))),
    Case("uncontrolled_copy", "nearly overwritten", document(), context(
        number="Gov-11", alike=Alike(GOV_04, 0.97, instead=True), past=Past(contents=frozenset("0"))
    )),
    Case("uncontrolled_copy", "claims a number", document(
        version="3.0", fields={},
        read_as=reading(block=replace(BLOCK, document_number="Gov-04", version="V3"))),
        context(holders={"Gov-04": GOV_04})),
    Case("uncontrolled_copy", "an earlier version", written(document_number="Gov-04"),
         context(holders={"Gov-04": GOV_04})),
    Case("version_label", "column", beside(VersionLabel="V0.3")),
    Case("version_label", "empty column", beside(VersionLabel="")),
    Case("version_label", "not what is published", written(version="V3")),
    Case("version_label", "not what a draft may carry",
         document(read_as=reading(block=replace(BLOCK, version="V3")), version="0.1")),
    Case("version_label", "older than its history",
         document(version="0.2", fields=EMPTY,
                  read_as=reading(block=replace(BLOCK, version="V0.2", history=LATER)))),
    Case("version_label", "used before",
         document(), context(past=Past(published={"V1": "another"}))),
    Case("version_label", "goes back",
         document(version="0.2", read_as=reading(block=replace(BLOCK, version="V0.2", history=()))),
         context(past=Past(published={"V1": "another"}))),
    Case("wiped_columns", "two", beside(DocumentType="", Sensitivity=""),
         context(past=Past(emptied={"Sensitivity": "Official", "DocumentType": "Strategy"}))),
    Case("reading", "encrypted",
         unread(ReadState.ENCRYPTED, "The file is protected by a password.")),
    Case("reading", "scan", unread(ReadState.NO_TEXT, "The file holds pictures of pages only.")),
    Case("reading", "unknown", replace(document(), reading=None)),
]  # fmt: skip
