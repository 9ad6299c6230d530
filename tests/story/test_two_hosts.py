"""Two instances of the function app share a day's uploads; either is killed, nothing is lost."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from local.demo import stage as playing
from local.demo.world import HELEN
from local.demo.writing import Control, to_docx
from tests import postgres_kit
from tests.story import kit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


pytestmark = [
    *(pytest.mark.story, pytest.mark.postgres, pytest.mark.thorough),
    *(pytest.mark.xdist_group("story"), pytest.mark.timeout(300)),
]
FILES = 40
FIRST = 11
WORDS = ("Breast", "Stroke", "Cardiac", "Chest", "Paediatric", "Renal", "Spinal", "Vascular")
KINDS = ("Rota", "Protocol", "Checklist", "Handbook", "Timetable")
ENOUGH = 4
"""Files that must have been judged when the kill comes, so that it comes in the middle."""
SECONDS = 90.0
IN_FLIGHT = 12
"""Mails that may have left without the killed instance hearing of it, and leave once more (README):
one for each row it had in hand."""
STEADY = 3.0
"""Seconds without a verdict after which the living instance has done what it could."""


def uploads() -> Iterator[tuple[str, str, bytes]]:
    """Yield the name each file is to have, the name it is uploaded by, and its bytes."""
    for place in range(FILES):
        number = f"Op-{place + FIRST}"
        title = f"{WORDS[place % len(WORDS)]} Imaging {KINDS[place // len(WORDS)]}"
        control = Control(title, "V0.1", number, "", "all staff of the network")
        text = (f"What the {title.lower()} says of week {place + 1}.",)
        wrong = f"{number.lower()} {title} (final) v0.1.docx"
        yield f"{number} {title} V0.1.docx", wrong, to_docx(title, text, control)


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """Give a folder whose two sites are open, and the server with the state in its database."""
    folder = tmp_path_factory.mktemp("two-hosts")
    with postgres_kit.server() as url_of, (folder / "log").open("w", encoding="utf-8") as log:
        url = postgres_kit.new_database(url_of, "opened")
        yield kit.open_folder(folder / "data", Console(file=log, width=160), url), url_of


@pytest.fixture
def here(opened, tmp_path, request):
    data, url_of = opened
    url = postgres_kit.new_database(url_of, request.node.callspec.params["victim"], "opened")
    with kit.playing(data, tmp_path / "data", url) as (stage, watch):
        yield stage, watch


@pytest.fixture
def second(here):
    running = playing.start_second_host(here[0].world)
    yield running
    running.stop()


def steady(count: Callable[[], int]) -> Callable[[], bool]:
    """Return a condition: the count has been the same for STEADY seconds."""
    seen = [(count(), time.monotonic())]

    def holds() -> bool:
        if count() != seen[-1][0]:
            seen.append((count(), time.monotonic()))
        return time.monotonic() - seen[-1][1] > STEADY

    return holds


@pytest.mark.parametrize("victim", ["first", "second"])
def test_an_instance_that_is_killed_loses_and_doubles_nothing(here, second, victim):
    stage, watch = here
    helen = stage.person(HELEN)
    library = helen.library("/sites/core", "Controlled documents")
    files = [helen.upload(library, wrong, data) for _, wrong, data in uploads()]
    ids = [one.unique_id for one in files]

    def judged() -> int:
        return sum(watch.settled(one) for one in ids)

    assert watch.until(lambda: judged() >= ENOUGH, SECONDS)
    (stage.host if victim == "first" else second).kill()
    done = judged()
    assert done < FILES, "it came in the middle"
    assert watch.until(steady(judged), SECONDS)
    kit.advance(stage, kit.LEASES_LAPSE)
    assert watch.until(lambda: judged() > done, SECONDS), "the living one goes on by itself"
    if victim == "first":
        stage.restart_host()  # the platform puts another in its place

    assert watch.until(lambda: judged() == FILES, SECONDS), kit.left_over(stage)
    assert watch.until(lambda: not kit.left_over(stage), kit.SETTLES_WITHIN), kit.left_over(stage)
    assert [watch.verdict(one).name for one in ids] == [name for name, _, _ in uploads()]
    assert kit.ask(stage, kit.broken_chains) == {}
    listed = Counter(row["DocumentNumber"] for row in watch.registry_rows())
    assert {listed[f"Op-{place + FIRST}"] for place in range(FILES)} == {1}
    assert {tuple(watch.versions(watch.verdict(one))) for one in ids} == {("0.1",)}
    assert kit.doubles(stage) <= IN_FLIGHT
