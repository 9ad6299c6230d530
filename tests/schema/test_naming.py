"""The agreed name is read exactly and written back; a wrong one is guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharepoint_schema.labels import Label
from sharepoint_schema.naming import (
    AGREED,
    FORBIDDEN,
    MAX_PATH,
    DocumentName,
    NameFormat,
    PartialName,
    fits,
    guess_name,
    is_title,
    parse_name,
    tidy_title,
)
from sharepoint_schema.numbers import Number

SERIES = frozenset({"Gov", "ToR", "Op"})
titles = st.text(min_size=1, max_size=60).map(tidy_title).filter(is_title)
labels = st.builds(Label, st.integers(1, 99), st.integers(0, 99))
numbers = st.builds(Number, st.sampled_from(sorted(SERIES)), st.integers(1, 9999))
names = st.builds(DocumentName, numbers, titles, labels, st.sampled_from(["docx", "pdf", "XLSX"]))


@given(names)
def test_a_name_survives_being_written_and_read(name):
    assert parse_name(str(name), SERIES) == name


def test_the_example_of_the_standard_is_a_name():
    text = "Gov-04 WMIN Governance Strategy V1.docx"
    name = parse_name(text, SERIES)
    assert name == DocumentName(Number("Gov", 4), "WMIN Governance Strategy", Label(1), "docx")
    assert str(name) == text


@pytest.mark.parametrize(
    "text",
    [
        "Gov-04_WMIN Governance Strategy V1.docx",
        "Gov-4 WMIN Governance Strategy V1.docx",
        "gov-04 WMIN Governance Strategy V1.docx",
        "Gov-04 WMIN Governance Strategy v1.docx",
        "Gov-04 WMIN Governance Strategy V1.0.docx",
        "Gov-04 WMIN Governance Strategy.docx",
        "Gov-04  WMIN Governance Strategy V1.docx",
        "Gov-04 WMIN  Governance Strategy V1.docx",
        "Gov-04 V1.docx",
        "Gov-04 WMIN Governance Strategy V1",
        "HR-04 WMIN Governance Strategy V1.docx",
        "Copy of Gov-04 WMIN Governance Strategy V1.docx",
        "",
    ],
)
def test_only_the_exact_format_is_a_name(text):
    assert parse_name(text, SERIES) is None


@pytest.mark.parametrize(
    ("text", "guess"),
    [
        (
            "ToR-03_Operational Board terms of reference (final) v1.docx",
            PartialName(Number("ToR", 3), "Operational Board terms of reference", Label(1), "docx"),
        ),
        (
            "gov 4 WMIN_Governance_Strategy version 1.0 FINAL.docx",
            PartialName(Number("Gov", 4), "WMIN Governance Strategy", Label(1), "docx"),
        ),
        (
            "Copy of Op-01 Work programme V0.3 (1).xlsx",
            PartialName(Number("Op", 1), "Work programme", Label(0, 3), "xlsx"),
        ),
        ("Co-op 12 minutes.pdf", PartialName(None, "Co-op 12 minutes", None, "pdf")),
        ("notes", PartialName(None, "notes", None, None)),
        ("v1.docx", PartialName(None, None, Label(1), "docx")),
        ("Gov-00 Nothing v0.docx", PartialName(None, "Gov-00 Nothing v0", None, "docx")),
        ("TOR12345 plan.docx", PartialName(None, "TOR12345 plan", None, "docx")),
    ],
)
def test_a_wrong_name_is_guessed(text, guess):
    assert guess_name(text, SERIES) == guess


@given(names)
def test_an_agreed_name_is_guessed_whole(name):
    guess = guess_name(str(name), SERIES)
    assert (guess.number, guess.label) == (name.number, name.label)
    assert guess.extension == name.extension


@given(st.text(max_size=80))
def test_guessing_never_fails_and_a_tidy_title_stays(text):
    guess = guess_name(text, SERIES)
    assert guess.title is None or tidy_title(guess.title) == guess.title


@pytest.mark.parametrize("character", sorted(FORBIDDEN))
def test_a_title_has_no_character_sharepoint_refuses(character):
    with pytest.raises(ValueError, match="cannot be a title in a file name"):
        DocumentName(Number("Gov", 4), f"a{character}b", Label(1), "docx")
    assert is_title(tidy_title(f"a{character}b"))


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\u200b", "\ufeff", "\x00", "\x7f", "\u00ad"])
def test_a_title_holds_no_character_that_shows_nothing_or_turns_the_reading(sign):
    assert parse_name(f"Gov-04 Strategy {sign}fdp V1.docx", SERIES) is None
    assert guess_name(f"Gov-04 Strategy {sign}fdp V1.docx", SERIES).title == "Strategy fdp"


def test_another_format_is_a_matter_of_the_standard():
    form = NameFormat("{label} {number} - {title}.{ext}")
    name = parse_name("V1 Gov-04 - WMIN Governance Strategy.docx", SERIES, form)
    assert name is not None
    assert str(name) == "V1 Gov-04 - WMIN Governance Strategy.docx"
    assert parse_name(str(name), SERIES, AGREED) is None


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "{number} {title}.{ext}",
        "{number}{title} {label}.{ext}",
        "{ext} {number} {title} {label}",
    ],
)
def test_a_format_that_cannot_be_read_back_is_refused(pattern):
    with pytest.raises(ValueError, match="is not a name format"):
        NameFormat(pattern)


@pytest.mark.parametrize(("length", "fitting"), [(MAX_PATH, True), (MAX_PATH + 1, False)])
def test_a_path_ends_where_sharepoint_ends_it(length, fitting):
    folder = "/sites/core/ControlledDocuments"
    name = "x" * (length - len(folder))
    assert fits(folder, name) is fitting
