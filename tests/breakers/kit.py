"""Plans of the core team, named rightly or wrongly, and what is read of them again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.demo.writing import Control, to_docx

if TYPE_CHECKING:
    from tests.flow_kit import Desk


def plan(number: int, title: str = "") -> tuple[str, bytes]:
    """Return the agreed name of a draft in order, and its bytes; every number has its own text."""
    title = title or f"Booking Plan for Scanner {number}"
    control = Control(title, "V0.1", f"Op-{number:02d}", "", "all staff")
    data = to_docx(title, (f"Scanner {number} is booked by telephone.",), control)
    return f"Op-{number:02d} {title} V0.1.docx", data


def limits(desk: Desk, **more: Any) -> None:
    """Let other limits hold in this desk's service."""
    standard = desk.service.standard
    breakers = standard.breakers.model_copy(update=more)
    desk.service.standard = standard.model_copy(update={"breakers": breakers})


def misnamed(desk: Desk, number: int) -> Any:
    """Upload a plan under a wrong name."""
    return desk.upload(f"scanner plan {number}.docx", plan(number)[1])


def path_of(item: Any) -> str:
    return f"/v1.0/drives/{item['parentReference']['driveId']}/items/{item['id']}"


def replace(desk: Desk, item: Any, data: bytes) -> None:
    """Save other content into a file, as staff."""
    desk.person().put(f"{path_of(item)}/content", content=data).raise_for_status()


def ask(desk: Desk, item: Any, what: str, who: str) -> None:
    """Do what the button beside the file does: set the column Control request."""
    write(desk, item, {"ControlRequest": what}, who)


def write(desk: Desk, item: Any, values: dict[str, Any], who: str) -> None:
    """Set columns of a file as a person, or as an app by its name."""
    path = f"{path_of(item)}/listItem/fields"
    desk.person(who).patch(path, json=values).raise_for_status()


def rename(desk: Desk, item: Any, name: str, who: str) -> None:
    """Rename a file as a person, or as an app by its name."""
    client = desk.person(who)
    client.patch(path_of(item), json={"name": name}).raise_for_status()


def fields(desk: Desk, item: Any) -> dict[str, Any]:
    """Return a file's columns as staff see them."""
    answer = desk.person().get(f"{path_of(item)}/listItem?$expand=fields")
    return dict(answer.json()["fields"])


def mails(desk: Desk, subject: str = "") -> list[dict[str, Any]]:
    """Return the mails that left, those of one subject if it is given."""
    sent = desk.tenant.local("GET", "/mailbox")["value"]
    return [one for one in sent if subject in ("", one["message"]["subject"])]
