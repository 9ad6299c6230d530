"""Whether a file ended as its story says: each difference in words."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from tests.scenarios.looks import WHO

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.scenarios.looks import Look
    from tests.scenarios.telling import Ending, Story

PLAIN = ("name", "area", "folder", "status", "number")
NAMES = {upn: name for name, upn in WHO.items()}


def differences(story: Story, looks: Mapping[str, Look], rows: Mapping[str, Any]) -> list[str]:
    """Return everything that is not as the story says; empty when it is told."""
    found = [
        f"{ending.file}: {says}"
        for ending in story.ends
        for says in _differences(ending, looks[ending.file])
    ]
    for key, (_, wanted) in story.rows.items():
        found += [f"row {key}: {says}" for says in _columns("", wanted, rows.get(key) or {})]
    return found


def _differences(ending: Ending, look: Look) -> Iterator[str]:
    if not look["seen"]:
        yield "Verger has never seen it"
        return
    for name in PLAIN:
        if (wanted := getattr(ending, name)) is not None and look[name] != wanted:
            yield f"{name} should be {wanted!r} and is {look[name]!r}"
    if look["gone"] != ending.gone:
        yield f"it is {'gone' if look['gone'] else 'still there'}"
    yield from _lists(ending, look)
    yield from _words(ending, str(look["columns"].get("ControlReason", "")))
    yield from _columns("column ", ending.columns, look["columns"])
    yield from _columns("registry ", ending.registry, look["registry"])
    yield from _rest(ending, look)


def _lists(ending: Ending, look: Look) -> Iterator[str]:
    told = Counter(NAMES.get(to, to) for to, _, _ in look["mails"].elements())
    pairs = {
        "policies": (ending.policies, tuple(look["policies"])),
        "versions": (ending.versions, tuple(look["versions"])),
        "who opens it": (ending.opens, frozenset(look["opens"])),
        "mails": (ending.mails, dict(told)),
        "journal": (ending.journal, ending.journal & frozenset(look["journal"])),
    }
    for name, (wanted, is_now) in pairs.items():
        if wanted is not None and wanted != is_now:
            yield f"{name} should be {wanted} and is {is_now}"


def _words(ending: Ending, reason: str) -> Iterator[str]:
    for words in ending.says:
        if words not in reason:
            yield f"the reason should say {words!r}; it says {reason!r}"
    for words in ending.unsaid:
        if words in reason:
            yield f"the reason should not say {words!r}; it says {reason!r}"


def _columns(what: str, wanted: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    for name, value in wanted.items():
        if not _agrees(value, found.get(name)):
            yield f"{what}{name} should be {value!r} and is {found.get(name)!r}"


def _agrees(wanted: Any, found: Any) -> bool:
    """Dates by their day; text that ends in … by its beginning."""
    if isinstance(wanted, str) and wanted.endswith("…"):
        return str(found or "").startswith(wanted[:-1])
    return bool(wanted == found)


def _rest(ending: Ending, look: Look) -> Iterator[str]:
    """Yield what no story may leave behind: open work, mail unsent, status told in two ways."""
    if bool(ending.waits) != bool(look["open"]) or ending.waits not in str(look["open"]):
        yield f"it should wait because of {ending.waits!r}; work is left: {look['open']}"
    if look["unsent"]:
        yield f"mail is left: {look['unsent']}"
    beside = look["columns"].get("ControlStatus")
    if not look["gone"] and beside != look["status"]:
        yield f"beside the file stands {beside!r}, Verger remembers {look['status']!r}"
