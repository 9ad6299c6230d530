"""What the host's tests share: a storage on a free port, and hosts as processes of their own."""

from __future__ import annotations

import base64
import os
import secrets
from typing import TYPE_CHECKING

import pytest

from local.host.clock import Clock
from local.host.serve import Threaded, bind
from local.host.storage.account import StorageAccount
from local.host.storage.sharedkey import Account
from tests.host.hosting import RunningHost, hourly

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    """A clock that tests move by writing seconds into `tmp_path/clock`."""
    return Clock(tmp_path / "clock")


@pytest.fixture
def account(tmp_path: Path, clock: Clock) -> Iterator[StorageAccount]:
    keys = Account("verger", base64.b64encode(secrets.token_bytes(64)).decode())
    storage = StorageAccount(tmp_path / "storage.sqlite", keys, clock.now)
    yield storage
    storage.close()


@pytest.fixture
def ours(account: StorageAccount) -> Iterator[str]:
    """The connection string of our own storage server."""
    server = Threaded(account.wire(), bind(0))
    server.start()
    yield account.connection_string(server.address)
    server.stop()


ORACLE = os.environ.get("AZURITE_CONNECTION", "")


def pytest_report_header() -> str:
    return f"storage oracle: {'Azurite' if ORACLE else 'not run, AZURITE_CONNECTION is not set'}"


@pytest.fixture(params=["ours", "azurite"] if ORACLE else ["ours"])
def connection(request: pytest.FixtureRequest) -> str:
    """Our storage and, where one runs, Azurite as the oracle: the same tests hold for both."""
    if request.param == "azurite":
        return ORACLE
    text = request.getfixturevalue("ours")
    assert isinstance(text, str)
    return text


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHost]:
    """The app with one function for every habit of the real host, up for a module's tests."""
    folder = tmp_path_factory.mktemp("kitchen")
    host = RunningHost("kitchen", folder, WORK="work", SCHEDULE=hourly())
    yield host
    assert host.end() == 0, host.log()
