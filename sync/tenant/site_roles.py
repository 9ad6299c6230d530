"""Permission levels as a schema names them, and the ids SharePoint gives them on every site."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LEVELS: Mapping[str, int] = {
    "full": 1073741829,
    "design": 1073741828,
    "edit": 1073741830,
    "contribute": 1073741827,
    "read": 1073741826,
}
"""The built-in role definitions (gk: their ids are the same on every site)."""

LIMITED = 1073741825
"""Limited Access: what SharePoint adds by itself on a parent; it opens nothing."""

_NAMES = {number: level for level, number in LEVELS.items()}


def level_name(number: int) -> str:
    """Return the level of a role definition, or its number where no schema names it."""
    return _NAMES.get(number, str(number))


def level_number(level: str) -> int:
    """Return the role definition of a level; a number stands for itself."""
    return LEVELS[level] if level in LEVELS else int(level)
