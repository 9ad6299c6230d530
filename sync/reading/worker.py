"""The process that opens files which may be hostile: reads one, answers, waits for the next.

Started by `pool.py` with the number of a pipe. It holds no credential, speaks to no network, writes
no file, and its memory and CPU time are bounded by the operating system.
"""

from __future__ import annotations

import logging
import math
import resource
import sys
from multiprocessing.connection import Connection

import msgspec

from sync.reading.pool import Request
from sync.reading.read import read

OPEN_FILES = 64
"""What Python itself, a late import and the pipe need; a parser opens none."""


def serve(pipe: Connection) -> None:
    """Answer requests until the other side is gone."""
    _shut_in()
    _hush()
    pipe.send_bytes(b"ready")
    while True:
        try:
            request = msgspec.msgpack.decode(pipe.recv_bytes(), type=Request)
            _bound(request)
            data = pipe.recv_bytes()
        except EOFError:
            return
        pipe.send_bytes(msgspec.msgpack.encode(read(data, request.name, request.limits)))


def _shut_in() -> None:
    """Give up for good what reading never needs.

    No core dump, which would hold a document's text; no byte written to a file; few files open.
    The number of processes is not bounded: Linux counts all of the user's, ours among them.
    """
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
    ):
        resource.setrlimit(what, (most, most))


def _hush() -> None:
    """Keep what parsers say out of the logs: their remarks and errors may quote the file."""
    logging.disable()
    sys.excepthook = lambda kind, _error, _trace: _say(kind.__name__)


def _say(kind: str) -> None:
    sys.stderr.write(f"a reader process ended: {kind}\n")


def _bound(request: Request) -> None:
    """Let the system stop us even if the parent cannot."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = math.ceil(used.ru_utime + used.ru_stime + request.limits.seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))
    memory = request.limits.memory
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    if hard == resource.RLIM_INFINITY or memory < hard:
        resource.setrlimit(resource.RLIMIT_AS, (memory, hard))


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
