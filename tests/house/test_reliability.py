"""The page of promises names tests that exist, and leaves out no way in which the cloud fails."""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "reliability.md"
NOTES = ROOT.parent / "shared" / "field-notes.md"
LINES = 22
"""What the notes mark as to be survived; they lie beside this checkout, or are not there at all."""
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE.read_text("utf-8"))))


@cache
def known_in(path):
    return set(re.findall(r"def (test_\w+)", (ROOT / path).read_text("utf-8")))


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_every_test_of_the_page_exists(path, name):
    assert name in known_in(path)


def test_every_way_in_which_the_cloud_misbehaves_has_its_line():
    told = PAGE.read_text("utf-8").partition("## How the cloud misbehaves")[2].splitlines()
    begins = [row.split("|")[1].strip() for row in told if row.startswith("| ")][1:]

    assert len(begins) == LINES
    if NOTES.exists():
        rows = NOTES.read_text("utf-8").splitlines()
        notes = [row.split("|")[2].strip() for row in rows if row.startswith("| ◆ |")]
        assert [note for note in notes if not any(note.startswith(one) for one in begins)] == []
