"""Labels are written one way, read tolerantly, and ordered as versions follow one another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharepoint_schema.labels import Label

labels = st.builds(Label, st.integers(1, 9999), st.integers(0, 9999)) | st.builds(
    Label, st.just(0), st.integers(1, 9999)
)


@given(labels)
def test_a_label_survives_being_written_and_read(label):
    assert Label.parse(str(label)) == label


@pytest.mark.parametrize(
    "text",
    [
        "",
        "V0",
        "V1.0",
        "v1",
        "1",
        "V01",
        "V1.01",
        "V1 ",
        "V0.0",
        "V1.2.3",
        "Version 1",
        "V\u0663",
        "V1\u0663",
    ],
)
def test_any_other_spelling_is_refused_and_quoted(text):
    with pytest.raises(ValueError, match="is not a version label such as") as refusal:
        Label.parse(text)
    assert repr(text) in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("V1", Label(1)),
        ("v1.0", Label(1)),
        ("Version 0.3", Label(0, 3)),
        ("2", Label(2)),
        ("v.1.1", Label(1, 1)),
        ("0.0", None),
        ("final", None),
        ("1.2.3", None),
    ],
)
def test_a_label_is_read_as_people_type_it(text, label):
    assert Label.read(text) == label


def test_labels_are_ordered_as_versions_follow_one_another():
    written = ["V0.1", "V0.2", "V0.10", "V1", "V1.1", "V2"]
    assert [str(one) for one in sorted(map(Label.parse, reversed(written)))] == written


@given(labels)
def test_only_a_whole_number_is_published(label):
    assert label.published == ("." not in str(label))


def test_there_is_no_version_before_the_first_draft():
    with pytest.raises(ValueError, match=r"the first is V0\.1"):
        Label(0, 0)
