"""How much of a file is read at most, and how a reading is refused.

A file that goes over a limit is *Not checked*, never half-checked: a number on the page after the
last one read would otherwise pass for absent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sync.model import ReadState

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one reading: sizes in bytes, text in characters, time in seconds.

    `ratio` is unpacked to packed size; it counts only above `small` unpacked bytes, since a tiny
    XML part may well shrink a hundredfold.
    """

    size: int = 100 * MIB
    unzipped: int = 400 * MIB
    ratio: int = 150
    small: int = 16 * MIB
    parts: int = 20_000
    characters: int = 5_000_000
    pages: int = 2_000
    seconds: float = 20.0
    memory: int = 1024 * MIB

    def less(self, *, unzipped: int = 0, characters: int = 0) -> Limits:
        """Return what is left after a file inside another one took so many bytes and characters."""
        left = self.unzipped - unzipped, self.characters - characters
        if min(left) < 0:
            raise CannotRead(ReadState.TOO_LARGE, "The files inside hold more than is checked.")
        return replace(self, unzipped=left[0], characters=left[1])


class CannotRead(ValueError):
    """Why a file's content gives no text: `state` for the verdict, the message for staff."""

    def __init__(self, state: ReadState, why: str) -> None:
        super().__init__(why)
        self.state = state
        self.why = why
