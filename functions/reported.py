"""Handlers of the API for reports: read what is asked, call one flow, show what it found."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from functions.answers import Answer
from sharepoint_schema.dates import parse_date
from sync import heat
from sync.callers import Caller, Role
from sync.sig_records import Invalid

if TYPE_CHECKING:
    import azure.functions as func

    from sync.service import Service


async def heat_map(service: Service, caller: Caller, req: func.HttpRequest) -> Answer:
    """Show the open risks by cell; each role of the API may read the risk register."""
    caller.need(*Role, to="see the heat map")
    since = _past_day(service, req.params.get("since", "").strip())
    found = await heat.read(service, since, req.params.get("site", "").strip())
    return Answer(shown(found))


def shown(found: heat.HeatMap) -> dict[str, Any]:
    """Return the map as the API shows it; days in ISO form, colours as the standard names them."""
    return {
        "on": found.on.isoformat(),
        "since": found.since.isoformat(),
        "cells": [
            {
                "likelihood": one.likelihood,
                "impact": one.impact,
                "score": one.likelihood * one.impact,
                "band": one.band.name if one.band else "",
                "colour": one.band.colour if one.band else "",
                "risks": [_risk(risk) for risk in one.risks],
            }
            for one in found.cells
        ],
        "totals": [
            {
                "band": one.band.name,
                "colour": one.band.colour,
                "risks": one.now,
                "before": one.before,
            }
            for one in found.totals
        ],
        "unscored": [_risk(risk) for risk in found.unscored],
        "left": found.left,
    }


def _risk(risk: heat.Risk) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": risk.key,
        "title": risk.title,
        "site": risk.site,
        "link": risk.link,
        "move": risk.move,
    }
    if risk.before is not None:
        told["before"] = {"likelihood": risk.before[0], "impact": risk.before[1]}
    return told


def _past_day(service: Service, text: str) -> date | None:
    """Read 24/10/2026 or 2026-10-24; "" is no day. Raises Invalid, for a day to come as well."""
    if not text:
        return None
    try:
        day = parse_date(text) if "/" in text else date.fromisoformat(text)
    except ValueError:
        raise Invalid([("since", f"{text!r} is not a day such as 24/10/2026")]) from None
    if day > service.today():
        raise Invalid([("since", "is a day that has not come yet")])
    return day
