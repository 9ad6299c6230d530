"""`verger schema`: check schema files; nothing is written anywhere."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.common import console

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sharepoint_schema.problems import Problem

app = typer.Typer(help="Check the declared schema.", no_args_is_help=True)


@app.callback()
def schema() -> None:
    """Check the declared schema."""


@app.command()
def check(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Templates of your own to check too.", exists=True)
    ] = None,
    order: Annotated[
        Path | None, typer.Option(help="A SIG order to check as well.", exists=True)
    ] = None,
    roles: Annotated[
        Path | None, typer.Option(help="The file of people and apps by role.", exists=True)
    ] = None,
) -> None:
    """Read the standard, every site template and what you name; report all problems at once.

    Example: verger schema check --order orders/breast-imaging.yaml
    """
    from sharepoint_schema.problems import SchemaProblems  # noqa: PLC0415 - after --help

    found = {problem for load in _files(files, order, roles) for problem in _faults(load)}
    if found:
        raise SchemaProblems(found)
    console.print("No problems found.")


def _files(
    files: list[Path] | None, order: Path | None, roles: Path | None
) -> Iterator[Callable[[], object]]:
    """Yield the reading of each file, to be done apart, so that one fault hides no other."""
    from sharepoint_schema.order import load_order  # noqa: PLC0415 - after --help
    from sharepoint_schema.roles import load_roles  # noqa: PLC0415 - after --help
    from sharepoint_schema.site import load_template, template_names  # noqa: PLC0415 - as above
    from sharepoint_schema.standard import load_standard  # noqa: PLC0415 - after --help

    yield load_standard
    for name in (*template_names(), *map(str, files or ())):
        yield partial(load_template, name)
    if order is not None:
        yield partial(load_order, order)
    if roles is not None:
        yield partial(load_roles, roles)


def _faults(load: Callable[[], object]) -> tuple[Problem, ...]:
    from sharepoint_schema.problems import SchemaProblems  # noqa: PLC0415 - after --help

    try:
        load()
    except SchemaProblems as refusal:
        return refusal.problems
    return ()
