"""Short ways to ask `_api` in a test: a method, an address, a body, the status that is expected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.tenant.sharepoint.rest_kit import HELEN, login, user

if TYPE_CHECKING:
    from tests.tenant.sharepoint.rest_kit import Rest

NONE = "application/json;odata=nometadata"


class Asking:
    """The core site's `_api` for one caller, Helen unless another is named."""

    def __init__(self, rest: Rest, who: Any = None, base: str = "") -> None:
        self.rest, self.who = rest, who or user(HELEN)
        self.base = base or "https://wmin.sharepoint.com/sites/core"

    def get(self, path: str, status: int = 200) -> Any:
        reply = self.rest.session(self.who).get(
            f"{self.base}/_api/{path}", headers={"Accept": NONE}
        )
        assert reply.status_code == status, (path, reply.text)
        return reply.json() if "json" in reply.headers.get("Content-Type", "") else reply.content

    def send(self, verb: str, path: str, body: Any = None, status: int = 200) -> Any:
        """Send with a digest; MERGE and DELETE go as the clients send them, by X-HTTP-Method."""
        session = self.rest.session(self.who)
        told = session.post(f"{self.base}/_api/contextinfo", headers={"Accept": NONE}).json()
        headers = {"Accept": NONE, "X-RequestDigest": told["FormDigestValue"]}
        if verb in {"MERGE", "DELETE"}:
            headers |= {"X-HTTP-Method": verb, "IF-MATCH": "*"}
        data = {"data": body} if isinstance(body, bytes) else {"json": body} if body else {}
        method = "PUT" if verb == "PUT" else "POST"
        reply = session.request(method, f"{self.base}/_api/{path}", headers=headers, **data)
        assert reply.status_code == status, (path, reply.text)
        return reply.json() if "json" in reply.headers.get("Content-Type", "") else reply.content

    def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        return self.send("POST", path, body, status)

    def merge(self, path: str, body: Any, status: int = 204) -> None:
        self.send("MERGE", path, body, status)

    def delete(self, path: str, status: int = 200) -> None:
        self.send("DELETE", path, None, status)

    def list(self, title: str = "Events", template: int = 100) -> str:
        """Make a list; returns its address."""
        made = self.post("web/lists", {"Title": title, "BaseTemplate": template}, 201)
        return f"web/lists(guid'{made['Id']}')"

    def let(self, user_id: str, role: int) -> None:
        """Give a person a role in the site."""
        number = self.post("web/ensureuser", {"logonName": login(user_id)})["Id"]
        self.post(f"web/RoleAssignments/AddRoleAssignment(principalId={number},roleDefId={role})")
