"""Every scenario of the table, once as it comes and once in trouble, with the same final state.

In trouble 30 % of the notifications are dropped, and as many doubled, late and out of order; queue
messages are doubled and shuffled, and two workers take them. The timers are the net.
"""

import pytest

from tests.scenarios.endings import differences
from tests.scenarios.play import play
from tests.scenarios.table import PLAYS, STORIES
from tests.scenarios.theatre import Trouble

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.xdist_group("scenarios"),
    pytest.mark.timeout(900),
]
LEAST = 60
"""How many stories issue 5 asks for."""
ON_THE_WAY = frozenset({"journal"})
"""What tells how a file came to where it is: trouble may show a file gone before it is met anew."""


@pytest.fixture(scope="module")
def told(prepared, tmp_path_factory):
    return play(prepared, tmp_path_factory.mktemp("told") / "site", PLAYS, audited=True)


@pytest.fixture(scope="module")
def troubled(prepared, tmp_path_factory):
    folder = tmp_path_factory.mktemp("troubled") / "site"
    return play(prepared, folder, PLAYS, Trouble(share=0.3, seed=7))


def test_there_are_as_many_stories_as_were_asked_for():
    assert len(STORIES) >= LEAST
    assert len(STORIES) == sum(len(one.stories) for one in PLAYS), "each rule is told once"


@pytest.mark.parametrize("rule", STORIES)
def test_the_rule_holds(told, rule):
    assert differences(STORIES[rule], told.looks[rule], told.rows[rule]) == []


@pytest.mark.parametrize("rule", STORIES)
def test_the_rule_holds_in_trouble_with_the_same_final_state(told, troubled, rule):
    found, right = troubled.looks[rule], told.looks[rule]
    facts = [(key, name) for key in right for name in right[key] if name not in ON_THE_WAY]
    changed = [one for one in facts if found[one[0]].get(one[1]) != right[one[0]][one[1]]]

    assert {one: found[one[0]].get(one[1]) for one in changed} == {
        one: right[one[0]][one[1]] for one in changed
    }
    assert troubled.rows[rule] == told.rows[rule]


@pytest.mark.parametrize("rule", STORIES)
def test_an_audit_of_what_was_judged_changes_nothing(told, rule):
    assert told.audited[rule] == told.looks[rule]


def test_no_mail_is_sent_twice(told, troubled):
    assert (told.doubled, troubled.doubled) == ([], [])
