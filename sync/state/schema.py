"""Every table of the state in one metadata: importing this module is what makes it whole."""

from __future__ import annotations

from sync.state import (
    assessments,
    decisions,
    due,
    facts,
    items,
    journal,
    leases,
    lists,
    meter,
    notices,
    numbers,
    registry,
    remembered,
    requests,
    similar,
    sites,
    subscriptions,
    work,
)
from sync.state.sql import metadata

SUBJECTS = (
    assessments,
    decisions,
    due,
    facts,
    items,
    journal,
    leases,
    lists,
    meter,
    notices,
    numbers,
    registry,
    remembered,
    requests,
    similar,
    sites,
    subscriptions,
    work,
)

__all__ = ["SUBJECTS", "metadata"]
