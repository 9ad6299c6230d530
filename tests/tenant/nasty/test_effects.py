"""Effects by themselves: which can happen where, and how an answer looks under one."""

from __future__ import annotations

import json

import pytest

from local.tenant import effects
from local.tenant.app import open_store
from local.tenant.call import Answer
from local.tenant.errors import Refusal
from local.tenant.faults import Faults
from local.tenant.store import quirks

GONE = effects.Refuse(status=503, message="down")
SLOW, QUICK = effects.Delay(seconds=10), effects.Delay(seconds=1)


@pytest.fixture
def store(tmp_path):
    store = open_store(tmp_path / "tenant.db")
    yield store
    store.close()


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ({"@odata.context": "c", "value": [1], "@odata.nextLink": "n"},
         {"@odata.context": "c", "value": []}),
        (b'{"value": [1]}', {"value": []}),
        (b'{"d": {"results": [1]}}', {"d": {"results": []}}),
        ({"id": "one thing"}, {"id": "one thing"}),
        (b'{"d": {"Title": "one thing"}}', {"d": {"Title": "one thing"}}),
        (b"content of a file", b"content of a file"),
        (None, None),
    ],
)  # fmt: skip
def test_a_blank_answer_is_an_empty_collection_in_every_dialect(body, shown):
    answer = effects.disguised(effects.Blank(), Answer(200, body, {"h": "1"})).body
    as_data = json.loads(answer) if isinstance(answer, bytes) and b"{" in answer else answer
    assert as_data == shown


@pytest.mark.parametrize(
    ("effect", "limit", "status"),
    [(GONE, 3, 503), (effects.Drop(), 3, 0), (SLOW, 3, 0), (SLOW, 10, 0), (SLOW, 10.5, None),
     (QUICK, 3, None), (None, 3, None)],
)  # fmt: skip
def test_a_receiver_is_unheard_when_it_is_too_slow_for_the_service(effect, limit, status):
    told = effects.unheard(effect, limit)
    assert (told[0] if told else None) == status


@pytest.mark.parametrize(
    ("effect", "after", "status"),
    [(GONE, False, 503), (GONE, True, None), (effects.Refuse(status=504, after=True), True, 504),
     (effects.Lapse(), False, 401), (effects.Lapse(), True, None), (None, False, None)],
)  # fmt: skip
def test_an_effect_refuses_on_its_own_side_of_the_operation(effect, after, status):
    if status is None:
        effects.refuse(effect, after=after)
        return
    with pytest.raises(Refusal) as refused:
        effects.refuse(effect, after=after)
    assert refused.value.status == status


def test_what_a_hollow_step_wrote_is_gone_and_what_was_before_it_stays(store):
    with store.transaction():
        store.put("before", "kept")
        with effects.around(store, effects.Hollow()):
            store.put("inside", "lost")
            assert store.get("inside") == "lost"
        store.put("after", "kept")
    assert [store.get(key) for key in ("before", "inside", "after")] == ["kept", "", "kept"]


def test_a_hollow_step_that_fails_fails_all_the_same(store):
    with pytest.raises(Refusal), effects.around(store, effects.Hollow()):
        raise effects.Refuse(status=404).refusal()
    store.put("later", "works")
    assert store.get("later") == "works"


def test_a_quirk_of_one_call_lies_over_the_setting_and_is_lifted_again(store):
    quirks.put(store, quirks.DELIVERY_BATCH, 60)
    with effects.around(store, effects.Quirk(name=quirks.DELIVERY_BATCH, value=5)):
        assert quirks.get(store, quirks.DELIVERY_BATCH) == 5
    assert quirks.get(store, quirks.DELIVERY_BATCH) == 60


def test_faults_survive_their_process_with_their_counts(store):
    book = Faults(store)
    book.add({"effect": {"kind": "lapse"}, "count": 2, "match": {"method": "GET"}})
    assert isinstance(book.take("graph", "GET", "/x", "a"), effects.Lapse)
    again = Faults(store)
    assert isinstance(again.take("graph", "get", "/x", "a"), effects.Lapse)
    assert again.take("graph", "GET", "/x", "a") is None
    (told,) = again.account()
    assert (told["seen"], told["used"], told["remaining"]) == (3, 2, 0)
