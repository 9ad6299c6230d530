"""Patterns of personal data are the schema's: a bad one is refused with its line and the reason."""

import pytest

from sharepoint_schema.loading import DATA, parse_record
from sharepoint_schema.problems import SchemaProblems
from sharepoint_schema.standard import RULES, Standard

TEXT = (DATA / "standard.yaml").read_text(encoding="utf-8")
OLD = r"'(?<![\d-])\d{8}(?![\d-])'"


def parsed(new):
    assert TEXT.count(OLD) == 1
    return parse_record(TEXT.replace(OLD, new), "standard.yaml", Standard, RULES)


@pytest.mark.parametrize("pattern", [r"'\b\d{1,99}x\b'", r"'[*+]\+\d'", r"'(?:ab? ?){14}'"])
def test_a_pattern_with_an_end_is_taken(pattern):
    told = [one for sign in parsed(pattern).staff.signs for one in sign.patterns]
    assert pattern.strip("'") in told


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("'(ab'", "is no regular expression: missing ), unterminated subpattern at character 1"),
        ("'[a'", "is no regular expression"),
        (r"'\d{0,8}'", "matches where nothing is"),
        (r"'x\d*'", "repeats without an end"),
        (r"'\w+@x'", "repeats without an end"),
        (r"'x{2,}'", "repeats without an end"),
        (r"'x{1,500}'", "repeats without an end"),
        (r"'x(?:\d{1,9} ?){1,9}y'", "repeats what repeats"),
        (f"'{'x' * 301}'", "at most 300 characters"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused_with_its_place(pattern, said):
    with pytest.raises(SchemaProblems) as refusal:
        parsed(pattern)
    line = next(n for n, one in enumerate(TEXT.splitlines(), 1) if OLD in one)
    assert said in str(refusal.value)
    assert f"standard.yaml:{line}" in str(refusal.value)


def test_two_signs_of_one_code_are_refused():
    with pytest.raises(SchemaProblems, match="'phone' is there already"):
        parse_record(TEXT.replace("code: home", "code: phone"), "standard.yaml", Standard, RULES)
