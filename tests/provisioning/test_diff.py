"""What is compared, how, and what a plan says of it: pure, without a tenant."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.caml import canonical
from sync.diff import diff
from sync.differences import falls_short, to_write
from sync.plan import ORDER, PlanBlocked
from sync.site_state import Found, SiteState
from tests.provisioning.model_site import conforming

CARES = ["owned", "floor", "free"]
values = (
    st.none()
    | st.booleans()
    | st.integers(0, 9)
    | st.text(max_size=3)
    | st.lists(st.text(max_size=2), max_size=4, unique=True)
)


def change(state, part, name, **properties):
    """Return the state with properties of one thing changed."""
    things = dict(getattr(state, part))
    there = things[name]
    things[name] = replace(there, values={**there.values, **properties})
    return replace(state, **{part: things})


def change_list(state, url, **changes):
    return replace(state, lists={**state.lists, url: replace(state.lists[url], **changes)})


def test_a_site_that_conforms_needs_no_step(spec):
    state = conforming(spec)
    watched = {found.id for found in state.lists.values()}
    assert diff(spec, state, watched).empty


def test_a_site_that_is_not_there_needs_everything_in_the_written_order(spec):
    plan = diff(spec, SiteState(), set())
    kinds = [step.kind for step in plan.steps]
    assert kinds == sorted(kinds, key=ORDER.index)
    assert plan.steps[0].id == "site"
    assert len({step.id for step in plan.steps}) == len(plan.steps)
    assert [step.key[0] for step in plan.of("webhook")] == [a.key for a in spec.lists if a.policed]


def test_everything_on_a_new_site_is_covered_by_making_it(spec):
    coverage = diff(spec, SiteState(), set()).coverage
    state = replace(conforming(spec), groups={}, lists={}, levels={"x": ("edit",)})
    assert all(step.covered(coverage) for step in diff(spec, state, set()).steps)


def test_a_change_approved_for_one_list_covers_no_other(core):
    found = conforming(core)
    one = change_list(
        found, "Restricted", values={**found.lists["Restricted"].values, "crawled": True}
    )
    other = change_list(found, "Quarantine", inherits=True, access={})
    coverage = diff(core, one).coverage
    assert not any(step.covered(coverage) for step in diff(core, other).steps)


@pytest.mark.parametrize(
    ("change_it", "step_id", "after"),
    [
        (
            lambda s: change(s, "columns", "ReviewDate", title="Next review"),
            "column/ReviewDate",
            {"title": "Review date"},
        ),
        (
            lambda s: change(s, "columns", "ReviewDate", formatting=None),
            "column/ReviewDate",
            None,
        ),
        (
            lambda s: change(s, "groups", "WMIN Core Team IG officers", members=[]),
            "group/ig_officers",
            {"members": ["iris.grant@dgft.nhs.example"]},
        ),
        (
            lambda s: change(s, "types", "Network document", columns=["Title"]),
            "type/network_document",
            None,
        ),
        (
            lambda s: replace(s, levels={**s.levels, "WMIN Core Team Members": ("edit",)}),
            "level/members",
            {"level": ["contribute"]},
        ),
        (lambda s: replace(s, apps={}), "app/11111111-0000-4000-8000-000000000001", None),
        (
            lambda s: change_list(s, "Quarantine", inherits=True),
            "access/quarantine",
            {
                "inherits": False,
                "access": {"WMIN Core Team IG officers": ["contribute"]},
            },
        ),
        (
            lambda s: change_list(
                s,
                "ControlledDocuments",
                values={**s.lists["ControlledDocuments"].values, "approval": False},
            ),
            "settings/controlled",
            {"approval": True},
        ),
        (
            lambda s: change_list(s, "ControlledDocuments", views={}),
            "view/controlled/Review due",
            None,
        ),
        (
            lambda s: change_list(
                s, "WorkingDocuments", types={"Document": "0x", "Network document": "0x1"}
            ),
            "binding/working",
            {"first": ["Network document"]},
        ),
    ],
)
def test_what_falls_short_is_a_step(core, change_it, step_id, after):
    plan = diff(core, change_it(conforming(core)))
    step = next(step for step in plan.steps if step.id == step_id)
    assert step.change in {"set", "create"}
    if after is not None:
        assert step.after == after


def test_what_staff_add_beyond_a_floor_stays(core):
    state = conforming(core)
    group = state.groups["WMIN Core Team Members"]
    state = change(
        state,
        "groups",
        "WMIN Core Team Members",
        members=[*group.values["members"], "new@x.example"],
    )
    state = change(
        state,
        "columns",
        "DocumentType",
        choices=["Own kind", *state.columns["DocumentType"].values["choices"]],
    )
    own_view = Found("9", {"columns": ["DocIcon"], "query": "", "rows": 9, "default": False})
    area = state.lists["WorkingDocuments"]
    state = change_list(
        state,
        "WorkingDocuments",
        views={**area.views, "Mine": own_view},
        columns={**area.columns, "Mine": Found("Mine", {"kind": "text"})},
        values={**area.values, "keep_major": 900, "approval": True},
    )
    assert diff(core, state).empty


def test_a_stranger_among_the_officers_is_taken_out(core):
    state = change(
        conforming(core),
        "groups",
        "WMIN Core Team IG officers",
        members=["iris.grant@dgft.nhs.example", "stranger@x.example"],
    )
    (step,) = diff(core, state).steps
    assert step.after == {"members": ["iris.grant@dgft.nhs.example"]}


def test_an_extra_reader_of_the_restricted_library_is_taken_out(core):
    state = conforming(core)
    area = state.lists["Restricted"]
    held = {**area.access, "i:0#.f|membership|x@y.example": ("read",)}
    (step,) = diff(core, change_list(state, "Restricted", access=held)).steps
    assert step.kind == "access"
    assert "i:0#.f|membership|x@y.example" not in step.after["access"]


def test_a_thing_of_another_kind_blocks_the_plan_and_is_named(core):
    state = change(conforming(core), "columns", "ReviewDate", kind="text")
    area = state.lists["RiskRegister"]
    state = change_list(state, "RiskRegister", values={**area.values, "template": "library"})
    plan = diff(core, state)
    assert len(plan.blocked) == 2
    assert not plan.empty
    assert "ReviewDate is text, not date" in str(PlanBlocked(plan))


def test_the_seal_is_of_the_steps_and_nothing_else(core):
    state = conforming(core)
    one = diff(core, change_list(state, "Quarantine", inherits=True))
    again = diff(core, change_list(state, "Quarantine", inherits=True))
    other = diff(core, change_list(state, "Restricted", inherits=True))
    assert one.seal == again.seal
    assert one.seal != other.seal
    assert one.as_json()["seal"] == one.seal


def test_a_plan_reads_as_lines_with_its_seal(core):
    state = conforming(core)
    values = {**state.lists["ControlledDocuments"].values, "keep_major": 50}
    plan = diff(core, change_list(state, "ControlledDocuments", values=values))
    assert plan.as_text().splitlines() == [
        f"WMIN Core Team ({core.path}): 1 steps, seal {plan.seal}",
        (
            "  ~ settings     Controlled documents: keep_major 50 → 500"
            " (versions, approval, rules and search of the list)"
        ),
    ]
    assert diff(core, state).as_text() == f"WMIN Core Team ({core.path}): nothing to do"


def test_a_plan_can_be_put_before_a_board_as_markdown(core):
    plan = diff(core, change_list(conforming(core), "Quarantine", inherits=True))
    assert plan.as_markdown().splitlines()[2:8] == [
        f"1 steps. Seal: `{plan.seal}`",
        "",
        "## access (1)",
        "",
        "| | what | change |",
        "|---|---|---|",
    ]
    assert "| ~ | Quarantine | access " in plan.as_markdown()
    assert "Nothing to do." in diff(core, conforming(core)).as_markdown()


@given(st.sampled_from(CARES), values, values)
def test_what_was_written_no_longer_falls_short(care, wanted, found):
    if type(wanted) is not type(found) and None not in (wanted, found):
        return
    if falls_short(care, wanted, found):
        assert not falls_short(care, wanted, to_write(care, wanted, found))


@given(st.sampled_from(CARES), values)
def test_what_is_as_wanted_does_not_fall_short(care, wanted):
    assert not falls_short(care, wanted, wanted)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('<OrderBy><FieldRef Name="A"/></OrderBy>', "<OrderBy>\n <FieldRef Name='A' /></OrderBy>"),
        (
            '<Where><IsNull><FieldRef Name="A"/></IsNull></Where><OrderBy/>',
            '<OrderBy /><Where><IsNull><FieldRef Name="A" /></IsNull></Where>',
        ),
        ("", ""),
    ],
)
def test_two_spellings_of_a_query_are_one(one, other):
    assert canonical(one) == canonical(other)


def test_text_that_is_no_query_differs_from_any():
    assert canonical("<Where>") == "<Where>"
