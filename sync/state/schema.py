"""Every table of the state in one metadata: importing this module is what makes it whole."""

from __future__ import annotations

from sync.state import (
    assessments,
    breakers,
    checks,
    decisions,
    due,
    exceptions,
    excuses,
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
    rulesets,
    similar,
    sites,
    subscriptions,
    ties,
    work,
)
from sync.state.sql import metadata

SUBJECTS = (
    assessments,
    breakers,
    checks,
    decisions,
    due,
    exceptions,
    excuses,
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
    rulesets,
    similar,
    sites,
    subscriptions,
    ties,
    work,
)

__all__ = ["SUBJECTS", "metadata"]
