"""A tenant killed at any moment comes back whole, with everything it had said yes to."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from contextlib import closing

import httpx
import pytest

from tests.tenant.nasty.nasty_kit import Library
from tests.tenant_kit import HELEN, spawn

WRITERS = 3


class Burst:
    """Writers that upload, write columns and delete until the tenant is gone."""

    def __init__(self, library: Library):
        self.there: dict[str, str] = {}  # what was answered: name and version label
        self.gone: set[str] = set()
        self._enough = threading.Event()
        self._wanted = 0
        self._library = library
        self._threads = [threading.Thread(target=self._write, args=(n,)) for n in range(WRITERS)]

    def run_until(self, answers: int, kill) -> None:
        """Let so many answers come, kill, and wait for every writer to notice."""
        self._wanted = answers
        for thread in self._threads:
            thread.start()
        assert self._enough.wait(60)
        kill()
        for thread in self._threads:
            thread.join(60)

    def _write(self, writer: int) -> None:
        library, number = self._library, 0
        with library.tenant.httpx(library.graph.headers["authorization"].split()[1]) as client:
            while True:
                number += 1
                try:
                    self._one(client, f"{writer}-{number}.txt")
                except httpx.TransportError:
                    return  # killed

    def _one(self, client: httpx.Client, name: str) -> None:
        path = f"/v1.0{self._library.drive}/root:/{name}:"
        self._said(client.put(f"{path}/content", content=name.encode()))
        self.there[name] = ""
        self._said(client.patch(f"{path}/listItem/fields", json={"VersionLabel": name}))
        self.there[name] = name
        if name.endswith("3.txt"):
            del self.there[name]  # until the answer comes, neither promise can be held to
            self._said(client.delete(path[:-1]))
            self.gone.add(name)
        if len(self.there) >= self._wanted:
            self._enough.set()

    @staticmethod
    def _said(reply: httpx.Response) -> None:
        assert reply.is_success, reply.text


def intact(data) -> None:
    """Hold the file against SQLite's own check, before anybody opens it for writing again."""
    with closing(sqlite3.connect(data / "tenant.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        (counted,) = database.execute("SELECT sum(n) FROM child_counts").fetchone()
        (lying,) = database.execute("SELECT count(*) FROM items WHERE state=0").fetchone()
        assert counted == lying


@pytest.fixture
def home(tmp_path, certificates):
    for pem in certificates.glob("*.pem"):
        shutil.copy(pem, tmp_path)
    return tmp_path


@pytest.mark.parametrize("answers", [1, 25, 70])
def test_what_was_answered_is_there_after_a_kill(home, answers):
    first = spawn(home)
    library = Library(first.tenant)
    burst = Burst(library)
    burst.run_until(answers, lambda: (first.process.kill(), first.process.communicate()))
    intact(first.tenant.data)
    second = spawn(home)
    library.tenant, library.graph = second.tenant, second.tenant.http("provisioner")
    for name, label in burst.there.items():
        assert library.item(name)["fields"].get("VersionLabel", "") in {label, name}
        found = library.ok("GET", f"{library.drive}/root:/{name}")
        assert found["size"] == len(name)
    for name in burst.gone:
        assert library.ask("GET", f"{library.drive}/root:/{name}").status_code == 404
    shown = {item["fields"]["FileLeafRef"] for item in library.delta()[0]}
    assert set(burst.there) <= shown
    assert not burst.gone & shown
    first.tenant.close()
    second.tenant.close()


def test_a_library_half_filled_when_killed_is_filled_to_its_number_later(home):
    first = spawn(home)
    library = Library(first.tenant)
    fill = {"list": library.id, "upn": HELEN, "count": 20_000}
    filling = threading.Thread(target=_order, args=(first.tenant, fill))
    filling.start()
    while library.ok("GET", f"{library.drive}/root")["folder"]["childCount"] == 0:
        pass  # each question waits for the tenant, between two lots of files
    first.process.kill()
    first.process.communicate()
    filling.join(60)
    intact(first.tenant.data)
    second = spawn(home)
    added = second.tenant.local("POST", "/files", fill)["added"]
    assert 0 < added < 20_000
    assert second.tenant.local("POST", "/files", fill)["added"] == 0
    library.tenant, library.graph = second.tenant, second.tenant.http("provisioner")
    assert library.ok("GET", f"{library.drive}/root")["folder"]["childCount"] == 20_000
    first.tenant.close()
    second.tenant.close()


def _order(tenant, fill) -> None:
    with tenant.httpx() as client, pytest.raises(httpx.TransportError):
        client.post("/_local/files", json=fill, timeout=60)
