"""The host's data folder: one process at a time, and the ports it had before.

The lock is the kernel's, so it ends with the process however that ends: whoever holds it knows
that nobody else is at work on this folder.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from typing import TYPE_CHECKING

from local.host.errors import HostError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class InUse(HostError):
    """Another process has the data folder."""


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder for the length of the block; raises InUse when another process has it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "host.lock").open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as busy:
            file.seek(0)
            raise InUse(
                f"{folder} is in use by the host with process id {file.read().strip() or '?'}; "
                "stop it first, or give this one another --data folder"
            ) from busy
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


@contextlib.contextmanager
def using(storage: Path) -> Iterator[bool]:
    """Be counted among the hosts of a storage's folder; tells whether there was no other."""
    storage.mkdir(parents=True, exist_ok=True)
    with (storage / "storage.lock").open("a+", encoding="ascii") as file:
        alone = True
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            alone = False
        fcntl.flock(file, fcntl.LOCK_SH)
        yield alone


def remembered_ports(folder: Path) -> dict[str, int]:
    """Return the ports of the last run (`http`, `storage`): addresses others hold stay true."""
    path = folder / "ports.json"
    if not path.exists():
        return {}
    return {name: int(port) for name, port in json.loads(path.read_text("ascii")).items()}


def remember_ports(folder: Path, ports: dict[str, int]) -> None:
    fresh = folder / "ports.new"
    fresh.write_text(json.dumps(ports), "ascii")
    fresh.replace(folder / "ports.json")
