"""What is kept of a look, and what a rule can be asked again from it (decision 15).

Columns, names, the rows of the control block and a few features are kept; text never is. A rule is
asked again with stand-ins that know what was kept and refuse the rest: so it shows by itself, for
each look, whether its verdict can be told from the facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, NoReturn, cast

from sync.model import Amendment, ControlBlock, Person, ReadState, as_date
from sync.state.facts import CHECKED_OUT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sync.model import Document, Value
    from sync.state.facts import Facts

TITLE = "Title"
BESIDES = (TITLE, "ContentType", "_ModerationStatus")
"""SharePoint's own columns that rules read, kept beside the declared ones."""
NAMING = ("name",)
"""What of a control block may name a file of a closed place."""
WORDS = {
    "name": "the name, which the place keeps to itself",
    "text": "the text",
    "properties": "the file's own properties",
    "likeness": "what the text is like",
    "alike": "what the text is like",
    "cited": "the documents the text cites",
    "impact": "the equality impact assessment of that day",
    "audience": "who could open the file",
    "versions": "the list of versions",
    "summary": "the wording of the history table",
    "number": "which number it had",
    "block": "the control block",
}
"""What staff call the things that are not kept, by the attribute a rule asks for."""


class NotKept(LookupError):
    """A rule asked for something that is not among the facts; `what` says it in words."""

    def __init__(self, name: str) -> None:
        super().__init__(WORDS.get(name, name))
        self.what = WORDS.get(name, name)


class Kept:
    """Stands in for a value of the model: the attributes that were kept, NotKept for any other."""

    def __init__(self, **known: object) -> None:
        self.__dict__.update(known)

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotKept(name)


class KeptColumns(Mapping[str, "Value"]):
    """The columns that were kept; a declared one that is missing was empty, others are unknown."""

    def __init__(self, values: Mapping[str, str], known: Collection[str]) -> None:
        self._values = values
        self._known = known

    def __getitem__(self, name: str) -> Value:
        if name not in self._values and name not in self._known:
            raise NotKept(f"the column {name}")
        return self._values.get(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def features(document: Document, *, closed: bool) -> dict[str, Any]:
    """Return what is kept of a look besides its columns: place, kind, block; never text.

    Of the history table only labels and dates are kept: its other words name people. `closed` hides
    what would name the file.
    """
    reading, block = document.reading, document.block
    return {
        "folder": "" if closed else document.folder,
        "kind": reading.kind if reading else "",
        "holds": list(reading.holds) if reading else [],
        "words": reading.words if reading else 0,
        "block": _block(block, closed=closed) if block else None,
    }


def _block(block: ControlBlock, *, closed: bool) -> dict[str, Any]:
    rows = {name: value for name, value in asdict(block).items() if name != "history"}
    hidden = NAMING if closed else ()
    history = [[row.version, row.adopted] for row in block.history]
    return {name: value for name, value in rows.items() if name not in hidden} | {
        "history": history
    }


def document_then(
    row: Facts, area: str, declared: Collection[str], besides: Mapping[str, object]
) -> Document:
    """Return the document as a look found it. `besides` is used where the facts hold nothing.

    `declared` are the columns of the site. Reading what was not kept raises NotKept.
    """
    told = row.facts
    whole = "folder" in told  # an older release kept no more than columns
    columns = KeptColumns(told["columns"], {*declared, *(BESIDES if whole else ())})
    known: dict[str, Any] = {
        **besides,
        "area": area,
        "list_id": row.list_id,
        "item_id": row.item_id,
        "document_id": row.document_id,
        "fields": columns,
        "column": lambda column: str(columns.get(column) or "").strip(),
        "date_column": lambda column: as_date(columns.get(column)),
        "sharepoint_version": told["sharepoint_version"],
        "content_id": told["content_id"],
        "checked_out_by": Person() if told.get(CHECKED_OUT) else None,
        "reading": _reading(told),
    }
    known |= {"folder": told["folder"]} if whole else {}
    known |= {"name": told["name"]} if told["name"] else {}
    known |= _block_of(told)
    return cast("Document", Kept(**known))


def _reading(told: Mapping[str, Any]) -> Kept | None:
    if not told["reading"]:
        return None
    state = ReadState(told["reading"])
    kept = {name: told[name] for name in ("kind", "words") if name in told}
    holds = {"holds": tuple(told["holds"])} if "holds" in told else {}
    readable = state is ReadState.READ
    own = {"state": state, "why": "", "readable": readable, "content_id": told["content_id"]}
    return Kept(**own, **kept, **holds, **_block_of(told))


def _block_of(told: Mapping[str, Any]) -> dict[str, object]:
    """Return the block as an attribute; nothing where none was kept."""
    if "block" not in told:
        return {}
    rows = told["block"]
    if rows is None:
        return {"block": None}
    pairs = [Kept(version=version, adopted=adopted) for version, adopted in rows["history"]]
    history = cast("tuple[Amendment, ...]", tuple(pairs))
    words = {name: value for name, value in rows.items() if name != "history"}
    block = ControlBlock(**words, history=history)
    if all(name in words for name in NAMING):
        return {"block": block}
    parsed = ("label", "number", "adopted_on", "review_on")
    return {"block": Kept(**words, history=history, **{one: getattr(block, one) for one in parsed})}
