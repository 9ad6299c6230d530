"""The page of commands tells the truth: what is built is there, what is not there yet is not."""

import re
from pathlib import Path

import pytest
import typer

from cli.main import app

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"
ROW = re.compile(
    r"^\| `([a-z ]+)` \| ([^|]+) \| ([^|]+) \| (built|not there yet) \|$", re.MULTILINE
)
ROWS = ROW.findall(PAGE.read_text("utf-8"))
DECIDED = """
plan apply drift adopt prune leave · status findings audit simulate undo waive · quarantine
list|release · registry rebuild|check · parked list|replay|drop · journal verify · evidence · doctor
· pause resume · schema check · sig request|agree|approve|open|sleep|wake · local up|tenant|host
"""
"""Decision 35, word for word."""


def there(command=None, words=()):
    for name, inner in getattr(command or typer.main.get_command(app), "commands", {}).items():
        if hasattr(inner, "commands"):
            yield from there(inner, (*words, name))
        else:
            yield " ".join((*words, name))


def decided():
    for part in " ".join(DECIDED.split()).split(" · "):
        group, _, members = part.partition(" ")
        if group in {"quarantine", "registry", "parked", "journal", "schema", "sig", "local"}:
            yield from (f"{group} {one}" for one in members.split("|"))
        else:
            yield from part.split()


def test_every_line_of_the_table_was_read():
    lines = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")]
    assert len(lines) == len(ROWS) == len({name for name, *_ in ROWS})


def test_every_command_that_is_there_is_called_built():
    assert sorted(name for name, _, _, state in ROWS if state == "built") == sorted(there())


@pytest.mark.parametrize("name", sorted(decided()))
def test_every_command_that_was_decided_upon_has_its_line(name):
    assert name in {row[0] for row in ROWS}
