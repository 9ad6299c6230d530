"""Verger's own state in SQL: cursors, leases, work, shadow, facts, numbers, journal, notices.

`State` opens the database; the functions stand in one module per subject, and each takes a
transaction first:

    async with state.begin() as tx:
        await lists.set_cursor(tx, lease, cursor)
        await work.put(tx, rows, state.now())
"""

from sync.state.engine import State
from sync.state.leases import LeaseLost
from sync.state.upgrades import SchemaBehind

__all__ = ["LeaseLost", "SchemaBehind", "State"]
