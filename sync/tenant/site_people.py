"""Whom a number in a person column stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from sync.errors import Missing
from sync.model import Person
from sync.tenant import rest

if TYPE_CHECKING:
    from sync.tenant.client import Tenant


async def person(tenant: Tenant, site_url: str, number: str) -> Person:
    """Return the person a site knows under a number (2 units, assumed); Person() when gone."""
    path = f"web/getuserbyid({int(number)})?$select=Id,Title,Email,LoginName"
    try:
        told = await rest.read(tenant, site_url, path, doing=f"read person {number} of the site")
    except Missing:
        return Person()
    return Person(
        str(told.get("LoginName") or ""), told.get("Title") or "", told.get("Email") or ""
    )


async def number(tenant: Tenant, site_url: str, mail: str) -> str:
    """Return a site's number for a person by mailbox (2 units, assumed); "" for a stranger."""
    address = quote(mail.replace("'", "''"), safe="@")
    path = f"web/siteusers/getbyemail('{address}')?$select=Id"
    try:
        told = await rest.read(tenant, site_url, path, doing="read a person of the site")
    except Missing:
        return ""
    return str(told.get("Id") or "")
