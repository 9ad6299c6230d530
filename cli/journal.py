"""`verger journal`: prove that nothing in the journal was changed, added or taken out."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from cli.common import Json, SettingsFile, console, with_service

if TYPE_CHECKING:
    from sync.anchors import Broken as BrokenAnchor
    from sync.chains import Broken, Chain
    from sync.service import Service

app = typer.Typer(help="The journal of what was found and done.")
Site = Annotated[str | None, typer.Argument(help="Address or name of one site; all when left out.")]


Anchors = Annotated[
    Path | None,
    typer.Option(
        "--anchors", exists=True, dir_okay=False, help="Anchors from this file: no network needed."
    ),
]
Export = Annotated[
    Path | None,
    typer.Option("--export", help="Write the anchors to this file, for a later proof offline."),
]
Certificates = Annotated[
    list[Path] | None,
    typer.Option(
        "--certificate",
        exists=True,
        dir_okay=False,
        help="An earlier certificate of the app (PEM); may be given more than once.",
    ),
]


@dataclass(frozen=True, slots=True)
class _Anchored:
    """The anchors a journal is compared with: how many, and those that do not hold."""

    count: int
    broken: list[BrokenAnchor]


@app.callback()
def group() -> None:
    """Hold the one command in its group: `verger journal verify`."""


@app.command()
def verify(  # noqa: PLR0913 - a command's options
    site: Site = None,
    settings: SettingsFile = None,
    *,
    anchors: Anchors = None,
    certificate: Certificates = None,
    export: Export = None,
    as_json: Json = False,
) -> None:
    """Walk each site's chain, compare it with the signed anchors; exit 1 where one does not hold.

    The anchors, which are always those of all sites, are read from SharePoint or from a file.

    Example: verger journal verify https://wmin.sharepoint.com/sites/core
    """
    pems = [one.read_bytes() for one in certificate or ()]

    async def prove_all(service: Service) -> tuple[list[Chain], _Anchored]:
        return await _prove(service, site), await _compare(service, anchors, pems, export)

    chains, anchored = with_service(settings, prove_all)
    if as_json:
        told = {"chains": [asdict(one) for one in chains], "anchors": asdict(anchored)}
        console.print_json(json.dumps(told, default=str))
    else:
        _print(chains, anchored)
    whole = not anchored.broken and not any(one.broken for one in chains)
    raise typer.Exit(0 if whole else 1)


async def _prove(service: Service, site: str | None) -> list[Chain]:
    from sync.chains import prove  # noqa: PLC0415 - after --help

    return await prove(service, site)


async def _compare(
    service: Service, file: Path | None, certificates: list[bytes], export: Path | None
) -> _Anchored:
    from sync import anchors  # noqa: PLC0415 - after --help

    found = anchors.exported(file) if file else await anchors.kept(service)
    if export is not None:
        _write(export, found)
    return _Anchored(len(found), await anchors.prove(service, found, certificates))


def _write(file: Path, anchors: list[tuple[str, str]]) -> None:
    file.write_text("".join(f"{text}\n" for _, text in anchors))


def _print(chains: list[Chain], anchored: _Anchored) -> None:
    for one in chains:
        said = f"broken at {_where(one.broken)}" if one.broken else "holds"
        console.print(escape(f"{one.name}: {one.entries} entries, the chain {said}"))
    if not chains:
        console.print("There is no journal yet.")
    for anchor in anchored.broken:
        console.print(escape(f"The anchor in {anchor.row} does not hold: {anchor.why}"))
    if not anchored.count:
        console.print("There is no anchor to compare with.")
    elif not anchored.broken:
        console.print(f"{anchored.count} anchors hold.")


def _where(broken: Broken) -> str:
    if broken.at is None:
        return f"entry {broken.seq}, which is not there"
    return f"entry {broken.seq} ({broken.kind}, {broken.at:%d/%m/%Y %H:%M} UTC)"
