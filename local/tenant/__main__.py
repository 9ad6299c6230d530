"""`python -m local.tenant --data DIR --port N --seed FILE [--tls] [--proxy]`: run a tenant."""

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
    parser.add_argument("--tls", action="store_true",
                        help="https with a certificate of the tenant's own CA")  # fmt: skip
    parser.add_argument("--proxy", action="store_true",
                        help="a CONNECT proxy for Microsoft's names; means --tls")  # fmt: skip
    parser.add_argument("--proxy-port", type=int, help="the proxy's port; means --proxy")
    parser.add_argument("--no-control", action="store_true", help="close the door /_local/")
    parser.add_argument("--webhook-http", action="store_true",
                        help="admit plain-http webhooks on this machine")  # fmt: skip
    parser.add_argument("--webhook-ca", type=Path, help="one more CA to trust for webhooks")
    chosen = parser.parse_args(arguments)
    proxy = 0 if chosen.proxy and chosen.proxy_port is None else chosen.proxy_port
    return Options(
        data=chosen.data.resolve(),
        port=chosen.port,
        seed=chosen.seed,
        webhook_http=chosen.webhook_http,
        webhook_ca=chosen.webhook_ca,
        tls=chosen.tls or proxy is not None,
        proxy=proxy,
        control=not chosen.no_control,
    )


if __name__ == "__main__":
    sys.exit(main())
