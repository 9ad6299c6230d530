"""`python -m local.host --app DIR --data DIR`: run a function app on loopback.

Prints one line of JSON when it answers: address, storage connection, functions, keys file, pid.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
from pathlib import Path
from typing import Any

from local.host.data import InUse
from local.host.errors import HostError
from local.host.host import RESTARTED, Host, Options

IN_USE = 3
log = logging.getLogger("verger.host")


def main() -> int:
    """Exit status: 0 drained, 1 the app cannot run or did not drain, 3 the data are in use."""
    told = sys.stdout
    sys.stdout = sys.stderr  # what the app prints must not be taken for the line of JSON
    logging.basicConfig(stream=sys.stderr, level="INFO", format="%(asctime)s %(name)s %(message)s")
    for name in ("azure", "uvicorn"):  # both tell of every request
        logging.getLogger(name).setLevel("WARNING")

    def ready(line: dict[str, Any]) -> None:
        if restarted := os.environ.get(RESTARTED, ""):
            log.warning("restarted after %s timed out", restarted)
            return
        told.write(json.dumps(line) + "\n")
        told.flush()

    try:
        drained = asyncio.run(Host(_options()).run(ready))
    except HostError as error:
        sys.stderr.write(f"local.host: {error}\n")
        return IN_USE if isinstance(error, InUse) else 1
    if not drained:
        sys.stderr.flush()
        os._exit(1)  # a thread that never ends would keep the process for ever
    return 0


def _options() -> Options:
    parser = argparse.ArgumentParser(prog="python -m local.host", description=__doc__)
    parser.add_argument("--app", type=Path, required=True, help="folder of function_app.py")
    parser.add_argument("--data", type=Path, required=True, help="folder of what is kept")
    parser.add_argument("--shares", type=Path, help="--data of a host whose storage to use too")
    parser.add_argument("--port", type=int, default=0, help="0: the last run's, or a free one")
    parser.add_argument("--storage-port", type=int, default=0, help="likewise")
    parser.add_argument("--settings", type=Path, help="JSON file with app settings in Values")
    parser.add_argument("--clock", type=Path, help="file of seconds added to real time")
    parser.add_argument("--certificate", type=Path, help="PEM chain: serve https")
    parser.add_argument("--private-key", type=Path, help="PEM key of the certificate")
    parser.add_argument("--grace", type=float, default=30.0, help="seconds to drain on SIGTERM")
    given = parser.parse_args()
    if bool(given.certificate) != bool(given.private_key):
        parser.error("--certificate and --private-key go together")
    tls = (given.certificate.resolve(), given.private_key.resolve()) if given.certificate else None
    return Options(
        app=given.app.resolve(),
        data=given.data.resolve(),
        port=given.port,
        storage_port=given.storage_port,
        settings=given.settings,
        clock=given.clock,
        tls=tls,
        grace=given.grace,
        shares=given.shares.resolve() if given.shares else None,
    )


if __name__ == "__main__":
    sys.exit(main())
