"""Schema steps: Alembic driven from code, so an installed package needs no ini file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from sync.errors import Terminal

if TYPE_CHECKING:
    from sqlalchemy import Connection

# Any fixed number will do; it only has to be ours among the advisory locks of one database.
_MIGRATION_LOCK = 8_374_237


class SchemaBehind(Terminal):
    """The database is not at this code's revision; migration is a deploy step of its own."""


def upgrade(connection: Connection) -> None:
    """Run the outstanding steps in the caller's transaction; a second process waits its turn."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
    settings = _settings()
    settings.attributes["connection"] = connection
    command.upgrade(settings, "head")


def check(connection: Connection) -> None:
    """Compare revisions; SchemaBehind names both and the way out."""
    wanted = ScriptDirectory.from_config(_settings()).get_current_head()
    found = MigrationContext.configure(connection).get_current_revision()
    if found != wanted:
        raise SchemaBehind(
            f"the state database is at revision {found or 'none'}, this Verger needs {wanted}: "
            "run the migration step of the deployment first, then start again"
        )


def _settings() -> Config:
    settings = Config()
    folder = str(Path(__file__).with_name("migrations"))
    settings.set_main_option("script_location", folder.replace("%", "%%"))
    return settings
