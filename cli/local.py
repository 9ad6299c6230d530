"""`verger local`: the whole of it on this machine, with a Microsoft 365 tenant of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.common import console

app = typer.Typer(
    help="Run Verger on this machine against a Microsoft 365 tenant of its own.",
    no_args_is_help=True,
)

Data = Annotated[Path, typer.Option("--data", help="Folder that everything is kept in.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Forget what the folder holds, start over.")]
DEFAULT = Path(".verger")


@app.command()
def run(data: Data = DEFAULT, *, fresh: Fresh = False) -> None:
    """Tell the story once: two sites, staff at work, everything put right. Exit 0: all of it.

    Example: verger local run --fresh
    """
    from local.demo.telling import tell  # noqa: PLC0415 - after --help

    raise typer.Exit(tell(console, data, fresh=fresh))


@app.command()
def up(data: Data = DEFAULT, *, fresh: Fresh = False) -> None:
    """Tell the story, then stay up until Ctrl-C.

    Example: verger local up
    """
    from local.demo.telling import tell  # noqa: PLC0415 - after --help

    raise typer.Exit(tell(console, data, fresh=fresh, stay=True))


@app.command()
def tenant(  # noqa: PLR0913 - as many arguments as options
    data: Data,
    seed: Annotated[Path | None, typer.Option(help="Who is in the tenant (YAML).")] = None,
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 0,
    *,
    tls: Annotated[bool, typer.Option("--tls", help="https, with a CA of its own.")] = False,
    proxy: Annotated[
        bool, typer.Option("--proxy", help="A CONNECT proxy for Microsoft's names; means --tls.")
    ] = False,
    control: Annotated[
        bool, typer.Option("--control/--no-control", help="Open the control door /_local/.")
    ] = True,
) -> None:
    """Run the local tenant alone, until Ctrl-C. Prints one line of JSON when it is ready.

    Example: verger local tenant --data tenant --seed tenant.yaml --port 8443 --tls
    """
    said = ["--data", str(data), "--port", str(port), *(["--seed", str(seed)] if seed else [])]
    switches = {"--tls": tls, "--proxy": proxy, "--no-control": not control}
    said += [name for name, on in switches.items() if on]
    _become("local.tenant", [*said, "--webhook-http"])


@app.command()
def host(
    data: Data,
    settings: Annotated[Path, typer.Option(help="App settings: JSON with Values.")],
    port: Annotated[int, typer.Option(help="0 takes the last one, or a free one.")] = 0,
) -> None:
    """Run the function app in the local host alone, until Ctrl-C.

    Example: verger local host --data host --settings local.settings.json
    """
    here = Path(__file__).parent.parent
    said = ["--app", str(here), "--data", str(data), "--settings", str(settings)]
    _become("local.host", [*said, "--port", str(port)])


def _become(module: str, said: list[str]) -> None:
    """Go on as that module's own process, so that signals reach it and nothing stands between."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", module, *said])  # noqa: S606 - our own module
