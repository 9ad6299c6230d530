"""Verger's own function_app.py in the host: every trigger loads, and Graph's handshake answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.host.hosting import ROOT, RunningHost

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTINGS = {
    "VERGER_TENANT_ID": "0d5f8f43-6d0f-4f0e-9a3e-3a6f0f4f2a10",
    "VERGER_WEBHOOK_KEYS": "k1:" + "a1" * 32,
}
LIST = "5c5e6c1c-3c7b-4d5a-9f54-0d2a4b1f7a11"


@pytest.fixture(scope="module")
def verger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHost]:
    host = RunningHost(str(ROOT), tmp_path_factory.mktemp("verger"), **SETTINGS)
    yield host
    host.end()


def test_every_trigger_of_the_product_is_loaded_by_the_worker(verger: RunningHost) -> None:
    assert {"webhook", "drain", "judge", "sweep", "renew"} <= set(verger.told["functions"])


def test_the_handshake_is_answered_through_the_whole_host(verger: RunningHost) -> None:
    words = "Validation: Testing client application reachability 42"
    answer = verger.http.post(f"/api/webhook/{LIST}", params={"validationToken": words})
    assert (answer.status_code, answer.text) == (200, words)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


def test_a_forged_notification_is_answered_202_and_puts_nothing(verger: RunningHost) -> None:
    body = {"value": [{"clientState": "forged", "resource": f"sites/a/lists/{LIST}"}]}
    before = verger.depth("library-changed")
    assert verger.http.post(f"/api/webhook/{LIST}", json=body).status_code == 202
    assert verger.depth("library-changed") == before
