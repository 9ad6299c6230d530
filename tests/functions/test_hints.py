"""A hint is believed only with a clientState that we made for that tenant and that list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.hints import (
    MAX_CLIENT_STATE,
    SECURITY,
    Hint,
    client_state,
    count_ours,
    is_ours,
    parse_keys,
)

TENANT = "0d5f8f43-6d0f-4f0e-9a3e-3a6f0f4f2a10"
LIST = "6b3b3f0e-58a0-4a8c-8c39-0f3c52a3c111"
NEW, OLD = "aa" * 16, "bb" * 32
KEYS = parse_keys(f"k2:{NEW},k1:{OLD}")


def test_the_newest_key_signs_and_fits_graphs_limit():
    state = client_state(KEYS, TENANT, LIST)

    assert state.startswith("k2.")
    assert len(state) <= MAX_CLIENT_STATE
    assert is_ours(state, KEYS, TENANT, LIST)


def test_a_state_of_the_old_key_holds_until_that_key_is_withdrawn():
    state = client_state(parse_keys(f"k1:{OLD}"), TENANT, LIST)

    assert is_ours(state, KEYS, TENANT, LIST)
    assert not is_ours(state, parse_keys(f"k2:{NEW}"), TENANT, LIST)


@pytest.mark.parametrize(
    "state",
    [
        None,
        7,
        "",
        "k2",
        "k2.",
        ".",
        "nobody." + "0" * 64,
        "k2." + "0" * 64,
        "k2." + "é" * 64,
        "k2." + "0" * 200,
    ],
)
def test_a_state_we_did_not_make_is_refused(state):
    assert not is_ours(state, KEYS, TENANT, LIST)


def test_a_state_of_another_list_or_tenant_is_refused():
    state = client_state(KEYS, TENANT, LIST)

    assert not is_ours(state, KEYS, TENANT, LIST.replace("6b", "7b"))
    assert not is_ours(state, KEYS, TENANT.replace("0d", "1d"), LIST)


def test_letter_case_of_ids_makes_no_difference():
    assert is_ours(client_state(KEYS, TENANT.upper(), LIST.upper()), KEYS, TENANT, LIST)


@given(
    st.lists(st.one_of(st.none(), st.integers(), st.text(), st.dictionaries(st.text(), st.text())))
)
def test_whatever_else_a_post_holds_is_counted_as_strangers(junk):
    real = {"clientState": client_state(KEYS, TENANT, LIST)}

    assert count_ours([*junk, real], KEYS, TENANT, LIST) == 1


@pytest.mark.parametrize("text", ["k1", "k1:", "k1:xyz", ":" + NEW, "k1:aabb"])
def test_a_bad_key_setting_is_refused_with_a_right_one_shown(text):
    with pytest.raises(ValueError, match="such as k1:0011"):
        parse_keys(text)


def test_a_hint_reads_back_as_it_was_written():
    hint = Hint(LIST, "2026-11-24T09:00:00.000+00:00", "00-abc-def-01")

    assert Hint.parse(hint.text()) == hint


@pytest.mark.parametrize("text", ["", "[]", "7", "{}", '{"list_id": "x"}', "{"])
def test_a_message_that_is_no_hint_is_refused_by_what_it_says(text):
    with pytest.raises(ValueError, match="is not a Hint"):
        Hint.parse(text)


@pytest.mark.parametrize("kind", ["", SECURITY])
def test_a_hint_keeps_its_kind_on_its_way(kind):
    assert Hint.parse(Hint("l", "2026-11-24T09:00:00+00:00", kind=kind).text()).kind == kind


def test_a_kind_that_nobody_knows_is_a_hint_to_drain():
    assert Hint.parse('{"list_id": "l", "at": "now", "kind": "other"}').kind == ""
