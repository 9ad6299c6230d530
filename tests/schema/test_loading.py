"""Every problem of a file is told at once, each with its line, its place and the way out."""

import pytest
from pydantic import Field

from sharepoint_schema.loading import parse_record, read_record
from sharepoint_schema.problems import SchemaProblems
from sharepoint_schema.record import Code, Line, Record
from sharepoint_schema.rules import Choices, Reference, Unique


class Ward(Record):
    code: Code
    name: Line
    beds: int = 0
    next: Code | None = None


class Hospital(Record):
    name: Line
    wards: tuple[Ward, ...]
    modes: dict[str, str] = Field(default_factory=dict)


RULES = (
    Unique("wards[*].code"),
    Reference("wards[*].next", "wards[*].code"),
    Choices("modes.{wards[*].code}", ("open", "shut"), "a ward is open or shut"),
)


def refusals(text):
    with pytest.raises(SchemaProblems) as refusal:
        parse_record(text, "hospital.yaml", Hospital, RULES)
    return [str(problem) for problem in refusal.value.problems]


def test_every_problem_of_a_file_is_told_at_once_with_its_line():
    text = """\
nom: Russells Hall
wards:
  - code: A1
    name: Ward A1
    beds: "ten"
  - code: a1
    name: 7
    next: B2
    colour: blue
modes:
  A1: ajar
"""
    assert refusals(text) == [
        "hospital.yaml:1: name: field required (add it)",
        "hospital.yaml:1: nom: extra inputs are not permitted (remove it, or correct its spelling)",
        (
            "hospital.yaml:5: wards[0].beds: 'ten': input should be a valid integer"
            " (write a whole number without quotes)"
        ),
        "hospital.yaml:6: wards[1].code: 'a1' is there already (give each entry its own)",
        (
            "hospital.yaml:7: wards[1].name: 7: input should be a valid string"
            " (write words; put quotes around a number or yes/no)"
        ),
        "hospital.yaml:8: wards[1].next: 'B2' is not declared at wards[*].code (use one of A1, a1)",
        (
            "hospital.yaml:9: wards[1].colour: extra inputs are not permitted"
            " (remove it, or correct its spelling)"
        ),
        "hospital.yaml:11: modes.A1: 'ajar': a ward is open or shut (use open or shut)",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: [", "hospital.yaml:1: (file): while parsing a flow"),
        ("name: a\nname: b\n", "hospital.yaml:2: (file): while constructing a mapping"),
        ("name: a\n\tb: c\n", "hospital.yaml:2: (file):"),
        ("- a\n- b\n", "hospital.yaml:1: (file):"),
        ("", "hospital.yaml:1: name: field required"),
    ],
)
def test_what_is_no_yaml_mapping_is_a_problem_like_another(text, said):
    assert refusals(text)[0].startswith(said)


@pytest.mark.parametrize("value", ["!!binary aGVsbG8=", "!!set {a, b}", ".nan", "2026-10-14"])
def test_a_value_of_a_strange_kind_is_a_problem_and_no_crash(value):
    text = f"name: RHH\nwards: [{{code: A1, name: Ward, beds: {value}}}]\n"
    assert refusals(text)


def test_a_file_that_is_not_utf_8_is_a_problem(tmp_path):
    file = tmp_path / "hospital.yaml"
    file.write_bytes(b"name: \xff\xfe\n")
    with pytest.raises(SchemaProblems, match="save the file as UTF-8"):
        read_record(file, Hospital)


def test_a_near_miss_is_pointed_at():
    text = "name: RHH\nwards:\n- {code: imaging, name: Imaging, next: imagin}\n"
    assert refusals(text) == [
        (
            "hospital.yaml:3: wards[0].next: 'imagin' is not declared at wards[*].code"
            " (did you mean 'imaging'?)"
        )
    ]


def test_a_sound_file_is_a_frozen_record():
    record = parse_record("name: RHH\nwards: [{code: A1, name: x}]\n", "h.yaml", Hospital, RULES)
    assert record == Hospital(name="RHH", wards=(Ward(code="A1", name="x"),))
    with pytest.raises(ValueError, match="frozen"):
        record.name = "other"
