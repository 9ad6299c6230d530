"""What of an access is too much, told from who holds what alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.restricted.rules import Circle, Kind, extras, strangers
from sync.tenant.grants import Holder, Link, SiteGroup, Spot, address_of

FULL, CONTRIBUTE, READ = 1073741829, 1073741827, 1073741826
CIRCLE = Circle(
    levels={"Owners": "full", "Readers": "contribute"},
    apps=("11111111-0000",),
    excepted={"7": frozenset({"cy@firm.example"}), "": frozenset({"di@firm.example"})},
    declared={"Readers": frozenset({"bo@trust.example"})},
    closed=("Owners",),
)


def user(address, number=9, role=READ):
    return Holder(number, f"i:0#.f|membership|{address}", address, (role,))


def group(title, role=READ, number=3):
    return Holder(number, title, title, (role,))


def kinds(spot):
    return [one.kind for one in extras(spot, CIRCLE)]


@pytest.mark.parametrize(
    ("holder", "found"),
    [
        (group("Owners", FULL), []),
        (group("Readers", CONTRIBUTE), []),
        (group("Readers"), []),
        (group("Readers", FULL), [Kind.LEVEL]),
        (group("Readers", 1073741999), [Kind.LEVEL]),
        (group("Visitors"), [Kind.GROUP]),
        (user("Owners"), [Kind.PERSON]),
        (user("ann@trust.example"), [Kind.PERSON]),
        (user("cy@firm.example"), []),
        (user("di@firm.example"), []),
        (user("eve@trust.example", 4), []),
        (Holder(5, "c:0t.c|tenant|0d5f", "Everybody", (READ,)), [Kind.GROUP]),
        (Holder(5, "i:0i.t|ms.sp.ext|11111111-0000", "enforcer", (FULL,)), []),
        (Holder(5, "i:0i.t|00000003|app@sharepoint", "System", (FULL,)), []),
        (Holder(5, "i:0i.t|ms.sp.ext|99999999-0000", "other", (READ,)), [Kind.APP]),
    ],
)
def test_who_may_open_a_file_is_in_the_circle(holder, found):
    assert kinds(Spot("7", unique=True, holders=(holder,), author=4)) == found


@pytest.mark.parametrize(
    ("link", "found"),
    [
        (Link("a", "anonymous", "view"), [Kind.LINK]),
        (Link("a", "organization", "view"), [Kind.LINK]),
        (Link("a", "users", "view"), [Kind.LINK]),
        (Link("a", "users", "view", ("cy@firm.example", "ann@trust.example")), [Kind.LINK]),
        (Link("a", "users", "view", ("cy@firm.example", "di@firm.example")), []),
    ],
)
def test_a_link_stays_only_if_all_it_is_for_are_excepted(link, found):
    behind = Holder(6, "SharingLinks.x.View.a", "SharingLinks.x.View.a", (READ,))
    assert kinds(Spot("7", unique=True, holders=(behind,), links=(link,))) == found


def test_a_link_that_nothing_tells_of_counts_as_a_group():
    behind = Holder(6, "SharingLinks.x.View.a", "SharingLinks.x.View.a", (READ,))
    assert kinds(Spot("7", unique=True, holders=(behind,))) == [Kind.GROUP]


def test_a_library_that_inherits_is_one_finding_and_an_exception_for_a_file_is_not_for_it():
    assert kinds(Spot("", unique=False, holders=(group("Visitors"),))) == [Kind.INHERITS]
    assert kinds(Spot("", unique=True, holders=(user("cy@firm.example"),))) == [Kind.PERSON]


@pytest.mark.parametrize(
    ("title", "member", "out"),
    [
        ("Readers", user("ann@trust.example"), False),
        ("Readers", user("bo@trust.example"), False),
        ("Readers", user("fay@firm.example"), True),
        ("Readers", Holder(1, "i:0#.f|membership|fay_firm.example#ext#@w.example", "Fay"), True),
        ("Readers", Holder(1, "i:0#.f|membership|cat_trust.example#ext#@w.example", "Cat"), False),
        ("Readers", Holder(1, "i:0#.f|membership|root@w.onmicrosoft.com", "Root"), False),
        ("Readers", Holder(1, "c:0t.c|tenant|0d5f", "A group"), True),
        ("Readers", Holder(1, "c:0-.f|rolemanager|spo-grid-all-users/x", "Everyone"), True),
        ("Owners", user("ann@trust.example"), True),
        ("Visitors", user("fay@firm.example"), False),
    ],
)
def test_who_widens_a_group_that_opens_the_library(title, member, out):
    groups = {title: SiteGroup(2, (member,))}
    found = strangers(groups, CIRCLE, lambda who: who.endswith("@trust.example"))
    assert bool(list(found)) is out


@pytest.mark.parametrize(
    ("login", "address"),
    [
        ("i:0#.f|membership|Ann@Trust.example", "ann@trust.example"),
        ("i:0#.f|membership|ann_b_trust.example#ext#@w.example", "ann_b@trust.example"),
        ("i:0#.f|membership|urn%3aspo%3aguest%23ann@trust.example", "ann@trust.example"),
        ("Owners", "owners"),
    ],
)
def test_the_address_behind_a_login(login, address):
    assert address_of(login) == address


@given(st.lists(st.sampled_from([READ, CONTRIBUTE, FULL, 1073741999]), min_size=1, max_size=3))
def test_whoever_is_not_of_the_circle_is_too_much_whatever_they_hold(roles):
    stranger = Holder(9, "i:0#.f|membership|x@y.example", "X", tuple(roles))
    assert kinds(Spot("8", unique=True, holders=(stranger,))) == [Kind.PERSON]
