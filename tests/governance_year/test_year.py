"""A whole governance year: everything that is due happens once, on its day, and nothing else does.

The run's events are held twice: word for word against year.txt, which people can read, and against
what `expected.py` works out from the tables alone. `python -m tests.governance_year.year` writes
year.txt anew after a change that is meant.
"""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from tests.governance_year import expected, facts, year
from tests.governance_year.events import KINDS_OF_EVENTS, text

pytestmark = pytest.mark.timeout(900)
"""The fixture lives through the whole year: some three minutes on a busy machine."""


@pytest.fixture(scope="module", name="came")
def _came(tmp_path_factory):
    return asyncio.run(year.run(tmp_path_factory.mktemp("year"), facts.Year()))


@pytest.fixture(scope="module", name="due")
def _due():
    return expected.events(facts.Year())


def test_the_year_has_its_documents_risks_bodies_and_meetings():
    assert len({one.number for one in facts.PAPERS}) == 40
    assert len({one.title for one in facts.RISKS}) == 30
    assert len({(one.board, one.on) for one in facts.MEETINGS}) == 60
    sites = {one.site for one in facts.TASKS} | {one.board for one in facts.MEETINGS}
    assert len(sites) == 8


@pytest.mark.parametrize("kind", KINDS_OF_EVENTS)
def test_what_is_due_comes_once_on_its_day_and_nothing_else_comes(came, due, kind):
    found, wanted = (Counter(one for one in some if one.kind == kind) for some in (came, due))
    assert wanted, "the tables have something of each kind"
    missing, more = sorted((wanted - found).elements()), sorted((found - wanted).elements())
    assert (missing, more) == ([], [])


def test_the_events_are_those_of_the_golden_file(came):
    assert text(came) == year.GOLDEN.read_text(encoding="utf-8")
