"""Documents and contexts for the policies' tests, and the remedies applied to a plain value."""

from dataclasses import replace
from datetime import date

from local.demo.documents import Sample
from sharepoint_schema.standard import load_standard
from sync.model import (
    Amendment,
    Area,
    Contain,
    Context,
    ControlBlock,
    Document,
    Finding,
    Holder,
    Move,
    Reading,
    ReadState,
    Rename,
    SetColumns,
    Tell,
    in_order,
)
from sync.reading.limits import Limits
from sync.reading.read import read

TODAY = date(2026, 11, 24)
OPEN = frozenset({"sensitive_in_open_place", "patient_identifier", "uncontrolled_copy"})
CONTROLLED = OPEN | {
    "file_name",
    "version_label",
    "control_block",
    "approval_route",
    "review_date",
    "required_metadata",
    "wiped_columns",
    "history_table",
    "equality_assessment",
    "sensitivity_marking",
    "dead_reference",
    "superseded_in_place",
    "document_number",
    "retention",
}

BLOCK = ControlBlock(
    name="Document Control Strategy",
    version="V1",
    date_adopted="02/03/2026",
    review_date="02/03/2027",
    document_number="Gov-11",
    approved_by="Network Executive Board 02/03/2026, on the recommendation of the"
    " Network Operational Board 05/02/2026",
    target_audience="all staff of the network",
    history=(Amendment("V0.1", "12/01/2026"), Amendment("V1", "02/03/2026")),
)
IN_ORDER = {
    "Title": "Document Control Strategy",
    "DocumentNumber": "Gov-11",
    "VersionLabel": "V1",
    "DocumentType": "Strategy",
    "DateAdopted": "2026-03-02T00:00:00Z",
    "ReviewDate": "2027-03-02T00:00:00Z",
    "ApprovedBy": BLOCK.approved_by,
    "TargetAudience": BLOCK.target_audience,
}
NAME = "Gov-11 Document Control Strategy V1.docx"


def area(kind="controlled"):
    policies = CONTROLLED if kind == "controlled" else OPEN
    return Area(kind, kind, kind.title(), policies, path_length=40)


def context(kind="controlled", **more):
    return Context(today=TODAY, standard=load_standard(), area=area(kind), **more)


def reading(text="", block=BLOCK, **more):
    return Reading(
        ReadState.READ, text=text, block=block, **{"content_id": "c1", "kind": "docx"} | more
    )


def document(name=NAME, *, fields=None, read_as=None, version="1.0", **more):
    return Document(
        site="core",
        list_id="l",
        item_id="1",
        document_id=more.pop("document_id", "me"),
        name=name,
        size=1,
        sharepoint_version=version,
        fields=IN_ORDER if fields is None else fields,
        reading=read_as or reading(),
        **more,
    )


def uploaded(sample: Sample, *, document_id="me"):
    """The sample as it lies in its library right after staff uploaded it."""
    return Document(
        site="core",
        list_id="l",
        item_id="1",
        document_id=document_id,
        name=sample.name,
        size=len(sample.data),
        sharepoint_version="1.0" if sample.publish else "0.1",
        fields=dict(sample.columns),
        reading=read(sample.data, sample.name, Limits()),
    )


def holder(number="Gov-04", **more):
    return Holder(**{"document_id": "other", "number": number, "content_id": "other"} | more)


def put_right(subject: Document, around: Context, findings: list[Finding]):
    """Apply the remedies to the plain values, as the tenant would."""
    for remedy in in_order(remedy for finding in findings for remedy in finding.remedies):
        match remedy:
            case Rename(name):
                subject = replace(subject, name=name)
            case SetColumns(values):
                subject = replace(subject, fields=dict(subject.fields) | dict(values))
            case Move(to):
                around = replace(around, area=area(to))
            case Contain() | Tell():
                pass
    return subject, around


def corrections(findings: list[Finding]):
    return [r for f in findings for r in f.remedies if not isinstance(r, Tell)]
