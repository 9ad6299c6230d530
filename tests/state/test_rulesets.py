"""The rules in force, and a change of them under way, as rows."""

from dataclasses import replace

from sync.state import rulesets
from sync.state.rulesets import Change, Rule, RuleEffect
from tests.state.conftest import NOW


def rule(policy="file_name", **more):
    told = {"version": "1", "mode": "warn", "parameters": {"naming": {}}, "parameters_hash": "h"}
    return Rule(list_id="L1", policy=policy, schema_hash="s", since=NOW, **{**told, **more})


def change(**more):
    told = {"mark": "m", "policies": ["file_name"], "state": "looking", "begun_at": NOW}
    return Change(list_id="L1", **{**told, **more})


def effect(item_id):
    return RuleEffect(list_id="L1", item_id=item_id, says={"file_name": ["nothing", "asked"]})


async def test_the_rules_of_a_list_are_replaced_whole(state):
    async with state.begin() as tx:
        await rulesets.put_rules(tx, "L1", [rule(), rule("review_date")])
        await rulesets.put_rules(tx, "L1", [rule("review_date", mode="enforce")])
        assert await rulesets.rules_of(tx, "L1") == {
            "review_date": rule("review_date", mode="enforce")
        }


async def test_of_two_runs_at_the_same_place_one_moves_on(state):
    at, on = change(), change(position="7", files=7)
    async with state.begin() as tx:
        await rulesets.begin_change(tx, at)
        assert await rulesets.move_on(tx, at, on)
        assert not await rulesets.move_on(tx, at, on)
        assert await rulesets.get_change(tx, "L1") == on


async def test_a_change_begun_anew_forgets_what_the_one_before_had_found(state):
    async with state.begin() as tx:
        await rulesets.begin_change(tx, change())
        await rulesets.put_effects(tx, [effect("1"), effect("2")])
        await rulesets.begin_change(tx, change(mark="other"))
        assert await rulesets.count_effects(tx, "L1") == 0
        assert [one.mark for one in await rulesets.all_changes(tx)] == ["other"]


async def test_effects_are_given_in_order_and_once_put_not_again(state):
    async with state.begin() as tx:
        await rulesets.begin_change(tx, change())
        await rulesets.put_effects(tx, [effect("2"), effect("1"), effect("3")])
        first = await rulesets.effects_of(tx, "L1", 2, put=False)
        await rulesets.put_effects(tx, [replace(one, put_at=NOW) for one in first])
        assert [one.item_id for one in first] == ["1", "2"]
        assert [one.item_id for one in await rulesets.effects_of(tx, "L1", 9, put=False)] == ["3"]
        assert await rulesets.count_effects(tx, "L1", put=True) == 2
