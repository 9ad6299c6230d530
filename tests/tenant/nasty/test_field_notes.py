"""No line of the field notes is without its test."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).resolve()
NOTES = HERE.parents[4] / "shared" / "field-notes.md"
LINES = 22  # marked as to be reproduced, when the notes were last read


def test_every_line_of_the_notes_has_its_test():
    """The notes lie beside this checkout; where they do not, their number must do."""
    shown = {
        begins
        for page in HERE.parent.glob("test_field_notes_*.py")
        for begins in re.findall(r'@line\("([^"]+)"\)', page.read_text("utf-8"))
    }
    assert len(shown) == LINES
    if NOTES.exists():
        rows = NOTES.read_text("utf-8").splitlines()
        told = [row.split("|")[2].strip() for row in rows if row.startswith("| ◆ |")]
        lost = [note for note in told if not any(note.startswith(begins) for begins in shown)]
        assert (len(told), lost) == (LINES, [])
