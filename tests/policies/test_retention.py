"""Nothing is disposed of before its retention ends."""

from dataclasses import replace
from datetime import date

import pytest

from sharepoint_schema.standard import Period, load_standard
from sync.model import Severity
from sync.policies.retention import check, term_of
from tests.policies.kit import IN_ORDER, context, document

STANDARD = load_standard()


def kept(years, default=None):
    periods = tuple(Period(type=kind, years=count) for kind, count in years.items())
    retention = STANDARD.retention.model_copy(update={"periods": periods, "default_years": default})
    return STANDARD.model_copy(update={"retention": retention})


def with_status(status):
    return document(fields=IN_ORDER | {"DocumentStatus": status})


@pytest.mark.parametrize(
    ("years", "default", "adopted", "until"),
    [
        ({"policy": 10}, None, date(2020, 3, 2), date(2030, 3, 2)),
        ({}, 6, date(2020, 3, 2), date(2026, 3, 2)),
        ({}, 1, date(2024, 2, 29), date(2025, 3, 1)),
        ({}, None, date(2020, 3, 2), None),
        ({}, 6, None, None),
    ],
)
def test_the_years_count_from_the_adoption_by_type(years, default, adopted, until):
    assert term_of(kept(years, default), "policy", adopted).until == until


def test_a_document_marked_as_disposed_of_too_early_is_stopped():
    (finding,) = check(with_status("Disposed"), context())
    assert finding.severity is Severity.STOP
    assert "it is kept until a period is set" in finding.says


def test_a_document_past_its_retention_is_noted_and_nothing_more():
    later = replace(context(), today=date(2040, 1, 1), standard=kept({"strategy": 10}))
    (finding,) = check(with_status("Archived"), later)
    assert not finding.counts
    assert finding.says == "The document was to be kept until 02/03/2036."


@pytest.mark.parametrize("status", ["", "Current", "Superseded"])
def test_what_is_kept_in_its_time_is_left_alone(status):
    assert list(check(with_status(status), context())) == []
