"""Whether somebody's account can still be used: asked of the directory, never guessed.

SharePoint does not tell it: its own list of people keeps name and address of those who have left.
Graph tells `accountEnabled` to an app with User.Read.All (the lesser User.ReadBasic.All leaves it
out): "Get user" and "List users", permissions and properties.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

if TYPE_CHECKING:
    from sync.tenant.client import Tenant


class _User(msgspec.Struct, frozen=True, rename="camel"):
    """An account as the directory has it; None stands for what it does not tell."""

    id: str
    account_enabled: bool | None = None


class _Users(msgspec.Struct, frozen=True):
    """A page of accounts."""

    value: list[_User]


async def can_sign_in(tenant: Tenant, address: str) -> bool:
    """Return whether an enabled account has this mailbox or sign-in name (0 resource units).

    False when every such account is disabled, or there is none. Raises Refused when the app lacks
    User.Read.All. The directory counts requests, not SharePoint's units.
    """
    text = address.replace("'", "''")
    asked = quote(f"mail eq '{text}' or userPrincipalName eq '{text}'", safe="")
    path = f"/users?$filter={asked}&$select=id,accountEnabled"
    found = await tenant.graph.get(path, _Users, doing="see whether an account is in use", units=0)
    return any(one.account_enabled is not False for one in found.value)
