"""Staff at work: people signed in by device code, who use SharePoint as any client does."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import httpx

from local.demo.world import STAFF, TENANT_ID

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

SCOPES = "https://graph.microsoft.com/.default offline_access"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file as Graph tells of it right after its upload."""

    drive_id: str
    id: str
    unique_id: str
    name: str


class Person:
    """One signed-in person. `address` and `ca` are the local tenant's; use as a context manager."""

    def __init__(self, upn: str, address: str, ca: Path) -> None:
        self.upn = upn
        self._address = address
        context = ssl.create_default_context(cafile=str(ca))
        self._http = httpx.Client(base_url=address, verify=context, trust_env=False, timeout=30)
        self._http.headers["Authorization"] = f"Bearer {self._sign_in()}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def get(self, path: str) -> Any:
        """Return a Graph answer as JSON; httpx.HTTPStatusError when it is refused."""
        return self._answer(self._http.get(f"/v1.0{path}"))

    def library(self, site_path: str, title: str) -> str:
        """Return the drive id of a library by its title, seen by this person."""
        from local.demo.world import HOST  # noqa: PLC0415 - only here

        site = self.get(f"/sites/{HOST}:{site_path}")["id"]
        drives = self.get(f"/sites/{site}/drives")["value"]
        return str(next(one["id"] for one in drives if one["name"] == title))

    def upload(self, drive_id: str, name: str, data: bytes) -> Uploaded:
        """Put a file into a library's root, new or as the next version."""
        path = f"/v1.0/drives/{drive_id}/root:/{name}:/content"
        item = self._answer(self._http.put(path, content=data))
        unique_id = item["eTag"].strip('"').partition(",")[0].strip("{}").lower()
        return Uploaded(drive_id, item["id"], unique_id, item["name"])

    def set_columns(self, file: Uploaded, values: dict[str, str]) -> None:
        """Fill in columns beside a file, as the details pane does."""
        row = self.get(f"/drives/{file.drive_id}/items/{file.id}/listItem")["id"]
        path = f"/v1.0/drives/{file.drive_id}/list/items/{row}/fields"
        self._answer(self._http.patch(path, json=values))

    def add_row(self, site_path: str, title: str, values: dict[str, Any]) -> str:
        """Add a row to a list by its title; returns the row's path in Graph."""
        from local.demo.world import HOST  # noqa: PLC0415 - only here

        site = self.get(f"/sites/{HOST}:{site_path}")["id"]
        lists = self.get(f"/sites/{site}/lists")["value"]
        home = next(one["id"] for one in lists if one["displayName"] == title)
        rows = f"/sites/{site}/lists/{home}/items"
        row = self._answer(self._http.post(f"/v1.0{rows}", json={"fields": values}))
        return f"{rows}/{row['id']}"

    def publish(self, file: Uploaded, comment: str) -> None:
        """Check a file out and in again as a major version."""
        path = f"/v1.0/drives/{file.drive_id}/items/{file.id}"
        self._answer(self._http.post(f"{path}/checkout"))
        body = {"comment": comment, "checkInAs": "published"}
        self._answer(self._http.post(f"{path}/checkin", json=body))

    def versions(self, file: Uploaded) -> list[str]:
        """Return the version labels of a file, as its version history shows them."""
        found = self.get(f"/drives/{file.drive_id}/items/{file.id}/versions")["value"]
        return [str(one["id"]) for one in found]

    def content(self, file: Uploaded) -> bytes:
        """Return a file's bytes as they are now."""
        path = f"/v1.0/drives/{file.drive_id}/items/{file.id}/content"
        answer = self._http.get(path, follow_redirects=True)
        if answer.is_error:
            self._answer(answer)
        return answer.content

    def can_open(self, file: Uploaded) -> bool:
        """Whether this person gets the file's content."""
        path = f"/v1.0/drives/{file.drive_id}/items/{file.id}/content"
        answer = self._http.get(path, follow_redirects=True)
        if answer.status_code not in {200, 403, 404}:
            self._answer(answer)
        return answer.status_code == 200  # noqa: PLR2004 - HTTP's own word for yes

    def _sign_in(self) -> str:
        """Sign in by device code, approved as if on the person's phone."""
        login = f"/{TENANT_ID}/oauth2/v2.0"
        asked = self._post(f"{login}/devicecode", {"client_id": STAFF, "scope": SCOPES})
        approval = {"user_code": asked["user_code"], "upn": self.upn}
        self._answer(self._http.post("/_local/approve", json=approval))
        form = {"client_id": STAFF, "grant_type": DEVICE, "device_code": asked["device_code"]}
        return str(self._post(f"{login}/token", form)["access_token"])

    def _post(self, path: str, form: dict[str, str]) -> Any:
        return self._answer(self._http.post(path, data=form))

    def _answer(self, answer: httpx.Response) -> Any:
        if answer.is_error:
            raise httpx.HTTPStatusError(
                f"{self.upn}: {answer.request.method} {answer.request.url.path} was answered "
                f"{answer.status_code} {answer.text[:300]}",
                request=answer.request,
                response=answer,
            )
        return answer.json() if answer.content else {}
