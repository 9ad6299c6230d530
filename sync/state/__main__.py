"""`python -m sync.state`: the migration step of a deployment, on VERGER_DATABASE_URL."""

from __future__ import annotations

import asyncio
import os
import sys

from sync.state.engine import State

DATABASE = "VERGER_DATABASE_URL"


async def migrate(url: str) -> None:
    """Bring the schema at `url` up to this code's revision; safe to repeat."""
    state = State.open(url)
    try:
        await state.migrate()
    finally:
        await state.close()


def main() -> int:
    """Return 0 when the schema is up to date, 2 when no database is named."""
    url = os.environ.get(DATABASE, "")
    if not url:
        sys.stderr.write(f"{DATABASE} is missing; set it to the database to migrate\n")
        return 2
    asyncio.run(migrate(url))
    return 0


if __name__ == "__main__":
    sys.exit(main())
