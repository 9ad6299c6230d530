"""Every command explains itself with an example; bad input is one sentence and exit status 2."""

import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from cli.main import app

ROOT_COMMAND = typer.main.get_command(app)


def every_command(command=ROOT_COMMAND, words=()):
    for name, inner in getattr(command, "commands", {}).items():
        if hasattr(inner, "commands"):
            yield from every_command(inner, (*words, name))
        else:
            yield (*words, name)


def verger(*words, **environ):
    return subprocess.run(
        [sys.executable, "-m", "cli", *words],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "COLUMNS": "200", **environ},
        check=False,
    )


@pytest.mark.parametrize("words", list(every_command()), ids=" ".join)
def test_every_command_has_help_with_an_example(words):
    shown = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "200"})

    assert shown.exit_code == 0
    assert f"Example: verger {' '.join(words)}" in " ".join(shown.output.split())


def test_without_settings_a_command_names_each_missing_one_and_the_way_out():
    done = verger("status")

    assert done.returncode == 2
    assert "VERGER_TENANT_ID is missing; set it to the directory (tenant) id" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_misspelt_setting_is_not_passed_over():
    done = verger("status", VERGER_TENANT_IDD="x")

    assert done.returncode == 2
    assert "did you mean VERGER_TENANT_ID?" in done.stderr


def test_a_schema_error_lists_every_problem_with_its_line_and_writes_nothing(tmp_path):
    order = tmp_path / "order.yaml"
    order.write_text("name: Breast imaging\nkind: brass bands\nchair: nobody\n")

    done = verger("schema", "check", "--order", str(order))

    assert done.returncode == 2
    for problem in ("order.yaml:2: kind", "order.yaml:3: chair", "Network Director's agreement",
                    "Clinical Director's agreement", "Operational Board's minute"):  # fmt: skip
        assert problem in done.stderr


def test_a_state_database_that_was_never_migrated_is_refused_in_words(tmp_path):
    told = {
        "VERGER_TENANT_ID": "t", "VERGER_CLIENT_ID": "c",
        "VERGER_SHAREPOINT_HOST": "w.sharepoint.com",
        "VERGER_DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite'}",
    }  # fmt: skip

    done = verger("status", **told)

    assert done.returncode == 1
    assert "migration" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [("undo", "--nope"), ("plan", "--help")])
def test_help_and_errors_call_the_command_by_its_name(words):
    shown = verger(*words)
    assert f"Usage: verger {words[0]}" in shown.stdout + shown.stderr
    assert "python -m" not in shown.stdout + shown.stderr
