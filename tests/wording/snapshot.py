"""Every rule's words as staff read them, written down: `python -m tests.wording.snapshot`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from sharepoint_schema.standard import load_standard
from sync.explaining import paragraph
from sync.model import Status, Tell
from sync.policies import READING, judge, policies
from tests.wording.cases import CASES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync.model import Finding
    from tests.wording.cases import Case

FILE = Path(__file__).with_name("findings.txt")
DUE = date(2026, 12, 8)
HEAD = """\
What each rule says beside the file, for staff. Read it as a nurse would, then commit it.
Written by: python -m tests.wording.snapshot
"""


def findings(case: Case) -> list[Finding]:
    """Return what the case's rule finds, and no other rule."""
    names = {"file_name"} if case.policy == READING else {case.policy}
    found = judge(case.document, case.context, names)
    return [one for one in found if one.policy == case.policy]


def spoken(finding: Finding) -> dict[str, str]:
    """Return the words in warn mode, where Verger would act later, and the words when it acted."""
    at_once = finding.policy in load_standard().contains_first
    acts = any(not isinstance(one, Tell) for one in finding.remedies) and not at_once
    if acts and finding.counts and finding.status in {Status.CORRECTED, Status.HELD}:
        return {"warned": paragraph(finding, DUE), "done": paragraph(finding)}
    return {"said": paragraph(finding)}


def text() -> str:
    """Return the whole snapshot."""
    parts = [HEAD]
    for name in [*policies(), READING]:
        for case in (one for one in CASES if one.policy == name):
            told = [line for one in findings(case) for line in _lines(one)]
            parts.append("\n".join([f"== {name}: {case.name}", *told, ""]))
    return "\n".join(parts)


def _lines(finding: Finding) -> Iterator[str]:
    yield f"[{finding.severity}, {finding.status}]"
    yield from (f"{when}: {said}" for when, said in spoken(finding).items())


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
