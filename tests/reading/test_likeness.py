"""Two texts are compared by 64 numbers; what every document says counts for nothing."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.demo.writing import Control
from sharepoint_schema.loading import DATA
from sync.reading.likeness import likeness, text_id, words_of
from sync.reading.limits import Limits
from sync.reading.read import read
from sync.state.similar import bands, share
from tests.reading.kit import CONTROL, docx

WORDS = (  # noqa: SIM905 - a list of fifty strings reads worse
    "imaging network scan report patient pathway board review access dose protocol reading"
    " remote audit safety consent contrast equipment capacity demand referral clinical digital"
    " archive sharing standard training workforce finance estate quality incident learning"
).split()
LIKENESS = 0.8  # as the standard says


def text_of(seed, words=600):
    chosen = random.Random(seed)  # noqa: S311 - a test's own text
    return " ".join(chosen.choices(WORDS, k=words))


def edited(text, share_kept, seed=1):
    """The text with so much of it kept and the rest written anew, in one place."""
    words = text.split()
    kept = round(len(words) * share_kept)
    return " ".join([*words[:kept], *text_of(f"new {seed}", len(words) - kept).split()])


def signature(text):
    return likeness(words_of(text, None))


def alike(one, other):
    return share(signature(one), signature(other))


@pytest.mark.parametrize("seed", range(12))
def test_a_lightly_edited_text_is_told_and_another_text_is_not(seed):
    original = text_of(seed)
    assert alike(original, edited(original, 0.97, seed)) >= LIKENESS
    assert bands(signature(original)) & bands(signature(edited(original, 0.97, seed)))
    assert alike(original, text_of(f"other {seed}")) < LIKENESS / 2
    assert alike(original, edited(original, 0.5, seed)) < LIKENESS


@given(st.integers(0, 10_000), st.floats(0, 1))
@settings(max_examples=40)
def test_the_estimate_is_near_the_true_share(seed, kept):
    one = text_of(seed)
    other = edited(one, kept, seed)

    def runs(text):
        words = text.split()
        return {tuple(words[at : at + 5]) for at in range(len(words) - 4)}

    true = len(runs(one) & runs(other)) / len(runs(one) | runs(other))
    assert abs(alike(one, other) - true) < 0.3  # four standard deviations of 64 parts


def test_the_same_words_in_another_look_are_the_same_text():
    assert text_id(words_of("The Board\nreviews, access.", None)) == text_id(
        words_of("the  board reviews\taccess", None)
    )


def test_the_control_block_and_the_history_count_for_nothing():
    other = Control(
        "A Strategy", "V2", "Gov-12", "NEB 01/01/2027", "nobody", "01/01/2027", "01/01/2028",
        history=(("V1", "02/03/2026", "Adopted"),),
    )  # fmt: skip
    text = text_of("block")
    one, two = (
        read(docx(text, control=control), "a.docx", Limits()) for control in (CONTROL, other)
    )
    assert one.text_id == two.text_id
    assert one.likeness == two.likeness


@pytest.mark.parametrize("path", sorted((DATA / "assets").glob("*.docx")), ids=lambda p: p.name)
def test_what_a_template_says_counts_for_nothing(path):
    assert read(path.read_bytes(), path.name, Limits()).likeness == ()


def test_a_number_of_a_text_tells_none_of_its_words():
    assert all(isinstance(one, int) and one < 2**27 for one in signature(text_of(3)))
