"""The story of `make run`: two sites, sixteen uploads by staff, and what becomes of each.

Every line says what must be so; the story is told only when all of them are.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from local.demo import assessments, boards
from local.demo.documents import Sample, samples
from local.demo.world import CHAIR, HELEN, SAM

if TYPE_CHECKING:
    from datetime import date

    from local.demo.staff import Uploaded
    from local.demo.stage import Stage
    from local.demo.watch import Verdict, Watch

CORE = "/sites/core"
SIG = "/sites/sig-breast-imaging"
AREAS = {
    "controlled": "Controlled documents",
    "working": "Working documents",
    "documents": "Group documents",
}
SITES = {"controlled": CORE, "working": CORE, "documents": SIG}
PATIENCE = 60.0
"""Seconds of real time a verdict may take before the story is given up."""

type Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a file must come out: status, the policies found, its name and area at the end."""

    status: str
    policies: tuple[str, ...] = ()
    name: str = ""
    area: str = ""


ENDINGS: dict[str, Ending] = {
    "gov_04": Ending("Needs you", ("approval_route", "review_date")),
    "gov_04_copy": Ending("Needs you", ("uncontrolled_copy",)),
    "gov_04_twin": Ending("Held", ("file_name", "uncontrolled_copy")),
    "tor_03_wrong_name": Ending(
        "Corrected", ("file_name",), "ToR-03 Network Operational Board Terms of Reference V1.docx"
    ),
    "draft_v03": Ending("Corrected", ("version_label",)),
    "policy_without_block": Ending("Needs you", ("control_block",)),
    "tender": Ending("Corrected", ("sensitive_in_open_place",), area="restricted"),
    "with_nhs_number": Ending("Held", ("patient_identifier",), area="quarantine"),
    "with_ten_digits": Ending("In order"),
    "growing": Ending("In order"),
    "locked": Ending(
        "Corrected", ("file_name",), "ToR-09 Clinical Directors' Forum Terms of Reference V1.docx"
    ),
    "correctly_named": Ending("In order"),
    "terms_as_pdf": Ending("In order"),
    "risk_workbook": Ending("In order"),
    "adopted": Ending("In order"),
    "group_notes": Ending("In order"),
}
"""The end of each file; the story fails at the first difference."""


@dataclass
class Tale:
    """What happened to one file, in the order it happened."""

    key: str
    uploaded: Uploaded
    place: str
    begun: str
    versions: list[str] = field(default_factory=list)
    verdict: Verdict | None = None

    def seconds(self) -> float:
        """Seconds from the upload (or its last byte, or the lock's release) to the verdict."""
        if self.verdict is None:
            return float("nan")
        return (self.verdict.at - datetime.fromisoformat(self.begun)).total_seconds()


class NotTold(RuntimeError):
    """A line of the story did not happen; the text says which and what happened instead."""


class Story:
    """One telling on one stage. `say` shows a line of progress."""

    def __init__(self, stage: Stage, watch: Watch, say: Say) -> None:
        self._stage = stage
        self._watch = watch
        self._say = say
        self._drives: dict[str, str] = {}
        self.tales: dict[str, Tale] = {}
        self.colleague_before = False
        self.colleague_after = True

    def tell(self) -> None:
        """Let staff do their day's work and wait for every verdict. Raises NotTold."""
        day = samples(_today())
        notes = day["risk_workbook"]._replace(name="Screening backlog.xlsx", area="documents")
        day["group_notes"] = notes
        self._stage.person(SAM)  # signed in before there is anything to open
        self._assess("Gov-12")
        self._upload("gov_04", day["gov_04"])
        self._await("gov_04")
        for key in day:
            if key not in {"gov_04", "growing", "locked"}:
                self._upload(key, day[key])
        self._upload_in_two_steps("growing", day["growing"])
        self._upload_under_lock("locked", day["locked"])
        for key in day:
            self._await(key)
        self._adopt("adopted")
        self.colleague_after = self._stage.person(SAM).can_open(self.tales["tender"].uploaded)

    def _assess(self, number: str) -> None:
        """Fill in the equality impact assessment without which a procedure is not published."""
        helen = self._stage.person(HELEN)
        self._say(f"{helen.upn} fills in the equality impact assessment of {number}")
        made = _today() - timedelta(days=50)
        row = helen.add_row(CORE, assessments.TITLE, assessments.assessment(number, made))

        def complete() -> bool:
            beside = helen.get(f"{row}?$expand=fields")["fields"]
            return bool(beside.get("EiaStatus") == "Complete")

        if not self._watch.until(complete, PATIENCE):
            raise NotTold(f"the equality impact assessment of {number} was not taken up")

    def _adopt(self, key: str) -> None:
        """Write down what the two boards decided; Verger publishes once the chain is whole."""
        helen, tale = self._stage.person(HELEN), self.tales[key]
        name = tale.uploaded.name
        meetings = boards.meetings(name.partition(" ")[0], _today())
        for row in meetings:
            self._say(f"{helen.upn} records: {row['Title']}")
            helen.add_row(CORE, boards.TITLE, row)
        verdict = tale.verdict

        def current() -> bool:
            if verdict is None:
                return False
            beside = self._watch.columns(verdict.list_id, verdict.item_id)
            return beside.get("DocumentStatus") == "Current"

        if not self._watch.until(current, PATIENCE):
            raise NotTold(f"{name} was not published on the decisions of its boards")
        self._say(f"Verger publishes {name}")
        self._await(key)

    def check(self) -> list[str]:
        """Return every line that is not as it must be, in words; empty when all is told."""
        wrong = [f"{key}: {says}" for key in ENDINGS for says in self._differences(key)]
        if not self.colleague_before:
            wrong.append("the colleague could not open the tender before it was found")
        if self.colleague_after:
            wrong.append("the colleague can still open the tender")
        return wrong

    def _upload(self, key: str, sample: Sample) -> Uploaded:
        someone = self._stage.person(_who(sample))
        self._say(f"{someone.upn} uploads {sample.name} to {AREAS[sample.area]}")
        begun = _now()
        file = someone.upload(self._drive(sample.area), sample.name, sample.data)
        return self._finish(key, sample, file, begun)

    def _finish(self, key: str, sample: Sample, file: Uploaded, begun: str) -> Uploaded:
        """Do what staff do after an upload: columns, publishing. Notes the versions left behind."""
        helen = self._stage.person(_who(sample))
        if key == "tender":
            self.colleague_before = self._stage.person(SAM).can_open(file)
        if sample.columns:
            helen.set_columns(file, dict(sample.columns))
        if sample.publish:
            helen.publish(file, f"{sample.name}, as approved")
        self.tales[key] = Tale(key, file, AREAS[sample.area], begun, helen.versions(file))
        return file

    def _upload_in_two_steps(self, key: str, sample: Sample) -> None:
        """Let a file arrive empty first; its content comes when Verger has seen the empty one."""
        helen = self._stage.person(HELEN)
        self._say(f"Helen uploads {sample.name}, which arrives in two steps")
        file = helen.upload(self._drive(sample.area), sample.name, b"")
        if not self._watch.until(
            lambda: self._watch.is_waiting(file.unique_id, "0 bytes"), PATIENCE
        ):
            raise NotTold(f"{sample.name}: the empty file was not waited for")
        begun = _now()
        file = helen.upload(self._drive(sample.area), sample.name, sample.data)
        self._finish(key, sample, file, begun)

    def _upload_under_lock(self, key: str, sample: Sample) -> None:
        """Let Helen keep a file open in Word while Verger wants to rename it, then close it."""
        helen = self._stage.person(HELEN)
        self._say(f"Helen uploads {sample.name} and keeps it open")
        file = helen.upload(self._drive(sample.area), sample.name, b"")
        lock = {"unique_id": file.unique_id, "upn": HELEN}
        self._stage.control("POST", "/lock", lock)
        begun = _now()
        helen.upload(self._drive(sample.area), sample.name, sample.data)
        self._finish(key, sample, file, begun)
        if not self._watch.until(lambda: self._watch.is_waiting(file.unique_id, "423"), PATIENCE):
            raise NotTold(f"{sample.name}: nobody minded that it was held open")
        self._say(f"Helen closes {sample.name}")
        self._stage.control("POST", "/unlock", {"unique_id": file.unique_id})
        self.tales[key].begun = _now()

    def _await(self, key: str) -> None:
        tale = self.tales[key]
        self._say(f"Waiting for the verdict on {tale.uploaded.name}")
        unique_id, wanted = tale.uploaded.unique_id, ENDINGS[key].status
        done = self._watch.until(lambda: self._watch.settled(unique_id), PATIENCE)
        if not done:
            raise NotTold(
                f"{tale.uploaded.name}: no verdict within {PATIENCE:.0f} s (wanted {wanted}); "
                f"{self._watch.why_not(unique_id)}"
            )
        tale.verdict = self._watch.verdict(unique_id)

    def _differences(self, key: str) -> list[str]:
        ending, tale = ENDINGS[key], self.tales[key]
        verdict = tale.verdict
        if verdict is None:
            return ["has no verdict"]
        beside = self._watch.columns(verdict.list_id, verdict.item_id)
        wanted = {
            "status": ending.status,
            "findings": ending.policies,
            "name": ending.name or tale.uploaded.name,
            "area": ending.area or verdict.area,
            "versions": tale.versions,
            "beside the file": ending.status,
        }
        found = {
            "status": verdict.status,
            "findings": verdict.policies,
            "name": verdict.name,
            "area": verdict.area,
            "versions": self._watch.versions(verdict),
            "beside the file": beside["ControlStatus"],
        }
        return [
            f"{name} should be {wanted[name]!r} and is {found[name]!r}"
            for name in wanted
            if wanted[name] != found[name]
        ]

    def _drive(self, area: str) -> str:
        if area not in self._drives:
            person = self._stage.person(CHAIR if SITES[area] == SIG else HELEN)
            self._drives[area] = person.library(SITES[area], AREAS[area])
        return self._drives[area]


def _who(sample: Sample) -> str:
    """Return who uploads a sample: the core team's Helen, or the group's chair."""
    return CHAIR if SITES[sample.area] == SIG else HELEN


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _today() -> date:
    return datetime.now(ZoneInfo("Europe/London")).date()


def stopwatch() -> Callable[[], float]:
    """Return a function that gives the seconds since this call."""
    begun = time.monotonic()
    return lambda: time.monotonic() - begun
