"""The process that opens files which may be hostile: reads one, answers, waits for the next.

Started by `pool.py` with the number of a pipe. It holds no credential, speaks to no network, and
its memory and CPU time are bounded by the operating system.
"""

from __future__ import annotations

import math
import resource
import sys
from multiprocessing.connection import Connection

import msgspec

from sync.reading.pool import Request
from sync.reading.read import read


def serve(pipe: Connection) -> None:
    """Answer requests until the other side is gone."""
    pipe.send_bytes(b"ready")
    while True:
        try:
            request = msgspec.msgpack.decode(pipe.recv_bytes(), type=Request)
            _bound(request)
            data = pipe.recv_bytes()
        except EOFError:
            return
        pipe.send_bytes(msgspec.msgpack.encode(read(data, request.name, request.limits)))


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
