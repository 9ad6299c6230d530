"""The table of all scenarios: what staff do, and what must have become of it (issue 5)."""

from __future__ import annotations

from dataclasses import replace

from tests.scenarios.telling import Play
from tests.scenarios.told_exceptions import CLICKED, EXCEPTIONS, LAPSING
from tests.scenarios.told_lives import LIVES
from tests.scenarios.told_modes import OBSERVED, PAUSED, WARNED
from tests.scenarios.told_names import NAMES
from tests.scenarios.told_places import PLACES
from tests.scenarios.told_records import RECORDS

ENFORCE = 'modes: {"*": enforce, approval_route: warn, review_date: warn}\n'
WARN, OBSERVE = 'modes: {"*": warn}\n', 'modes: {"*": observe}\n'

PLAYS = (
    Play("in force", ENFORCE, (*NAMES, *LIVES, *RECORDS, *PLACES)),
    Play("excepted", ENFORCE, EXCEPTIONS),
    Play("paused", ENFORCE, PAUSED),
    Play("clicked", WARN, CLICKED),
    Play("warned", WARN, (*WARNED, *LAPSING), days=100),
    Play("observed", OBSERVE, OBSERVED),
)
STORIES = {story.rule: story for play in PLAYS for story in play.stories}
PLAIN = tuple(
    replace(play, stories=tuple(story for story in play.stories if story.plain))
    for play in PLAYS
    if any(story.plain for story in play.stories)
)
