"""A file put right is left alone: no policy corrects what its own remedies have made."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sharepoint_schema.labels import Label
from sync.model import ORDER, Past, in_order
from sync.policies import judge, policies
from tests.policies.kit import (
    BLOCK,
    CONTROLLED,
    NAME,
    context,
    corrections,
    document,
    holder,
    put_right,
    reading,
)

LABELS = ["", "V0.1", "V0.3", "V1", "V1.1", "V2", "v1.0", "final", "3"]
DATES = ["", "06/11/2023", "06/11/2024", "02/03/2027", "31/02/2024", "2026-06-05T23:00:00Z", "soon"]
NUMBERS = ["", "Gov-04", "Gov-11", "ToR-03", "Xx-01", "Gov 4"]
TEXTS = [
    "",
    "COMMERCIAL IN CONFIDENCE",
    "NHS number 999 123 4578",
    "row 9434765919",
    "tender evaluation, preferred bidder",
]
words = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=40
) | st.sampled_from(["Document Control Strategy", "Digital Board Terms of Reference", 'a "b"/c'])

blocks = st.none() | st.builds(
    lambda **rows: replace(BLOCK, **rows),
    name=words,
    version=st.sampled_from(LABELS),
    date_adopted=st.sampled_from(DATES),
    review_date=st.sampled_from(DATES),
    document_number=st.sampled_from(NUMBERS),
    approved_by=words | st.just(BLOCK.approved_by),
    target_audience=words | st.text(min_size=250, max_size=300),
)
columns = st.fixed_dictionaries(
    {},
    optional={
        "DocumentNumber": st.sampled_from(NUMBERS),
        "VersionLabel": st.sampled_from(LABELS),
        "DateAdopted": st.sampled_from(DATES) | st.dates(date(2000, 1, 1), date(2090, 1, 1)),
        "ReviewDate": st.sampled_from(DATES),
        "ApprovedBy": words,
        "TargetAudience": words,
        "DocumentType": st.sampled_from(["", "Policy", "Strategy", "Tale"]),
        "Sensitivity": st.sampled_from(["", "Commercially sensitive"]),
        "Title": words,
    },
)
names = st.sampled_from(
    [NAME, "x.docx", "Gov-04_old v2.docx", "ToR-03 (final).PDF", "noextension", "~$lock.docx"]
) | words.map(lambda text: f"{text or 'a'}.docx")
documents = st.builds(
    lambda name, fields, block, text, version: document(
        name, fields=fields, read_as=reading(text, block), version=version
    ),
    names,
    columns,
    blocks,
    st.sampled_from(TEXTS),
    st.sampled_from(["", "0.1", "1.0", "1.2", "2.0"]),
)
pasts = st.builds(
    Past,
    published=st.dictionaries(st.sampled_from(["V1", "V2"]), st.sampled_from(["c1", "old"])),
    highest=st.sampled_from([None, Label(0, 3), Label(1, 1)]),
    contents=st.frozensets(st.sampled_from(["c1", "old"])),
    emptied=st.fixed_dictionaries(
        {},
        optional={
            "DateAdopted": st.sampled_from(["2026-03-02", "soon"]),
            "ReviewDate": st.sampled_from(["2027-03-02", "2027-09-01"]),
            "DocumentType": st.sampled_from(["Policy", "policy", "Tale"]),
            "ApprovedBy": words,
            "TargetAudience": words,
            "Sensitivity": st.just("Official-Sensitive: Commercial"),
        },
    ),
)
contexts = st.builds(
    lambda kind, number, held, taken, past: context(
        kind,
        number=number,
        holders={one.number: one for one in held},
        taken=frozenset(taken),
        past=past,
    ),
    st.sampled_from(["controlled", "working", "restricted", "quarantine"]),
    st.sampled_from(["", "", "", "Gov-11"]),
    st.lists(st.sampled_from([holder("Gov-04"), holder("Gov-11", content_id="c1")]), max_size=2),
    st.lists(st.just(NAME.lower()), max_size=1),
    pasts,
)


@pytest.mark.parametrize("policy", sorted(CONTROLLED))
@given(subject=documents, around=contexts)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_file_put_right_by_a_policy_is_left_alone_by_it(policy, subject, around):
    findings = judge(subject, around, {policy})
    right, after = put_right(subject, around, findings)
    assert corrections(judge(right, after, {policy})) == []


@given(subject=documents, around=contexts)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_file_put_right_by_all_policies_is_left_alone_by_all(subject, around):
    right, after = put_right(subject, around, judge(subject, around))
    assert corrections(judge(right, after)) == []


@given(subject=documents, around=contexts)
@settings(max_examples=60, deadline=None)
def test_no_two_remedies_of_a_verdict_write_different_values(subject, around):
    written: dict[str, object] = {}
    for remedy in corrections(judge(subject, around)):
        for column, value in getattr(remedy, "values", {}).items():
            assert written.setdefault(column, value) == value


@given(subject=documents, around=contexts)
@settings(max_examples=60, deadline=None)
def test_remedies_run_in_the_agreed_order(subject, around):
    remedies = in_order(r for f in judge(subject, around) for r in f.remedies)
    ranks = [ORDER.index(type(remedy)) for remedy in remedies]
    assert ranks == sorted(ranks)


@given(subject=documents, around=contexts)
@settings(max_examples=60, deadline=None)
def test_every_finding_is_told_in_words_with_its_policy(subject, around):
    for finding in judge(subject, around):
        assert finding.policy in policies()
        assert all((finding.says, finding.expected, finding.how, finding.version))
