"""Which registered documents say nearly the same as a text: by signatures, never by text.

A signature is the 64 numbers of `sync.reading.likeness`. They are also kept as 16 bands of four:
two texts that share four fifths agree in at least one band (99.98 in 100 times), so that the search
asks an index for 16 values instead of comparing with every document.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, Column, String, Table, delete, func, insert, select

from sync.state.sql import Json, metadata, save

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

PARTS_OF_A_SIGNATURE, ROWS = 64, 4
"""Numbers of a signature, and of a band of it."""
MOST = 24
"""Candidates compared at most, those with the most bands in common first."""

likenesses = Table(
    "likenesses",
    metadata,
    Column("document_id", String, primary_key=True),
    Column("text_id", String, nullable=False, index=True),
    Column("signature", Json, nullable=False),
)

likeness_bands = Table(
    "likeness_bands",
    metadata,
    Column("band", BigInteger, primary_key=True, autoincrement=False),
    Column("document_id", String, primary_key=True, index=True),
)


@dataclass(frozen=True, slots=True)
class Alike:
    """A document like the one looked for, and the share of what they say in common, 0 to 1."""

    document_id: str
    share: float


async def put_likeness(
    tx: AsyncConnection, document_id: str, text_id: str, signature: Sequence[int]
) -> None:
    """Keep a document's signature in place of its last one; the same text costs one look."""
    known = select(likenesses.c.text_id).where(likenesses.c.document_id == document_id)
    if await tx.scalar(known) == text_id:
        return
    row = {"document_id": document_id, "text_id": text_id, "signature": list(signature)}
    await save(tx, likenesses, row)
    await tx.execute(delete(likeness_bands).where(likeness_bands.c.document_id == document_id))
    rows = [{"band": band, "document_id": document_id} for band in sorted(bands(signature))]
    if rows:
        await tx.execute(insert(likeness_bands), rows)


async def alike(
    tx: AsyncConnection, document_id: str, text_id: str, signature: Sequence[int]
) -> Alike | None:
    """Find the document most like a text, itself left out; one with the very same text first."""
    own = likenesses.c.document_id != document_id
    same = select(likenesses.c.document_id).where(likenesses.c.text_id == text_id, own)
    found = await tx.scalar(same.order_by(likenesses.c.document_id).limit(1))
    if found is not None:
        return Alike(found, 1.0)
    wanted = bands(signature)
    shared = func.count().label("shared")
    near = (
        select(likeness_bands.c.document_id, shared)
        .where(likeness_bands.c.band.in_(wanted), likeness_bands.c.document_id != document_id)
        .group_by(likeness_bands.c.document_id)
        .order_by(shared.desc(), likeness_bands.c.document_id)
        .limit(MOST)
    )
    names = [row.document_id for row in await tx.execute(near)]
    rows = await tx.execute(
        select(likenesses.c.document_id, likenesses.c.signature).where(
            likenesses.c.document_id.in_(names)
        )
    )
    ends = [Alike(row.document_id, share(signature, row.signature)) for row in rows]
    return max(ends, key=lambda one: (one.share, one.document_id), default=None)


async def signature_of(tx: AsyncConnection, document_id: str) -> Sequence[int] | None:
    """Return the signature kept of a document's last text; None where it said too little."""
    kept = select(likenesses.c.signature).where(likenesses.c.document_id == document_id)
    found: Sequence[int] | None = await tx.scalar(kept)
    return found


def share(one: Sequence[int], other: Sequence[int]) -> float:
    """Estimate the share of sequences in common, over the parts that either text fills."""
    filled = [(a, b) for a, b in zip(one, other, strict=False) if a or b]
    return sum(a == b for a, b in filled) / len(filled) if filled else 0.0


def bands(signature: Sequence[int]) -> frozenset[int]:
    """Return the bands as numbers that name their place too; a band of empty parts is none."""
    found = set()
    for at in range(0, len(signature), ROWS):
        rows = signature[at : at + ROWS]
        if any(rows):
            told = hashlib.blake2b(f"{at}:{list(rows)}".encode(), digest_size=8).digest()
            found.add(int.from_bytes(told, "big", signed=True))
    return frozenset(found)
