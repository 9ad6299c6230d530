"""A file of an open library is shared with the network's own people only."""

import pytest

from sync.model import Admitted, Audience, Crowd, Recipient, Revoke, SharingLink, Tell
from sync.policies.external_sharing import check
from tests.policies.kit import context, document

COLLEAGUE, MEMBER, STRANGER = "ann@dgft.nhs.example", "bo@icb3.nhs.example", "cy@firm.example"


def found(links=(), people=()):
    return list(
        check(document(audience=Audience(people=tuple(people), links=tuple(links))), context())
    )


def test_a_file_nobody_shared_is_left_alone():
    assert list(check(document(), context())) == []
    assert found() == []


@pytest.mark.parametrize("who", [COLLEAGUE, MEMBER])
def test_sharing_by_name_within_the_member_organisations_is_nobody_elses_business(who):
    link = SharingLink("L1", "users", people=(who,))
    assert found([link], [Admitted(4, who)]) == []


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        ("anonymous", "The file is shared by a link that anyone can open, without signing in."),
        (
            "organization",
            "The file is shared by a link that everyone in the organisation can open.",
        ),
    ],
)
def test_a_link_for_all_is_taken_away(scope, words):
    (finding,) = found([SharingLink("L1", scope), SharingLink("L2", "users", people=(COLLEAGUE,))])
    assert finding.says == words
    assert finding.remedies == (Revoke(("L1",)), Tell(Recipient.AUTHOR), Tell(Recipient.OWNER))


def test_somebody_outside_is_taken_away_and_told_by_domain_alone():
    link = SharingLink("L1", "users", people=(COLLEAGUE, STRANGER))
    (finding,) = found([link], [Admitted(4, COLLEAGUE), Admitted(7, STRANGER)])
    assert finding.remedies[0] == Revoke(("L1",), (7,))
    assert "firm.example" in finding.says
    assert STRANGER not in finding.says


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        ("everyone", "The file is open to everyone who can sign in, guests too."),
        ("organization", "The file is open to everyone in the organisation."),
        ("group", "The file is shared with a whole group, not with people by name."),
    ],
)
def test_a_crowd_that_is_let_in_is_taken_away_and_a_colleague_stays(scope, words):
    audience = Audience(people=(Admitted(4, COLLEAGUE),), crowds=(Crowd(9, scope),))
    (finding,) = check(document(audience=audience), context())
    assert finding.says == words
    assert finding.remedies[0] == Revoke((), (9,))


def test_a_link_for_a_group_is_taken_away_and_no_number_is_told_as_a_domain():
    (finding,) = found([SharingLink("L1", "users", people=("0d5f8f43-6d0f", COLLEAGUE))])
    assert finding.says == "The file is shared with a whole group, not with people by name."
    assert finding.remedies[0] == Revoke(("L1",))
