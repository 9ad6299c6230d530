"""What size costs the local tenant: the same calls on 1,000 and on 100,000 files.

`make bench-tenant`, or `python -m benchmarks.tenant_size [files]`. The tenant runs in a process of
its own, over TLS; every figure is the median of many calls as a client sees them, taken in turns
on both libraries so that whatever else this machine does falls on both alike.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests import tenant_kit as kit

SMALL = 1_000
LARGE = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
ROUNDS = 60
MEGABYTE = 1024**2
COLUMNS = [
    {"name": "DocumentNumber", "text": {}, "indexed": True},
    {"name": "VersionLabel", "text": {}},
]
VALUES = {"DocumentNumber": "Gov-{n:06}", "VersionLabel": "V{n}"}
CALLS = {
    "a page of delta with columns, 200": "GET {list}/items/delta?$expand=fields&token={token}",
    "one item by an indexed column": (
        "GET {list}/items?$expand=fields&$filter=fields/DocumentNumber eq 'Gov-{n:06}'"
    ),
    "an item with its columns": "GET {list}/items/{n}?$expand=fields",
    "a file by its path": "GET {list}/drive/root:/Paper {n}.txt",
    "a page of children": "GET {list}/drive/root/children?$top=50",
    "columns written": "PATCH {list}/items/{n}/fields",
    "a new file": "PUT {list}/drive/root:/new {n} {k}.txt:/content",
    "a new version": "PUT {list}/drive/root:/Paper {n}.txt:/content",
}


@dataclass
class Library:
    """One library of so many files, and how long each call on it took, in seconds."""

    client: Any
    site: str
    size: int
    took: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in CALLS})

    def __post_init__(self) -> None:
        body = {"displayName": f"Of {self.size}", "list": {"template": "documentLibrary"},
                "columns": COLUMNS}  # fmt: skip
        made = self.client.post(f"/v1.0/sites/{self.site}/lists", json=body).raise_for_status()
        self.id = made.json()["id"]
        self.list = f"/v1.0/sites/{self.site}/lists/{self.id}"

    def fill(self, tenant: kit.Tenant) -> float:
        """Fill it; returns the seconds that took."""
        order = {"list": self.id, "upn": kit.HELEN, "count": self.size, "name": "Paper {n}.txt",
                 "columns": VALUES}  # fmt: skip
        begun = time.perf_counter()
        with tenant.httpx() as client:
            client.post("/_local/files", json=order, timeout=600).raise_for_status()
        return time.perf_counter() - begun

    def middle(self) -> str:
        """Return a delta token from the middle of its first thousand files."""
        page = self.client.get(f"{self.list}/items/delta?$top=500").raise_for_status().json()
        return str(page["@odata.nextLink"]).rpartition("token=")[2]

    def time(self, name: str, turn: int, token: str) -> None:
        """Make one call and note how long it took."""
        method, path = CALLS[name].split(" ", 1)
        path = path.format(list=self.list, n=1 + turn * 7, k=turn, token=token)
        sent: dict[str, Any] = {"PATCH": {"json": {"VersionLabel": "V9"}},
                                "PUT": {"content": b"new text"}}.get(method, {})  # fmt: skip
        begun = time.perf_counter()
        self.client.request(method, path, **sent).raise_for_status()
        self.took[name].append(time.perf_counter() - begun)


def resident(pid: int) -> float:
    """Return a process's resident memory in MiB."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def main(folder: Path) -> None:
    """Fill two libraries, call both in turns, print the figures."""
    seed = kit.SEED.replace("owner:", "  throttle: false\nowner:", 1)
    spawned = kit.spawn(folder, seed)
    tenant = spawned.tenant
    try:
        client = tenant.http("provisioner")
        site = client.get("/v1.0/sites/root").raise_for_status().json()["id"]
        small, large = (Library(client, site, size) for size in (SMALL, LARGE))
        small.fill(tenant)
        before, took = resident(spawned.process.pid), large.fill(tenant)
        disk = sum(file.stat().st_size for file in tenant.data.iterdir()) / MEGABYTE
        print(f"{LARGE:,} files with columns: {took:.1f} s, {disk:.0f} MiB on disk")
        tokens = {id(each): each.middle() for each in (small, large)}
        for turn in range(ROUNDS):
            for name in CALLS:
                for each in (small, large):
                    each.time(name, turn, tokens[id(each)])
        print(f"{'median of ' + str(ROUNDS):<42} {SMALL:>9,} {LARGE:>9,}   ratio")
        for name in CALLS:
            one, other = (statistics.median(each.took[name]) for each in (small, large))
            print(f"{name:<42} {1e3 * one:6.2f} ms {1e3 * other:6.2f} ms   {other / one:5.2f}")
        print(f"memory of the tenant: {before:.0f} MiB before, "
              f"{resident(spawned.process.pid):.0f} MiB after")  # fmt: skip
    finally:
        tenant.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        main(Path(place))
