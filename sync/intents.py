"""What a worker is about to do, written down before it does it, so that its death loses nothing.

The note holds the findings that led to the step, what stood there before and how to undo it. It is
written before each write and forgotten in the transaction that records the outcome (promise 3).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from sync.model import (
    Contain,
    Document,
    Finding,
    Keep,
    Move,
    Person,
    Recipient,
    Remedy,
    Rename,
    Revoke,
    SetColumns,
    Severity,
    Status,
    Tell,
    Unpublish,
    Value,
)
from sync.state import remembered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.ext.asyncio import AsyncConnection

type Step = Mapping[str, Any]
"""One inverse step: "do" says which, the rest what to put back, `wrote` what stands there now."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What was found, what stood there before, the inverse steps (last first).

    `author` and `modified_at` tell who had changed the file last, and when: our own writes may hide
    it. `taken` are the remedies of earlier findings that are seen to be in effect, `kept` those
    findings with all their remedies, as the next note is to have them (`whole`).
    """

    findings: tuple[Finding, ...] = ()
    before: Mapping[str, Any] = field(default_factory=dict, hash=False)
    undo: tuple[Step, ...] = ()
    author: Person = field(default_factory=Person)
    modified_at: datetime | None = None
    taken: tuple[Remedy, ...] = ()
    kept: tuple[Finding, ...] = ()

    @classmethod
    def of(cls, note: Mapping[str, Any] | None) -> Self:
        """Read a note back; None gives an empty intent."""
        if not note:
            return cls()
        found = tuple(_finding(one) for one in note["findings"])
        at = note["modified_at"]
        return cls(
            findings=found,
            before=note["before"],
            undo=tuple(note["undo"]),
            author=Person(**note["author"]),
            modified_at=datetime.fromisoformat(at) if at else None,
        )

    def note(self) -> dict[str, Any]:
        """Return the JSON of this intent."""
        return {
            "findings": [_plain(finding) for finding in self.findings],
            "before": dict(self.before),
            "undo": list(self.undo),
            "author": asdict(self.author),
            "modified_at": self.modified_at.isoformat() if self.modified_at else "",
        }

    @property
    def target(self) -> str:
        """The area a finding wanted the file moved to, "" when none did."""
        remedies = [remedy for finding in self.findings for remedy in finding.remedies]
        return next((one.area for one in remedies if isinstance(one, Move)), "")

    def still_true(self, document: Document) -> Intent:
        """Keep what is seen in effect: findings put right, steps taken; drop what others overtook.

        A finding that is kept still says whom to tell; its other remedies are among `taken`.
        """
        held = [
            one
            for one in self.findings
            if _acting(one) and all(in_effect(document, remedy) for remedy in one.remedies)
        ]
        return replace(
            self,
            findings=tuple(replace(one, remedies=_tells(one)) for one in held),
            undo=tuple(step for step in self.undo if _was_taken(document, step)),
            taken=tuple(remedy for one in held for remedy in _acting(one)),
            kept=tuple(held),
        )

    def by_author(self, document: Document) -> Document:
        """Return the document as changed last by staff, where our own writes stand in between."""
        if document.modified_by.mail or not self.author.mail:
            return document
        return replace(document, modified_by=self.author, modified_at=self.modified_at)


async def recall(tx: AsyncConnection, document_id: str) -> Intent:
    """Return what a worker noted of a document and did not come to record."""
    return Intent.of(await remembered.recall(tx, _key(document_id)))


async def remember(tx: AsyncConnection, document_id: str, intent: Intent) -> None:
    await remembered.remember(tx, _key(document_id), intent.note())


async def forget(tx: AsyncConnection, document_id: str) -> None:
    await remembered.forget(tx, _key(document_id))


def whole(told: tuple[Finding, ...], kept: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Give findings that an earlier worker had made the remedies back that it carried out.

    Without them a third worker would know neither that they were found nor where the file went.
    """
    known = {(one.policy, one.says): one.remedies for one in kept}
    return tuple(
        one
        if _acting(one)
        else replace(one, remedies=known.get((one.policy, one.says), one.remedies))
        for one in told
    )


def with_step(undo: tuple[Step, ...], step: Step) -> tuple[Step, ...]:
    """Add an inverse step; what an earlier try noted of the same kind is nearer to what staff left.

    Column values of both tries are put together; `wrote`, what Verger put there, is the last one's.
    """
    known = next((one for one in undo if one["do"] == step["do"]), None)
    if known is None:
        return (step, *undo)
    joined = {**known, **({"wrote": step["wrote"]} if "wrote" in step else {})}
    if "values" in step:
        joined["values"] = {**step["values"], **known["values"]}
        joined["wrote"] = {**known.get("wrote", {}), **step.get("wrote", {})}
    return tuple(joined if one is known else one for one in undo)


def without(told: Mapping[str, Any], column: str) -> dict[str, Any]:
    """Return a step, or what stood there before it, without what one column said.

    The Control reason names who excused a finding: that is no matter for the journal (decision 16).
    """
    return {
        name: {key: one for key, one in value.items() if key != column}
        if name in {"values", "wrote", "columns"} and isinstance(value, dict)
        else value
        for name, value in told.items()
    }


def in_effect(document: Document, remedy: Remedy) -> bool:
    """Whether the document already is as the remedy would make it."""
    match remedy:
        case Revoke(links, people):
            return _is_revoked(document, links, people)
        case Unpublish():
            return not document.sharepoint_version.endswith(".0")
        case Rename(name):
            return document.name == name
        case SetColumns(values):
            return all(document.column(name) == plain(value) for name, value in values.items())
        case Move(area):
            return document.area == area
    return True


def _is_revoked(document: Document, links: tuple[str, ...], people: tuple[int, ...]) -> bool:
    """Whether none of these opens the file; a file known not to be shared has no audience here."""
    if document.audience is None:
        return True
    left = {one.id for one in document.audience.links} & set(links)
    return not left and not document.audience.principals & set(people)


def _acting(finding: Finding) -> tuple[Remedy, ...]:
    return tuple(remedy for remedy in finding.remedies if not isinstance(remedy, Tell))


def _tells(finding: Finding) -> tuple[Remedy, ...]:
    return tuple(remedy for remedy in finding.remedies if isinstance(remedy, Tell))


def _was_taken(document: Document, step: Step) -> bool:
    """Whether a noted step shows in the document; an audience is noted just before it is closed."""
    match step["do"]:
        case "rename":
            return bool(document.name != step["name"])
        case "set_columns":
            return any(document.column(name) != plain(old) for name, old in step["values"].items())
        case "move":
            return bool(document.list_id != step["list_id"])
    return True


def _key(document_id: str) -> str:
    return f"intent:{document_id}"


def _plain(finding: Finding) -> dict[str, Any]:
    remedies = [{"kind": type(one).__name__, **_fields(one)} for one in finding.remedies]
    return {**asdict(replace(finding, remedies=())), "remedies": remedies}


def _fields(remedy: Remedy) -> dict[str, Any]:
    if isinstance(remedy, SetColumns):
        return {"values": {name: plain(value) for name, value in remedy.values.items()}}
    return asdict(remedy)


def _finding(plain: Mapping[str, Any]) -> Finding:
    return Finding(
        **{
            **plain,
            "remedies": tuple(_remedy(**one) for one in plain["remedies"]),
            "severity": Severity(plain["severity"]),
            "status": Status(plain["status"]),
        }
    )


def _remedy(kind: str, **fields: Any) -> Remedy:
    if "keep" in fields:
        fields["keep"] = Keep(fields["keep"])
    if kind == "Tell":
        return Tell(Recipient(fields["to"]))
    return _KINDS[kind](**fields)


_KINDS: Mapping[str, type[Remedy]] = {
    kind.__name__: kind for kind in (Contain, Revoke, Unpublish, Rename, SetColumns, Move)
}


def plain(value: Value) -> str:
    """Return a column's value as notes and the journal keep it: text, a date in ISO form."""
    return "" if value is None else str(value).strip()
