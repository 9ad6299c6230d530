"""`verger schema`: check schema files; nothing is written anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.common import console

app = typer.Typer(help="Check the declared schema.", no_args_is_help=True)


@app.callback()
def schema() -> None:
    """Check the declared schema."""


@app.command()
def check(
    order: Annotated[
        Path | None, typer.Option(help="A SIG order to check as well.", exists=True)
    ] = None,
) -> None:
    """Read the standard, every site template and an order; report all problems at once.

    Example: verger schema check --order orders/breast-imaging.yaml
    """
    from sharepoint_schema.order import load_order  # noqa: PLC0415 - after --help
    from sharepoint_schema.site import load_template  # noqa: PLC0415 - after --help
    from sharepoint_schema.standard import load_standard  # noqa: PLC0415 - after --help

    load_standard()
    for name in ("core_team", "sig"):
        load_template(name)
    if order is not None:
        load_order(order)
    console.print("No problems found.")
