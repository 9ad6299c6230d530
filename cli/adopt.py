"""`verger adopt`: write a living site down as a schema file, with the plan of what differs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from cli.common import SettingsFile, console, with_service
from cli.plan import show

if TYPE_CHECKING:
    from sync.adoption import Adoption
    from sync.service import Service

Url = Annotated[str, typer.Argument(help="The site's address.")]
Out = Annotated[Path | None, typer.Option("--out", help="Where the file goes; {key}.yaml here.")]
Controlled = Annotated[
    list[str] | None,
    typer.Option("--controlled", help="A library that shall ask for approval, by its title."),
]


def command(
    url: Url, out: Out = None, controlled: Controlled = None, settings: SettingsFile = None
) -> None:
    """Read a site and write its schema file; nothing on the site is changed.

    Example: verger adopt https://wmin.sharepoint.com/sites/quality --controlled Policies
    """

    async def work(service: Service) -> Adoption:
        from sync.adoption import adopt  # noqa: PLC0415 - after --help

        return await adopt(service.tenant, url, service.roles, controlled or ())

    found = with_service(settings, work)
    path = out or Path(f"{found.spec.key}.yaml")
    path.write_text(found.text, encoding="utf-8")
    show(found.plan)
    for line in found.left_out:
        console.print(f"  left as it is: {escape(line)}", soft_wrap=True)
    console.print(f"Written: {escape(str(path))}. Read it, then: verger plan {escape(str(path))}")
