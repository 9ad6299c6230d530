"""The plainest scenarios of the table, told once in `make test`."""

import pytest

from tests.scenarios.endings import differences
from tests.scenarios.play import play
from tests.scenarios.table import PLAIN, STORIES

pytestmark = pytest.mark.xdist_group("scenarios")
RULES = [story.rule for one in PLAIN for story in one.stories]


@pytest.fixture(scope="module")
def told(prepared, tmp_path_factory):
    return play(prepared, tmp_path_factory.mktemp("plain") / "site", PLAIN)


@pytest.mark.parametrize("rule", RULES)
def test_the_rule_holds(told, rule):
    assert differences(STORIES[rule], told.looks[rule], told.rows[rule]) == []
