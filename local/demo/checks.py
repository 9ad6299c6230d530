"""What must stand in the lists and the mailbox when the story is told: the registry, the mail."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from local.demo.world import CHAIR, FACILITATOR, HELEN, IRIS

if TYPE_CHECKING:
    from local.demo.stage import Stage
    from local.demo.watch import Watch

REGISTERED = {
    "Gov-04": "Needs you",
    "Gov-05": "In order",
    "Gov-11": "Corrected",
    "Gov-12": "In order",
    "Gov-13": "Needs you",
    "Op-01": "In order",
    "ToR-03": "Corrected",
    "ToR-08": "In order",
    "ToR-09": "Corrected",
}
"""Every number of the story and the control status in its registry row."""

MAIL = {HELEN: 10, IRIS: 1, CHAIR: 1, FACILITATOR: 1}
"""How many mails each gets: one for each file that was not in order or was published, one to
welcome a new group."""


def check_lists(stage: Stage, watch: Watch) -> list[str]:
    """Return what the registry or the mailbox shows otherwise than it must, in words."""
    rows = [(row.get("DocumentNumber"), row.get("ControlStatus")) for row in watch.registry_rows()]
    wrong = []
    if sorted(rows, key=str) != sorted(REGISTERED.items()):
        wrong.append(f"the registry shows {rows}")
    mails = stage.control("GET", "/mailbox")["value"]
    sent = Counter(address for mail in mails for address in mail["to"])
    if dict(sent) != MAIL:
        wrong.append(f"mail went to {dict(sent)}, expected {MAIL}")
    return wrong
