"""Two hosts on one storage account: instances of one app, either of which goes on by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.host.hosting import RunningHost, hourly, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[RunningHost, RunningHost]]:
    folders = [tmp_path / name for name in ("first", "second")]
    for folder in folders:
        folder.mkdir()
    told = {"WORK": "work", "SCHEDULE": hourly()}
    shared = ("--shares", str(folders[0] / "data"))
    first = RunningHost("kitchen", folders[0], **told)
    second = RunningHost("kitchen", folders[1], *shared, **told)
    yield first, second
    for one in (second, first):
        one.end()


def done(host: RunningHost) -> list[str]:
    return [note["work"] for note in host.notes("work")]


def test_what_one_is_sent_is_done_once_by_either(pair: tuple[RunningHost, RunningHost]) -> None:
    first, second = pair
    texts = [f"dish {n}" for n in range(20)]
    first.send("work", *texts[:10])
    second.send("work", *texts[10:])

    until(lambda: len(done(first)) + len(done(second)) == len(texts))

    assert sorted(done(first) + done(second)) == sorted(texts)


def test_the_other_goes_on_when_one_is_killed(pair: tuple[RunningHost, RunningHost]) -> None:
    first, second = pair
    first.end(kill=True)

    second.send("work", "after the kill")

    until(lambda: "after the kill" in done(second))
    assert "the last host died" not in second.log(), "it frees nothing that others may hold"
