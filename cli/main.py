"""The `verger` command: one file a command, found in this folder's imports below."""

from __future__ import annotations

import typer

import cli.local as local_commands
from cli import (
    adopt,
    apply,
    audit,
    doctor,
    drift,
    findings,
    journal,
    leave,
    parked,
    pause,
    plan,
    prune,
    quarantine,
    registry,
    resume,
    schema,
    sig,
    simulate,
    status,
    undo,
    waive,
)

app = typer.Typer(
    name="verger",
    help="Provision governed SharePoint sites from a declared schema, and police them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=True,
    rich_markup_mode="rich",
)
for command in (
    *(plan, apply, drift, adopt, prune, leave, status, findings, audit, simulate, doctor),
    *(undo, waive, pause, resume),
):
    app.command(command.__name__.rpartition(".")[2])(command.command)
app.add_typer(schema.app, name="schema")
app.add_typer(sig.app, name="sig")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(registry.app, name="registry")
app.add_typer(parked.app, name="parked")
app.add_typer(journal.app, name="journal")
app.add_typer(local_commands.app, name="local")
