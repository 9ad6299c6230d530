"""Telling all stories of a play at once: a round of each, rest, the next round; then a look."""

from __future__ import annotations

import asyncio
import inspect
import shutil
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sync import audit
from tests import tenant_kit as kit
from tests.scenarios.looks import look_at, row_of
from tests.scenarios.staff import Staff
from tests.scenarios.theatre import theatre

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.scenarios.looks import Look
    from tests.scenarios.telling import Play, Story
    from tests.scenarios.theatre import Theatre, Trouble

MORNING = 6
"""The hour (UTC) at which a play begins, so that no two plays see midnight pass in between."""


@dataclass
class Told:
    """Plays that were played: each story's last look by rule, once more after a whole audit."""

    looks: dict[str, dict[str, Look]] = field(default_factory=dict)
    audited: dict[str, dict[str, Look]] = field(default_factory=dict)
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    doubled: list[str] = field(default_factory=list)
    seconds: float = 0.0


def play(
    prepared: Path,
    folder: Path,
    plays: Iterable[Play],
    trouble: Trouble | None = None,
    *,
    audited: bool = False,
) -> Told:
    """Tell the stories of some plays, one play after the other, on a copy of a prepared site.

    `audited` has everything judged once more at each play's end, and looked at again.
    """
    shutil.copytree(prepared, folder)
    began, told = time.monotonic(), Told()
    with kit.running(folder / "tenant") as tenant:
        _to_morning(tenant)
        for one in plays:
            asyncio.run(_tell((tenant, folder / "state"), one, told, trouble, audited=audited))
        told.doubled = _doubled(tenant)
    told.seconds = time.monotonic() - began
    return told


def _to_morning(tenant: kit.Tenant) -> None:
    now = datetime.now(UTC)
    morning = now.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    tenant.advance(((morning - now) % timedelta(days=1)).total_seconds())


def _doubled(tenant: kit.Tenant) -> list[str]:
    """Return the keys of mails that were sent more than once."""
    keys = [
        header["value"]
        for mail in tenant.local("GET", "/mailbox")["value"]
        for header in mail["message"].get("internetMessageHeaders", ())
        if header["name"] == "x-verger-key"
    ]
    return sorted({key for key in keys if keys.count(key) > 1})


async def _tell(
    site: tuple[kit.Tenant, Path], one: Play, told: Told, trouble: Trouble | None, *, audited: bool
) -> None:
    async with theatre(*site, one.modes, trouble) as here:
        people = {story.rule: Staff(here) for story in one.stories}
        for number in range(max(len(story.rounds) for story in one.stories)):
            for story in one.stories:
                await _act(here, people[story.rule], story, number)
            await here.come_to_rest()
        if one.days:
            site[0].advance(timedelta(days=one.days).total_seconds())
            await here.come_to_rest()
        for story in one.stories:
            told.looks[story.rule] = await look_at(people[story.rule])
            told.rows[story.rule] = _rows(people[story.rule], story)
        if audited:
            await _audit(here)
        else:  # so that the next play begins at the same hour
            await here.come_to_rest()
        for story in one.stories if audited else ():
            told.audited[story.rule] = await look_at(people[story.rule])


async def _act(here: Theatre, staff: Staff, story: Story, number: int) -> None:
    """Play one round of one story; what fails in it names the story."""
    for act in story.rounds[number] if number < len(story.rounds) else ():
        try:
            acted = act(staff)
            if inspect.isawaitable(acted):
                await acted
        except Exception as error:
            error.add_note(f"in round {number + 1} of: {story.rule}")
            raise
    await here.follow()


async def _audit(here: Theatre) -> None:
    """Have every document judged once more, as `verger audit` does."""
    begun = await audit.begin(here.service)
    for nudge in begun.nudges:
        here.queue.put(nudge, here.service.now())
    await here.come_to_rest()


def _rows(staff: Staff, story: Story) -> dict[str, Any]:
    return {
        key: row_of(staff, area, key, tuple(wanted)) for key, (area, wanted) in story.rows.items()
    }
