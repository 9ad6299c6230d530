"""Files inside a file: the members of a zip, what hangs on a mail; one level deep, no further.

The limits hold over all of them together. One member that cannot be read leaves the whole "Not
checked", but what the others say is kept: a patient's number in the first is not excused by a
password on the second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync.model import Reading, ReadState
from sync.reading.mail import Member

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sync.reading.limits import Limits
    from sync.reading.package import Package

UNSEEN = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
"""What systems put into archives by themselves; no person reads it."""


@dataclass(frozen=True, slots=True)
class Inside:
    """What the files inside say together; `state` and `why` are those of the first not read.

    `kinds` are the real types of the members, each once, in the order of the alphabet.
    """

    text: str = ""
    properties: str = ""
    state: ReadState = ReadState.READ
    why: str = ""
    kinds: tuple[str, ...] = ()


def members_of(package: Package) -> Iterator[Member]:
    """Unpack an archive's files one after the other, so that one at a time is in memory."""
    for name in package.names():
        if not name.startswith(UNSEEN) and not name.endswith(UNSEEN):
            yield Member(name, package.part(name))


def read_inside(
    members: Sequence[Member] | Iterator[Member],
    limits: Limits,
    read: Callable[[Member, Limits], tuple[Reading, int]],
) -> Inside:
    """Read each member by its own kind; `read` gives its reading and the bytes it unpacked to.

    Members are told by their count, never by name: a file's name may be what must not be told.
    """
    texts: list[str] = []
    properties: list[str] = []
    first: tuple[ReadState, str] = ReadState.READ, ""
    kinds: set[str] = set()
    for count, member in enumerate(members, 1):
        reading, unpacked = read(member, limits)
        limits = limits.less(unzipped=unpacked, characters=len(reading.text))
        texts += [member.name, reading.text]
        properties.append(reading.properties)
        kinds.add(reading.kind)
        if reading.state is ReadState.EMPTY:
            continue  # nothing in it is nothing to check
        if not reading.readable and first[0] is ReadState.READ:
            first = reading.state, f"File {count} inside it is not checked. {reading.why}"
    told = "\n".join(texts), "\n".join(filter(None, properties))
    return Inside(*told, *first, tuple(sorted(filter(None, kinds))))
