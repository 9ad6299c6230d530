"""The function app is killed at ten random moments of the day's work, and nothing is lost by it."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import random
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from local.demo.story import ENDINGS, Story
from tests.story import kit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local.demo.stage import Stage

log = logging.getLogger(__name__)
pytestmark = [pytest.mark.story, pytest.mark.xdist_group("story"), pytest.mark.timeout(300)]

SEED = int(os.environ.get("VERGER_STORY_SEED", "20261124"))
KILLS, UPLOADS = 10, len(ENDINGS)
LONGEST_LIFE = 2.0
"""Seconds that the function app may work on, at most, before it is killed again."""
HITS = 2
"""A row is not hit much more often: the fifth death of its worker parks it, as it should."""
LOOK_EVERY = 0.02
IDLE_LIFE = 6.0
"""Seconds until it is killed although it has nothing to do."""
A_DAY = 86_400.0
"""Seconds. Graph drops notifications for a webhook that is often away (wire.md 1.4): then the daily
timer finds what changed, at the latest.
"""
ON_THEIR_OWN = ("arrives in two steps", "keeps it open")
"""Lines of the story that wait for what Verger sees now: no clock is moved meanwhile."""


@dataclass
class Killer:
    """Kills the stage's host again and again, in a thread of its own.

    `busy` is how many of the kills hit work in flight; staff wait at `pace` so that the kills are
    spread over their day.
    """

    stage: Stage
    chance: random.Random
    kills: int = 0
    busy: int = 0
    uploads: int = 0
    error: BaseException | None = None
    _turn: threading.Condition = field(default_factory=threading.Condition)
    _over: threading.Event = field(default_factory=threading.Event)
    _quiet: bool = False

    def pace(self, line: str) -> None:
        """Let staff go on when as many kills were made as belong before this line."""
        with self._turn:
            self._quiet = False
            if " uploads " in line:
                wanted = self.uploads * KILLS // UPLOADS
                self._turn.notify_all()
                self._turn.wait_for(lambda: self.kills >= wanted or self.error, 60)
                self.uploads += 1
            self._quiet = line.endswith(ON_THEIR_OWN)
            self._turn.notify_all()
        if self.error is not None:
            raise self.error

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Kill from here to the end of the block, where all the kills have been made."""
        thread = threading.Thread(target=self._run, name="killer")
        thread.start()
        try:
            yield
        except BaseException:
            self._over.set()
            raise
        finally:
            with self._turn:
                self._quiet, self.uploads = False, UPLOADS
                self._turn.notify_all()
            thread.join()
            if self.error is not None:
                raise self.error

    def _run(self) -> None:
        try:
            while self.kills < KILLS and not self._over.is_set():
                with self._holding(lambda: self.uploads > self.kills * UPLOADS // KILLS):
                    pass
                self._wait_for_work()
                with self._holding(lambda: not self._quiet):
                    self._kill()
                    self._turn.notify_all()
            with self._holding(lambda: not self._quiet):
                kit.advance(self.stage, A_DAY)
        except BaseException as error:  # noqa: BLE001 - handed to the test's own thread
            with self._turn:
                self.error = error
                self._turn.notify_all()

    @contextlib.contextmanager
    def _holding(self, condition: Callable[[], bool]) -> Iterator[None]:
        """Wait for the condition (or the end) and hold staff back for the length of the block."""
        with self._turn:
            self._turn.wait_for(lambda: condition() or self._over.is_set())
            yield

    def _wait_for_work(self) -> None:
        """Wait until something is in flight, then for a random while in which it goes on."""
        patience = time.monotonic() + IDLE_LIFE
        held, deaths = kit.in_flight(self.stage)
        while (not held and time.monotonic() < patience) or deaths > HITS:
            if self._over.wait(LOOK_EVERY):
                return
            held, deaths = kit.in_flight(self.stage)
        self._over.wait(self.chance.uniform(0, LONGEST_LIFE))

    def _kill(self) -> None:
        self.stage.host.kill()
        self.busy += kit.in_flight(self.stage)[0] > 0
        self.stage.restart_host()
        kit.advance(self.stage, kit.LEASES_LAPSE)
        self.kills += 1


@pytest.fixture(scope="module")
def undisturbed(told, tmp_path_factory):
    """Return how the story ends when nobody kills anything, a day later."""
    done, data = told
    assert done.returncode == 0, done.stdout + done.stderr
    files = json.loads((data / "story.json").read_text(encoding="utf-8"))["files"]
    with kit.playing(data, tmp_path_factory.mktemp("later") / "data") as (here, watch):
        kit.advance(here, A_DAY)
        assert watch.until(lambda: kit.looked_over(here), kit.SETTLES_WITHIN)
        assert watch.until(watch.idle, kit.SETTLES_WITHIN), kit.left_over(here)
        ids = dict(zip(kit.ORDER, (one["unique_id"] for one in files), strict=True))
        return kit.picture(here, watch, ids)


def test_a_host_killed_at_ten_random_moments_reaches_the_same_end(
    opened, undisturbed, tmp_path, record_property
):
    record_property("seed", SEED)
    with kit.playing(opened, tmp_path / "data") as (here, watch):
        killer = Killer(here, random.Random(SEED))  # noqa: S311 - repeatable, not secret
        story = Story(here, watch, killer.pace)
        with killer.at_work():
            story.tell()
        kit.advance(here, kit.LEASES_LAPSE)
        assert watch.until(lambda: kit.looked_over(here), kit.SETTLES_WITHIN)
        assert watch.until(watch.idle, kit.SETTLES_WITHIN), kit.left_over(here)
        ids = {key: tale.uploaded.unique_id for key, tale in story.tales.items()}
        end = kit.picture(here, watch, ids)
        log.info(
            "seed %s: %s kills, %s in the midst of work, %s mails sent twice",
            SEED, killer.kills, killer.busy, kit.doubles(here),
        )  # fmt: skip

        assert story.check() == [], f"VERGER_STORY_SEED={SEED}"
        assert end.differences(undisturbed) == [], f"VERGER_STORY_SEED={SEED}"
        assert kit.doubles(here) <= killer.kills
        assert kit.left_over(here) == []
        assert kit.ask(here, kit.broken_chains) == {}
