"""A database in Azure is opened with the managed identity's token; no other needs one."""

from types import SimpleNamespace

import pytest

from sync.state.entra import SCOPE, password_source

AZURE = "postgresql://verger@db.example/verger"


class Credential:
    def __init__(self, client_id):
        self.client_id = client_id
        self.asked = []

    def get_token(self, scope):
        self.asked.append(scope)
        return SimpleNamespace(token=f"token {len(self.asked)} of {self.client_id}")


def test_each_connection_asks_the_identity_for_its_token():
    password = password_source(AZURE, "id-1", Credential)

    assert [password(), password()] == ["token 1 of id-1", "token 2 of id-1"]
    assert SCOPE.startswith("https://ossrdbms-aad")


@pytest.mark.parametrize(
    ("url", "client_id"),
    [("sqlite:///x.db", "id-1"), ("postgresql://u:secret@h/d", "id-1"), (AZURE, None)],
)
def test_where_no_token_is_needed_none_is_asked_for(url, client_id):
    assert password_source(url, client_id, Credential) is None
