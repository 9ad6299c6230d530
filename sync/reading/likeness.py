"""What a text has in common with another, in 64 numbers: enough to compare, too little to read.

The text is cut into sequences of five words. Of all their hashes the least in each of 64 parts of
the number range is kept (one-permutation MinHash: Li, Owen and Zhang, 2012). Two texts agree in
about as many parts as the share of sequences they have in common. What the network's own templates
and control blocks say is left out first: every document says it.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from sharepoint_schema.loading import DATA
from sync.reading.block import HEADINGS, HISTORY, in_tables
from sync.reading.limits import Limits
from sync.reading.office import read_word
from sync.reading.package import Package

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync.model import ControlBlock

RUN = 5  # words in a sequence: long enough that two texts on one subject share few
PARTS = 64
NONE = 0
"""Stands for a part into which no sequence fell; a hash is never 0."""
MOST_WORDS = 60_000
"""Words compared at most, about 200 pages; a longer text is known by its beginning."""

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")
_HEADINGS = frozenset(
    heading for table in (HEADINGS, HISTORY) for headings in table.values() for heading in headings
)


def words_of(text: str, block: ControlBlock | None) -> list[str]:
    """Return a text's words in lower case, the control block's rows and history left out."""
    said = _block_lines(block) if block else frozenset()
    lines = (line for line in re.split(r"[\n\t]", text) if _plain(line) not in said)
    found = (match[0].lower() for line in lines for match in _WORD.finditer(line))
    return list(islice(found, MOST_WORDS))


def text_id(words: list[str]) -> str:
    """SHA-256 over the words: equal for two files that say the same, whatever they look like."""
    return hashlib.sha256(" ".join(words).encode()).hexdigest()


def likeness(words: list[str]) -> tuple[int, ...]:
    """Return the 64 numbers; () when nothing but a template's words is there."""
    least = [NONE] * PARTS
    for hashed in _runs(words):
        if hashed in _common():
            continue
        part, rest = hashed % PARTS, hashed // PARTS + 1
        if not least[part] or rest < least[part]:
            least[part] = rest
    return tuple(least) if any(least) else ()


def _runs(words: list[str]) -> Iterator[int]:
    for at in range(len(words) - RUN + 1):
        yield zlib.crc32(" ".join(words[at : at + RUN]).encode())


@cache
def _common() -> frozenset[int]:
    """Return the hashes of what the network's templates say, so of what proves nothing."""
    said: set[int] = set()
    for path in sorted((DATA / "assets").glob("*.docx")):
        text, tables = read_word(Package(path.read_bytes(), Limits()))
        for block in (None, in_tables(tables)):
            said.update(_runs(words_of(text, block)))
    return frozenset(said)


def _block_lines(block: ControlBlock) -> frozenset[str]:
    rows = (block.name, block.version, block.date_adopted, block.review_date)
    more = (block.document_number, block.approved_by, block.target_audience)
    history = (
        value
        for row in block.history
        for value in (row.version, row.adopted, row.summary, row.name, row.title)
    )
    return _HEADINGS | {_plain(value) for value in (*rows, *more, *history)}


def _plain(line: str) -> str:
    return " ".join(line.split()).strip(" .:*").lower()
