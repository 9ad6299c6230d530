"""The document most like a text is found by an index, however many there are."""

import random
import time

import pytest
from sqlalchemy import insert

from sync.state.similar import (
    PARTS_OF_A_SIGNATURE,
    Alike,
    alike,
    bands,
    likeness_bands,
    likenesses,
    put_likeness,
    share,
)


def signature(seed):
    chosen = random.Random(seed)  # noqa: S311 - made-up signatures
    return [chosen.randrange(1, 2**26) for _ in range(PARTS_OF_A_SIGNATURE)]


def near(seed, changed):
    """The signature with so many of its numbers others."""
    other = signature(f"other {seed}")
    return [*other[:changed], *signature(seed)[changed:]]


async def test_the_most_alike_is_found_and_the_document_itself_is_not(state):
    async with state.begin() as tx:
        for number in range(200):
            await put_likeness(tx, f"d{number}", f"t{number}", signature(number))
        await put_likeness(tx, "nearer", "t", near(7, 3))
        assert await alike(tx, "d7", "t7", signature(7)) == Alike("nearer", 61 / 64)
        assert await alike(tx, "new", "x", near(9, 12)) == Alike("d9", 52 / 64)
        assert await alike(tx, "new", "x", signature("nobody's")) is None


async def test_the_very_same_text_comes_first(state):
    async with state.begin() as tx:
        await put_likeness(tx, "one", "same", signature(1))
        assert await alike(tx, "new", "same", ()) == Alike("one", 1.0)
        assert await alike(tx, "one", "same", signature(1)) is None


async def test_a_new_text_takes_the_place_of_the_old_one(state):
    async with state.begin() as tx:
        await put_likeness(tx, "one", "t1", signature(1))
        await put_likeness(tx, "one", "t2", signature(2))
        assert await alike(tx, "new", "x", signature(1)) is None
        assert await alike(tx, "new", "x", signature(2)) == Alike("one", 1.0)


async def test_a_signature_of_nothing_is_like_nothing(state):
    async with state.begin() as tx:
        await put_likeness(tx, "one", "t1", ())
        assert await alike(tx, "new", "t2", ()) is None
    assert share((), ()) == 0


@pytest.mark.thorough
async def test_many_thousand_documents_are_searched_in_milliseconds(state):
    many = [(f"d{number}", signature(number)) for number in range(10_000)]
    signed = [{"document_id": key, "text_id": key, "signature": one} for key, one in many]
    banded = [{"document_id": key, "band": band} for key, one in many for band in bands(one)]
    async with state.begin() as tx:
        await tx.execute(insert(likenesses), signed)
        await tx.execute(insert(likeness_bands), banded)
        begun = time.perf_counter()
        for number in range(0, 10_000, 100):
            assert await alike(tx, "new", "x", near(number, 8)) == Alike(f"d{number}", 56 / 64)
        assert time.perf_counter() - begun < 100 * 0.05
