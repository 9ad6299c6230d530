"""Which triggers this app has: the enforcer's, or the provisioner's (decision 19, VERGER_ROLE)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import azure.functions as func

ROLE = "VERGER_ROLE"


def blueprints(environ: Mapping[str, str]) -> tuple[func.Blueprint, ...]:
    """Return the blueprints of this app's role; ValueError for a role there is not."""
    role = environ.get(ROLE) or "enforcer"
    if role == "provisioner":
        from functions import provision

        return (provision.blueprint,)
    if role != "enforcer":
        raise ValueError(f"{ROLE} is {role!r}; it is enforcer or provisioner")
    from functions import api, controls, decisions, quarantine, queues, reports, timers, webhook

    return (
        webhook.blueprint,
        queues.blueprint,
        timers.blueprint,
        api.blueprint,
        decisions.blueprint,
        controls.blueprint,
        quarantine.blueprint,
        reports.blueprint,
    )
