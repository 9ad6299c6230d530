"""Schema steps: Alembic driven from code, so an installed package needs no ini file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from sync.errors import Terminal

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

HEAD = "0007"
"""The revision this code needs: the last file in migrations/versions (a test compares them)."""

# Any fixed number will do; it only has to be ours among the advisory locks of one database.
_MIGRATION_LOCK = 8_374_237


class SchemaBehind(Terminal):
    """The database is not at this code's revision; migration is a deploy step of its own."""


def upgrade(connection: Connection) -> None:
    """Run the outstanding steps in the caller's transaction; a second process waits its turn."""
    from alembic import command  # noqa: PLC0415 - a third of this package's start-up, rarely needed

    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
    settings = alembic_settings()
    settings.attributes["connection"] = connection
    command.upgrade(settings, "head")


def check(connection: Connection) -> None:
    """Compare revisions; SchemaBehind names both and the way out."""
    found = None
    if inspect(connection).has_table("alembic_version"):
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if found != HEAD:
        raise SchemaBehind(
            f"the state database is at revision {found or 'none'}, this Verger needs {HEAD}: "
            "run the migration step of the deployment first, then start again"
        )


def alembic_settings() -> Config:
    """Point Alembic at the steps that lie beside this file."""
    from alembic.config import Config  # noqa: PLC0415 - see upgrade

    settings = Config()
    folder = str(Path(__file__).with_name("migrations"))
    settings.set_main_option("script_location", folder.replace("%", "%%"))
    return settings
