"""The files of the story, made when it runs: real .docx, .xlsx and .pdf files, as staff would.

Each function returns a `Sample`. The text is this project's own; the network's governance strategy
is given by its public facts only (number, dates, approval, version history). Files are the same
byte for byte for the same `today`.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from local.demo.writing import Control, to_docx, to_pdf, to_xlsx

CORE_TEAM = "members of core team, operational and executive boards, SIGs and NCAs"
NEB = "Network Executive Board"
NOB = "Network Operational Board"


class Sample(NamedTuple):
    """A file of the story: its name and bytes, the area it is uploaded to.

    `publish`: staff check it in as a major version; `columns`: what staff set beside it.
    """

    name: str
    data: bytes
    area: str = "controlled"
    publish: bool = False
    columns: tuple[tuple[str, str], ...] = ()


def samples(today: date) -> dict[str, Sample]:
    """Return every file of the story by its key; dates are counted from `today`."""
    makers = (
        gov_04,
        gov_04_copy,
        gov_04_twin,
        tor_03_wrong_name,
        draft_v03,
        policy_without_block,
        tender,
        with_nhs_number,
        with_ten_digits,
        growing,
        locked,
        correctly_named,
        terms_as_pdf,
        risk_workbook,
        adopted,
    )
    return {maker.__name__: maker(today) for maker in makers}


def gov_04(_today: date) -> Sample:
    """Make the governance strategy by its facts: right name, wrong route, review overdue."""
    paragraphs = (
        "This strategy says how the imaging network takes its decisions and who answers for them.",
        "Commercially sensitive documents are the exception; they lie in a restricted area.",
        "Policies and strategies go to the executive board once the operational board agrees.",
    )
    return Sample(
        "Gov-04 WMIN Governance Strategy V1.docx",
        to_docx("WMIN Governance Strategy", paragraphs, _strategy("WMIN Governance Strategy")),
        publish=True,
    )


def gov_04_copy(today: date) -> Sample:
    """Make a copy of the strategy among the working papers: the same bytes."""
    return gov_04(today)._replace(area="working", publish=False)


def gov_04_twin(_today: date) -> Sample:
    """Make another file that says it is Gov-04, with other content and a wrong name."""
    paragraphs = ("A second edition of the strategy, edited apart from the first.",)
    return Sample(
        "governance strategy NEW v1.docx",
        to_docx("WMIN Governance Strategy", paragraphs, _strategy("WMIN Governance Strategy")),
    )


def tor_03_wrong_name(today: date) -> Sample:
    """Make the operational board's terms of reference: in order but for the name."""
    title = f"{NOB} Terms of Reference"
    adopted = today - timedelta(days=90)
    control = Control(
        title, "V1", "ToR-03", f"{NEB} {_british(adopted)}", "members of the board"
    ).adopted(adopted)
    paragraphs = ("The board keeps the work programme and reviews all risks of the network.",)
    return Sample(
        "ToR-03_Operational Board terms of reference (final) v1.docx",
        to_docx(title, paragraphs, control),
        publish=True,
    )


def draft_v03(_today: date) -> Sample:
    """Make a draft V0.3 whose Version column still says V0.2."""
    title = "Document Control Strategy"
    history = (("V0.1", "12/05/2026", "First draft"), ("V0.2", "09/07/2026", "Comments taken in"))
    control = Control(title, "V0.3", "Gov-11", "", "all staff of the network", history=history)
    paragraphs = ("Each document has one number, one owner and one current version.",)
    return Sample(
        "Gov-11 Document Control Strategy V0.3.docx",
        to_docx(title, paragraphs, control),
        columns=(("VersionLabel", "V0.2"),),
    )


def policy_without_block(_today: date) -> Sample:
    """Make a policy that carries no control block."""
    title = "Travel and Expenses Policy"
    paragraphs = ("Journeys are booked through the host trust.", "Claims are made within a month.")
    return Sample("Gov-13 Travel and Expenses Policy V0.1.docx", to_docx(title, paragraphs))


def tender(_today: date) -> Sample:
    """Make a tender evaluation that carries its marking and lies in the open."""
    paragraphs = (
        "OFFICIAL-SENSITIVE: COMMERCIAL",
        "Tender evaluation of two bids for mobile scanning.",
        "The preferred bidder has the lowest price for each of the three years.",
        "Evaluation scores are closed until the standstill period is over.",
    )
    return Sample(
        "Mobile scanning tender evaluation.docx",
        to_docx("Mobile scanning: two bids", paragraphs),
        area="working",
    )


def with_nhs_number(_today: date) -> Sample:
    """Make a note that holds a number of the NHS's own test range, 999, with its right check."""
    paragraphs = (
        "Feedback on a referral that was sent to the wrong site.",
        "Patient, NHS number 999 123 4578, seen twice in the same week.",
    )
    return Sample("Referral feedback.docx", to_docx("Referral feedback", paragraphs), "working")


def with_ten_digits(_today: date) -> Sample:
    """Make a list with ten digits that fail the check of an NHS number."""
    rows = (
        ("Scanner", "NHS supply order", "Site"),
        ("MR, 1.5 tesla", "4012345671", "Dudley"),
        ("CT, wide bore", "4012345673", "Walsall"),
    )
    return Sample("Scanner orders.xlsx", to_xlsx("Scanner orders", rows), "working")


def growing(today: date) -> Sample:
    """Make a file that arrives in two steps: 0 bytes first, then this."""
    title = "Procedure for Initiating a Clinical SIG"
    adopted = today - timedelta(days=40)
    control = Control(
        title, "V1", "Gov-12", f"{NOB} {_british(adopted)}", "SIG chairs and facilitators"
    ).adopted(adopted)
    paragraphs = ("A need is put in writing; both directors agree before the board is asked.",)
    return Sample(f"Gov-12 {title} V1.docx", to_docx(title, paragraphs, control), publish=True)


def locked(today: date) -> Sample:
    """Make a wrongly named file that someone keeps open for a while."""
    title = "Clinical Directors' Forum Terms of Reference"
    adopted = today - timedelta(days=60)
    control = Control(
        title, "V1", "ToR-09", f"{NOB} {_british(adopted)}", "clinical directors"
    ).adopted(adopted)
    paragraphs = ("The forum advises the operational board on clinical matters.",)
    return Sample("ToR-09 CDF terms v1.docx", to_docx(title, paragraphs, control), publish=True)


def correctly_named(today: date) -> Sample:
    """Make a workbook whose name, block and route are all right."""
    title = "Network Work Programme"
    adopted = today - timedelta(days=30)
    control = Control(
        title, "V1", "Op-01", f"Core Team meeting {_british(adopted)}", "core team and boards"
    ).adopted(adopted)
    rows = (
        ("Workstream", "Lead", "Quarter"),
        ("Breast imaging", "SIG chair", "Q4"),
        ("Image sharing", "Digital Board", "Q1"),
    )
    return Sample(f"Op-01 {title} V1.xlsx", to_xlsx("Programme", rows, control), publish=True)


def terms_as_pdf(today: date) -> Sample:
    """Make the digital board's terms of reference as a PDF with a text layer."""
    title = "Digital Board Terms of Reference"
    adopted = today - timedelta(days=120)
    control = Control(
        title, "V1", "ToR-08", f"{NEB} {_british(adopted)}", "members of the Digital Board"
    ).adopted(adopted)
    paragraphs = ("The board oversees the digital work programme and its finance in the year.",)
    return Sample(f"ToR-08 {title} V1.pdf", to_pdf(title, paragraphs, control), publish=True)


def risk_workbook(_today: date) -> Sample:
    """Make an ordinary workbook among the working papers: nothing to find."""
    rows = (
        ("Risk", "Likelihood", "Impact", "Score"),
        ("Scanner replacement is delayed", 3, 4, 12),
        ("A training post stays vacant", 2, 3, 6),
    )
    return Sample("Risk workshop notes.xlsx", to_xlsx("Risks", rows), "working")


def adopted(today: date) -> Sample:
    """Make a strategy that is put forward before its boards have met about it."""
    title = "Image Sharing Strategy"
    approval = today - timedelta(days=2)
    control = Control(
        title,
        "V1",
        "Gov-05",
        f"{NEB} {_british(approval)}, on the recommendation of the {NOB}",
        "members of the network",
    ).adopted(approval)
    paragraphs = ("Images follow the patient between the members of the network.",)
    return Sample(f"Gov-05 {title} V1.docx", to_docx(title, paragraphs, control), publish=True)


def _strategy(title: str) -> Control:
    history = (
        ("V0.1", "31/01/2023", "First draft"),
        ("V0.2", "11/04/2023", "Comments of the core team"),
        ("V0.3", "26/04/2023", "Comments of the boards"),
        ("V1", "06/11/2023", "Published"),
    )
    approved = "Core Team Face to Face meeting 31/10/23"
    return Control(
        title, "V1", "Gov-04", approved, CORE_TEAM, "06/11/2023", "06/11/2024", history=history
    )


def _british(when: date) -> str:
    return f"{when:%d/%m/%Y}"
