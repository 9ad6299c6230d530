"""Gov-12 as a state machine: each step by its own role, once, in order; what lacks is named."""

from datetime import date

import pytest

from sync import requests
from sync.callers import Caller, NotEntitled, Role
from sync.errors import Missing
from sync.sig_records import Invalid, OutOfTurn, StepMissing, every, find
from sync.state import requests as kept
from sync.state.journal_reading import Query, entries
from sync.state.requests import changed
from tests.sig.kit import (
    ADA_LIND,
    BEA_LONG,
    HELEN,
    MINUTE,
    NADIA,
    NOBODY,
    RAJ_RAO,
    READER,
    WISH,
    a_service,
    person,
)

UNKNOWN = "00000000-0000-4000-8000-000000000000"
BOTH = person("Bo", Role.NETWORK_DIRECTOR, Role.CLINICAL_DIRECTOR)


@pytest.fixture
async def service(tmp_path):
    async with a_service(tmp_path) as opened:
        yield opened


async def asked(service, **more):
    return (await requests.ask(service, HELEN, {**WISH, **more})).request.id


async def agreed(service):
    request_id = await asked(service)
    await requests.agree(service, NADIA, request_id)
    await requests.agree(service, RAJ_RAO, request_id)
    return request_id


async def approved(service):
    request_id = await agreed(service)
    await requests.approve(service, BEA_LONG, request_id, *MINUTE)
    return request_id


async def at(service, request_id, **values):
    """Put a request where a provisioner would have put it."""
    async with service.state.begin() as tx:
        row = await kept.get_request(tx, request_id)
        await kept.put_request(tx, changed(row, service.now(), **values))


async def told(service, chain):
    async with service.state.read() as tx:
        return [(one.kind, one.actor) for one in await entries(tx, Query(site_id=chain))]


async def test_need_agreements_and_minute_make_a_signed_order(service):
    request_id = await approved(service)

    record = await find(service, request_id)
    order = record.order()

    assert record.request.state == "approved"
    assert (order.network_director.who, order.clinical_director.who) == ("Nadia", "Raj")
    assert (order.operational_board.reference, order.operational_board.date) == MINUTE
    assert await told(service, "sig-breast-imaging") == [
        ("sig-requested", "oid-helen"),
        ("sig-decided", "oid-nadia"),
        ("sig-decided", "oid-raj"),
        ("sig-decided", "oid-bea"),
    ]


async def test_the_directors_may_agree_in_either_order(service):
    request_id = await asked(service)

    await requests.agree(service, RAJ_RAO, request_id)
    record = await requests.agree(service, NADIA, request_id)

    assert record.missing == ("the Operational Board's minute is missing",)


@pytest.mark.parametrize(
    ("caller", "says"),
    [
        (READER, "only an Admin, a Registrar, the Network Director, the Clinical Director or a"),
        (NOBODY, "may ask for a SIG site"),
    ],
)
async def test_who_may_not_ask_is_told_who_may(service, caller, says):
    with pytest.raises(NotEntitled, match=says):
        await requests.ask(service, caller, WISH)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"name": "x"}, "name"),
        ({"name": "Nurses/Radiographers"}, "name"),
        ({"chair": "Sam"}, "chair"),
        ({"kind": "gardening"}, "kind"),
        ({"need": ""}, "need"),
        ({"colour": "blue"}, "colour"),
        ({"network_director": {"who": "Me", "date": "01/11/2026"}}, "network_director"),
        ({"operational_board": {}}, "operational_board"),
        ({"facilitator": 7}, "facilitator"),
    ],
)
async def test_a_wrong_wish_is_refused_naming_the_field(service, change, fault):
    with pytest.raises(Invalid) as refused:
        await requests.ask(service, HELEN, {**WISH, **change})
    assert [field for field, _ in refused.value.faults] == [fault]
    assert await every(service) == []


async def test_all_faults_of_a_wish_are_named_at_once(service):
    with pytest.raises(Invalid) as refused:
        await requests.ask(service, HELEN, {"name": "x", "kind": "pathways", "colour": "blue"})
    assert {field for field, _ in refused.value.faults} == {
        "name",
        "chair",
        "facilitator",
        "colour",
    }


async def test_a_group_has_one_request_and_repeating_it_gives_the_same(service):
    first = await asked(service)

    assert await asked(service) == first
    with pytest.raises(OutOfTurn, match="already a request for 'Breast Imaging'"):
        await asked(service, name="Breast Imaging")
    with pytest.raises(OutOfTurn):
        await requests.ask(service, ADA_LIND, WISH)


async def test_a_withdrawn_request_frees_its_name(service):
    first = await approved(service)

    await requests.withdraw(service, HELEN, first)

    assert await asked(service) != first
    assert (await find(service, first)).request.state == "withdrawn"


@pytest.mark.parametrize("caller", [NADIA, BEA_LONG, READER])
async def test_only_who_asked_or_an_admin_withdraws(service, caller):
    request_id = await asked(service)
    with pytest.raises(NotEntitled, match="only an Admin may withdraw somebody else's request"):
        await requests.withdraw(service, caller, request_id)
    await requests.withdraw(service, ADA_LIND, request_id)


@pytest.mark.parametrize("caller", [HELEN, BEA_LONG, ADA_LIND, READER, NOBODY])
async def test_nobody_agrees_but_the_two_directors(service, caller):
    request_id = await asked(service)
    with pytest.raises(NotEntitled, match="only the Network Director or the Clinical Director may"):
        await requests.agree(service, caller, request_id)


@pytest.mark.parametrize(
    ("caller", "role"), [(NADIA, Role.CLINICAL_DIRECTOR), (RAJ_RAO, Role.NETWORK_DIRECTOR)]
)
async def test_a_director_does_not_agree_for_the_other(service, caller, role):
    request_id = await asked(service)
    with pytest.raises(NotEntitled, match=f"only the {role} may agree for that office"):
        await requests.agree(service, caller, request_id, role)


async def test_one_person_never_gives_both_agreements(service):
    request_id = await asked(service)
    with pytest.raises(Invalid, match="say for which office"):
        await requests.agree(service, BOTH, request_id)

    await requests.agree(service, BOTH, request_id, Role.NETWORK_DIRECTOR)

    with pytest.raises(NotEntitled, match="one person can't give both"):
        await requests.agree(service, BOTH, request_id, Role.CLINICAL_DIRECTOR)


async def test_an_app_decides_nothing(service):
    robot = Caller("oid-app", "provisioner", frozenset(Role), person=False)
    request_id = await asked(service)
    with pytest.raises(NotEntitled, match="an app can't agree"):
        await requests.agree(service, robot, request_id, Role.NETWORK_DIRECTOR)
    with pytest.raises(NotEntitled, match="an app can't record the Operational Board's minute"):
        await requests.approve(service, robot, request_id, *MINUTE)


async def test_an_agreement_given_twice_is_one_and_nobody_elses(service):
    request_id = await asked(service)
    first = await requests.agree(service, NADIA, request_id)

    assert await requests.agree(service, NADIA, request_id) == first
    with pytest.raises(OutOfTurn, match="the Network Director has agreed already"):
        await requests.agree(service, person("Nell", Role.NETWORK_DIRECTOR), request_id)
    assert len(await told(service, "sig-breast-imaging")) == 2


@pytest.mark.parametrize(
    ("agreeing", "says"),
    [
        ([], "Network Director's agreement is missing .*; the Clinical Director's agreement"),
        ([NADIA], "^the Clinical Director's agreement is missing"),
        ([RAJ_RAO], "^the Network Director's agreement is missing"),
    ],
)
async def test_a_minute_before_both_agreements_is_refused_naming_them(service, agreeing, says):
    request_id = await asked(service)
    for director in agreeing:
        await requests.agree(service, director, request_id)
    with pytest.raises(StepMissing, match=says):
        await requests.approve(service, BEA_LONG, request_id, *MINUTE)


@pytest.mark.parametrize("caller", [NADIA, RAJ_RAO, HELEN, ADA_LIND, READER])
async def test_only_the_board_secretary_records_the_minute(service, caller):
    request_id = await agreed(service)
    with pytest.raises(NotEntitled, match="only a Board secretary may record"):
        await requests.approve(service, caller, request_id, *MINUTE)


@pytest.mark.parametrize(
    ("minute", "field"),
    [
        (("NOB 7", date(2026, 11, 25)), "date"),
        (("NOB 7", date(2026, 11, 23)), "date"),
        (("", date(2026, 11, 24)), "operational_board.reference"),
        (("a\nb", date(2026, 11, 24)), "operational_board.reference"),
    ],
)
async def test_a_minute_that_cannot_be_is_refused(service, minute, field):
    request_id = await agreed(service)
    with pytest.raises(Invalid) as refused:
        await requests.approve(service, BEA_LONG, request_id, *minute)
    assert [name for name, _ in refused.value.faults] == [field]


async def test_the_same_minute_again_is_one_and_another_is_refused(service):
    request_id = await approved(service)

    record, errands = await requests.approve(service, BEA_LONG, request_id, *MINUTE)

    assert (record.request.state, errands) == ("approved", [])
    with pytest.raises(OutOfTurn, match="another minute"):
        await requests.approve(service, BEA_LONG, request_id, "NOB 8", MINUTE[1])


@pytest.mark.parametrize("caller", [HELEN, NADIA, RAJ_RAO, BEA_LONG, READER])
async def test_only_an_admin_has_a_site_planned_or_opened(service, caller):
    request_id = await approved(service)
    with pytest.raises(NotEntitled, match="only an Admin may"):
        await requests.open_site(service, caller, request_id, "seal")
    with pytest.raises(NotEntitled, match="only an Admin may"):
        await requests.plan_again(service, caller, request_id)


@pytest.mark.parametrize("ready", [asked, agreed])
async def test_no_site_is_opened_without_the_recorded_approval(service, ready):
    request_id = await ready(service)
    with pytest.raises(StepMissing, match="the Operational Board's minute is missing"):
        await requests.open_site(service, ADA_LIND, request_id, "seal")


async def test_a_site_is_opened_by_the_seal_of_the_plan_there_is(service):
    request_id = await approved(service)
    with pytest.raises(OutOfTurn, match="the plan is still being made"):
        await requests.open_site(service, ADA_LIND, request_id, "seal")
    await at(service, request_id, state="planned", seal="right", plan={})

    with pytest.raises(OutOfTurn, match="not the seal of the plan there is now"):
        await requests.open_site(service, ADA_LIND, request_id, "wrong")
    record, errands = await requests.open_site(service, ADA_LIND, request_id, "right")

    assert record.request.state == "opening"
    assert [(one.queue, one.list_id) for one in errands] == [("provision", request_id)]


@pytest.mark.parametrize(
    ("state", "sleep"),
    [
        ("requested", True),
        ("planned", True),
        ("dormant", True),
        ("open", False),
        ("waking", True),
        ("opening", False),
        ("withdrawn", False),
    ],
)
async def test_only_an_open_site_sleeps_and_only_a_sleeping_one_wakes(service, state, sleep):
    request_id = await approved(service)
    await at(service, request_id, state=state)
    with pytest.raises(OutOfTurn, match=f"it is {state}"):
        await requests.turn(service, ADA_LIND, request_id, sleep=sleep)


@pytest.mark.parametrize("caller", [HELEN, NADIA, RAJ_RAO, READER])
async def test_a_site_sleeps_by_an_admins_or_the_board_secretarys_word(service, caller):
    request_id = await approved(service)
    await at(service, request_id, state="open", site_id="s")
    with pytest.raises(NotEntitled, match="only an Admin or a Board secretary may put to sleep"):
        await requests.turn(service, caller, request_id, sleep=True)


async def test_what_is_done_later_is_refused_once_a_site_is_open(service):
    request_id = await approved(service)
    await at(service, request_id, state="open")
    for step in (
        requests.agree(service, NADIA, request_id),
        requests.withdraw(service, HELEN, request_id),
        requests.open_site(service, ADA_LIND, request_id, "seal"),
        requests.plan_again(service, ADA_LIND, request_id),
    ):
        with pytest.raises(OutOfTurn, match="it is open"):
            await step


async def test_an_unknown_request_is_missing(service):
    with pytest.raises(Missing):
        await requests.agree(service, NADIA, UNKNOWN)
    with pytest.raises(Missing):
        await find(service, UNKNOWN)


@pytest.mark.parametrize(
    ("claims", "roles"),
    [
        (["Admin"], {Role.ADMIN}),
        (["NetworkDirector", "Clinical Director"], {Role.NETWORK_DIRECTOR, Role.CLINICAL_DIRECTOR}),
        (["IGOfficer", "board_secretary"], {Role.IG_OFFICER, Role.BOARD_SECRETARY}),
        (["Administrator", 7, None, ""], set()),
    ],
)
def test_roles_are_read_with_or_without_the_spaces_that_entra_forbids(claims, roles):
    assert Role.of(claims) == roles
