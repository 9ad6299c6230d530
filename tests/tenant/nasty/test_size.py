"""A library of 100,000 files: filled in seconds, and no dearer to use than one of 1,000."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from local.tenant import witness
from local.tenant.store import bulk, lists
from tests.tenant.graph.graph_kit import seeded
from tests.tenant.nasty.nasty_kit import Library
from tests.tenant_kit import HELEN, spawn

SMALL, LARGE = 1_000, 100_000
TOLERANCE = 0.30
SECONDS, BYTES = 60, 1024**3
GROWTH_KB = 24 * 1024
EVERY = 10  # SQLite's virtual machine tells us each time it has gone on by so many steps
COLUMNS = {"DocumentNumber": "Gov-{n:06}", "VersionLabel": "V{n}", "ControlStatus": "In order"}
MANY = bulk.Many(LARGE, "Gov-{n} Paper.txt", columns=COLUMNS)
OPERATIONS = {
    "delta of the list": "GET {list}/items/delta?$top=50&$expand=fields&token={token}",
    "delta of the drive": "GET {list}/drive/root/delta?$top=50&token={token}",
    "first page of a full delta": "GET {list}/items/delta?$top=50",
    "one found by an indexed column": (
        "GET {list}/items?$expand=fields&$filter=fields/DocumentNumber eq 'Gov-{n:06}'"
    ),
    "a page of many found by an indexed column": (
        "GET {list}/items?$top=50&$filter=fields/ControlStatus eq 'In order'"
    ),
    "one found by the beginning of an indexed column": (
        "GET {list}/items?$filter=startswith(fields/DocumentNumber,'gov-{n:06}')"
    ),
    "an item": "GET {list}/items/{n}?$expand=fields",
    "a file by its path": "GET {list}/drive/root:/Gov-{n} Paper.txt",
    "the root and how many lie in it": "GET {list}/drive/root",
    "a page of the root's children": "GET {list}/drive/root/children?$top=50",
    "the content of a file": "GET {list}/drive/root:/Gov-{n} Paper.txt:/content",
    "its versions": "GET {list}/drive/root:/Gov-{n} Paper.txt:/versions",
    "a write of columns": "PATCH {list}/items/{n}/fields",
    "a new file": "PUT {list}/drive/root:/new {k}.txt:/content",
    "a new version": "PUT {list}/drive/root:/Gov-{n} Paper.txt:/content",
    "a new name": "PATCH {list}/drive/root:/Gov-{n} Paper.txt",
    "a deletion": "DELETE {list}/items/{n}",
}
WRITTEN = {
    "a write of columns": {"VersionLabel": "V9"},
    "a new file": b"text",
    "a new version": b"new text",
    "a new name": {"name": "Renamed {k}.txt"},
}


class Steps:
    """Counts what SQLite does for a block: the same every time, however busy the machine."""

    def __init__(self, store):
        self._db = store._db  # noqa: SLF001 -- the store itself has no use for counting
        self.steps = 0

    def __enter__(self):
        self._db.set_progress_handler(self._count, EVERY)
        return self

    def __exit__(self, *_):
        self._db.set_progress_handler(None, 0)

    def _count(self):
        self.steps += EVERY
        return 0


class Measured:
    """The same operations on one library, at its small size and at its large one."""

    def __init__(self, path: Path):
        self.tenant = seeded(path, None)
        self.list = self.tenant.library()
        self.row = lists.by_id(self.tenant.store, self.list.rpartition("/")[2])
        self.tenant.ask("PATCH", f"{self.list}/columns/ControlStatus", {"indexed": True})
        self.turn = 0
        self.seconds = 0.0
        self.cost = {size: self._at(size) for size in (SMALL, LARGE)}
        self.bytes = sum(file.stat().st_size for file in path.parent.iterdir())

    def _at(self, size: int) -> dict[str, int]:
        many = bulk.Many(size, MANY.name, columns=MANY.columns)
        began = time.process_time()  # of one processor: other work on this machine does not count
        bulk.fill(self.tenant.store, self.row, many, self.tenant.who)
        self.seconds += time.process_time() - began
        return {name: self._steps(name, call) for name, call in OPERATIONS.items()}

    def _steps(self, name: str, call: str) -> int:
        """Return the steps of four runs, each on a file of its own."""
        method, path = call.split(" ", 1)
        link = self.tenant.get(f"{self.list}/items/delta?$top=400")["@odata.nextLink"]
        token = link.rpartition("token=")[2]
        with Steps(self.tenant.store) as counted:
            for _ in range(4):
                self.turn += 1
                names = {"n": 400 + self.turn, "k": self.turn, "token": token}
                body = WRITTEN.get(name)
                if isinstance(body, dict):
                    body = {key: text.format(**names) for key, text in body.items()}
                self.tenant.ask(method, path.format(list=self.list, **names), body)
        return counted.steps


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    found = Measured(tmp_path_factory.mktemp("size") / "tenant.db")
    yield found
    found.tenant.store.close()


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_costs_the_same_at_100_000_files_as_at_1_000(measured, name):
    small, large = (measured.cost[size][name] for size in (SMALL, LARGE))
    assert large <= small * (1 + TOLERANCE), (small, large)


def test_a_library_of_100_000_files_is_filled_in_a_minute_and_a_gigabyte(measured):
    assert measured.seconds < SECONDS
    assert measured.bytes < BYTES


def test_memory_stays_flat_while_a_large_library_is_filled_and_read(
    tmp_path, certificates, monkeypatch
):
    monkeypatch.delenv(witness.FOLDER, raising=False)  # thousands of answers of one shape
    for pem in certificates.glob("*.pem"):
        shutil.copy(pem, tmp_path)
    spawned = spawn(tmp_path)
    try:
        library = Library(spawned.tenant)
        url = f"{library.list}/items/delta?$top=200&$expand=fields"
        fill = {"list": library.id, "upn": HELEN, "columns": {"VersionLabel": "V{n}"}}
        used = []
        for count in (4_000, 8_000, 16_000):
            assert spawned.tenant.local("POST", "/files", fill | {"count": count})
            assert len(library.delta(url)[0]) == count
            used.append(memory(spawned.process.pid))
        assert used[-1] - used[0] < GROWTH_KB
    finally:
        spawned.tenant.close()


def memory(pid: int) -> int:
    """Return a process's resident memory in KiB."""
    words = Path(f"/proc/{pid}/status").read_text("ascii").split("VmRSS:")[1].split()
    return int(words[0])
