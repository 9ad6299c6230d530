"""`python -m local.tenant --data DIR --port N --seed FILE`: run a tenant of your own."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from local.tenant.seed import SeedError
from local.tenant.server import AlreadyRunning, Options, run

REFUSED = 2


def main(arguments: list[str] | None = None) -> int:
    """Return 0 after an orderly stop, 2 when the tenant cannot start (the reason on stderr)."""
    options = _options(arguments)
    try:
        run(options)
    except (AlreadyRunning, SeedError, ValueError, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201 -- a command speaks to its caller
        return REFUSED
    return 0


def _options(arguments: list[str] | None) -> Options:
    parser = argparse.ArgumentParser(prog="python -m local.tenant", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the tenant's own folder")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--seed", type=Path, help="tenant.yaml, sown (again) before the start")
    parser.add_argument("--webhook-http", action="store_true",
                        help="admit plain-http webhooks on this machine")  # fmt: skip
    parser.add_argument("--webhook-ca", type=Path, help="one more CA to trust for webhooks")
    chosen = parser.parse_args(arguments)
    return Options(chosen.data.resolve(), chosen.port, chosen.seed, chosen.webhook_http,
                   chosen.webhook_ca)  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
