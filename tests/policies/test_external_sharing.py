"""A file of an open library is shared with the network's own people only."""

import pytest

from sync.model import Admitted, Audience, Recipient, Revoke, SharingLink, Tell
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
