"""The shipped standard says what the governance strategy says."""

import pytest

from sharepoint_schema.loading import DATA, parse_record
from sharepoint_schema.naming import NameFormat
from sharepoint_schema.problems import SchemaProblems
from sharepoint_schema.standard import RULES, Standard, load_standard

STANDARD = load_standard()
TEXT = (DATA / "standard.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Core Team Face to Face meeting 31/10/23", "NCT"),
        ("Network Executive Board, 06/11/2023", "NEB"),
        ("operational  board", "NOB"),
        ("Clinical Directors\u2019 Forum", "CDF"),
        ("NEB", "NEB"),
        ("the Nebulous board", None),
        ("", None),
    ],
)
def test_a_body_is_known_by_any_of_its_spellings(text, code):
    body = STANDARD.body_in(text)
    assert (body.code if body else None) == code


@pytest.mark.parametrize(
    ("title", "series", "code"),
    [
        ("WMIN Governance Strategy", "Gov", "strategy"),
        ("Document control strategy", "Gov", "strategy"),
        ("Data sharing policy", "Gov", "policy"),
        ("Procedure for initiating a clinical SIG", "Gov", "procedure"),
        ("Policy and strategy procedure", None, "procedure"),
        ("Clinical procedure for contrast", None, "clinical_procedure"),
        ("Operational Board terms of reference", "ToR", "terms_of_reference"),
        ("Executive Board", "ToR", "terms_of_reference"),
        ("Risk register", "Gov", "register"),
        ("Work programme", "Op", "plan"),
        ("Planning notes", "Op", None),
    ],
)
def test_the_last_noun_of_a_title_shows_its_type(title, series, code):
    kind = STANDARD.type_of(title, series)
    assert (kind.code if kind else None) == code


@pytest.mark.parametrize(
    ("code", "recommended", "approved"),
    [
        ("policy", "NOB", "NEB"),
        ("strategy", "NOB", "NEB"),
        ("procedure", None, "NOB"),
        ("clinical_guideline", None, "NOB"),
        ("position_statement", None, "NOB"),
        ("form", None, "NCT"),
    ],
)
def test_the_ratification_matrix_is_the_strategys(code, recommended, approved):
    kind = STANDARD.type(code)
    approver = STANDARD.approver_of(kind)
    assert (kind.recommended_by, approver.code if approver else None) == (recommended, approved)


@pytest.mark.parametrize(
    ("title", "approver"),
    [
        ("Operational Board terms of reference", "NEB"),
        ("Clinical Directors' Forum terms of reference", "NOB"),
        ("Executive Board terms of reference", "NEB"),
        ("Image Sharing Working Group terms of reference", None),
        ("terms of reference", None),
    ],
)
def test_terms_of_reference_are_approved_by_the_parent_board(title, approver):
    body = STANDARD.approver_of(STANDARD.type("terms_of_reference"), title)
    assert (body.code if body else None) == approver


@pytest.mark.parametrize("name", ["~$Gov-04.docx", "x.TMP", "link.url", "Home.aspx", "desktop.ini"])
def test_what_is_no_document_is_ignored(name):
    assert STANDARD.ignores(name)


@pytest.mark.parametrize("name", ["Gov-04 WMIN Governance Strategy V1.docx", "a~b.pdf", "notes"])
def test_what_is_a_document_is_not_ignored(name):
    assert not STANDARD.ignores(name)


@pytest.mark.parametrize(
    ("address", "internal"),
    [
        ("helen.ward@dgft.nhs.example", True),
        ("x@imaging.trust02.NHS.example", True),
        ("x@supplier.example", False),
        ("x@notdgft.nhs.example.com", False),
        ("x@xdgft.nhs.example", False),
        ("", False),
    ],
)
def test_internal_is_the_member_organisations(address, internal):
    assert STANDARD.is_internal(address) is internal


def test_fifteen_trusts_and_six_boards_are_members():
    assert len(STANDARD.internal_domains) == 21


def test_containment_enforces_and_all_else_warns_as_shipped():
    """Nobody is warned before what an upload wiped is put back: it is what staff filled in.

    What follows from other columns of a register is worked out at once, too.
    """
    modes = dict(STANDARD.modes)
    worked_out = {"row_computed", "quorum", "retention_schedule", "disposal", "acknowledged"}
    confidential = {"row_patient_identifier", "intake"}
    enforced = {*STANDARD.contains_first, "wiped_columns", *worked_out, *confidential}
    assert {modes.pop(name) for name in enforced} == {"enforce"}
    assert set(modes.values()) == {"warn"}


def test_until_a_retention_period_is_set_there_is_none():
    assert {STANDARD.retention.years_of(kind.code) for kind in STANDARD.types} == {None}


def test_every_marking_of_a_column_that_is_not_open_closes_a_file():
    closing = {text for one in STANDARD.sensitivity.columns if not one.open_too
               for text in one.markings}  # fmt: skip
    assert closing == set(STANDARD.sensitivity.markings)


def test_the_shipped_format_is_the_agreed_one():
    assert STANDARD.name_format == NameFormat("{number} {title} {label}.{ext}")


def test_every_possible_risk_score_has_one_band():
    scores = {a * b for a in range(1, 6) for b in range(1, 6)}
    for score in scores:
        assert len([b for b in STANDARD.bands if b.lowest <= score <= b.highest]) == 1, score


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("reports_to: NEB", "reports_to: NEC", "'NEC' is not declared at bodies[*].code"),
        ("code: ToR,", "code: gov,", "'gov' is there already"),
        (
            "patient_identifier: enforce",
            "patient_identifier: warn",
            "know only observe and enforce",
        ),
        ("file_name: warn", "file_name: strict", "'strict': input should be"),
        ("{number} {title}", "{number}{title}", "is not a name format"),
        ("seconds: 20", "seconds: 0", "0: input should be greater"),
    ],
)
def test_a_standard_that_contradicts_itself_is_refused(old, new, said):
    assert old in TEXT
    with pytest.raises(SchemaProblems) as refusal:
        parse_record(TEXT.replace(old, new, 1), "standard.yaml", Standard, RULES)
    assert said in str(refusal.value)


def test_an_unknown_code_is_a_key_error():
    with pytest.raises(KeyError, match="XYZ"):
        STANDARD.body("XYZ")
