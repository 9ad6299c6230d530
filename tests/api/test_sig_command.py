"""`verger sig`: the same life at the command line, each person signed in by device code."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from typer.testing import CliRunner

import cli.api
import cli.common
import cli.sig
from cli.main import app
from sync.errors import Missing, Refused, Rejected, Unavailable
from tests import tenant_kit as kit
from tests.host.hosting import until
from tests.sig.kit import ADA, BEA, RAJ

if TYPE_CHECKING:
    from click.testing import Result

    from tests.api.api_kit import Stage

NAME = "Command line"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep settings of one command out of the next, and print wide enough to read."""
    monkeypatch.setenv("VERGER_SETTINGS", "")
    for module in (cli.api, cli.sig):
        monkeypatch.setattr(module, "console", Console(width=200))


def verger(stage: Stage, who: str, *words: str, say: str = "") -> Result:
    """Run `verger sig …`; whoever it asks to sign in does so as `who` ("enforcer": the app)."""
    file = stage.folder / "command.env"
    told = stage.settings() | ({} if who == "enforcer" else {"VERGER_CLIENT_ID": kit.STAFF})
    if who != "enforcer":
        del told["VERGER_CERTIFICATE"]
    lines = (f"{name}='{value}'" for name, value in told.items() if name.startswith("VERGER_"))
    file.write_text("\n".join(lines), encoding="utf-8")
    shown = cli.api._show_code  # noqa: SLF001 - what a person does next, a test does here

    def sign_in(address: str, code: str) -> None:
        shown(address, code)
        stage.tenant.local("POST", "/approve", {"user_code": code, "upn": who})

    with pytest.MonkeyPatch.context() as person:
        person.setattr(cli.api, "_show_code", sign_in)
        return CliRunner().invoke(app, ["sig", *words, "--settings", str(file)], input=say)


def provisioned(stage: Stage) -> str:
    file = stage.folder / "provisioner.env"
    told = stage.settings("provisioner") | {"AzureWebJobsStorage": stage.host.told["storage"]}
    lines = (f"{name}='{value}'" for name, value in told.items() if "__" not in name)
    file.write_text("\n".join(lines), encoding="utf-8")
    done = CliRunner().invoke(app, ["sig", "provision", "--settings", str(file)])
    assert done.exit_code == 0, done.output
    return done.output


def test_a_group_is_asked_for_agreed_approved_and_opened(stage: Stage) -> None:
    people = ("--kind", "digital", "--chair", kit.SAM, "--facilitator", kit.HELEN)
    asked = verger(stage, kit.HELEN, "request", NAME, *people)
    assert asked.exit_code == 0, asked.exception
    assert "Sign in: open" in asked.output
    assert f"{NAME}: requested" in asked.output

    for director in (kit.DIRECTOR, RAJ):
        assert verger(stage, director, "agree", NAME).exit_code == 0
    day = until(lambda: stage.call(ADA, "GET").json()["value"][-1]["decisions"][0]["date"])
    minute = ("--minute", "NOB 2026/11 item 8", "--date", day)
    approved = verger(stage, BEA, "approve", NAME, *minute)
    shown = f"{date.fromisoformat(day):%d/%m/%Y}"
    assert f"operational board: Bea Long, {shown}, NOB 2026/11 item 8" in approved.output
    assert f'Next: verger sig open "{NAME}"' in approved.output

    assert f"{NAME}: planned" in provisioned(stage)
    refused = verger(stage, ADA, "open", NAME, "--wait", "0", say="n\n")
    assert refused.exit_code == 1
    assert "the site is not there yet" in refused.output
    assert f"{NAME}: opening" in verger(stage, ADA, "open", NAME, "--wait", "0", say="y\n").output
    assert f"{NAME}: open" in provisioned(stage)

    assert NAME in verger(stage, "enforcer", "list").output
    assert f"{NAME}: falling asleep" in verger(stage, BEA, "sleep", NAME, "--wait", "0").output
    assert f"{NAME}: dormant" in provisioned(stage)
    assert f"{NAME}: waking" in verger(stage, ADA, "wake", NAME, "--wait", "0").output
    assert f"{NAME}: open" in provisioned(stage)
    assert "Nothing waits." in provisioned(stage)


@pytest.mark.parametrize(
    ("who", "words", "kind", "says"),
    [
        (kit.SAM, ("list",), Refused, "may see the requests for SIG sites"),
        (kit.HELEN, ("agree", "No such group"), Missing, "no request for a group 'No such group'"),
        (kit.HELEN, ("agree", "Early"), Refused, "Only the Network Director or the Clinical"),
        (BEA, ("approve", "Early", "--minute", "x"), Rejected, "Director's agreement is missing"),
        (ADA, ("open", "Early"), Rejected, "no plan to approve: the Network Director's agreement"),
        (
            BEA,
            ("approve", "Early", "--minute", "x", "--date", "1.1.26"),
            Rejected,
            "date: '1.1.26'",
        ),
    ],
)
def test_a_refusal_is_told_in_the_apis_own_words(
    stage: Stage, who: str, words: tuple[str, ...], kind: type[Exception], says: str
) -> None:
    if "Early" not in {one["name"] for one in stage.call(ADA, "GET").json()["value"]}:
        stage.ask("Early")

    done = verger(stage, who, *words)

    assert done.exit_code == 1
    assert isinstance(done.exception, kind)
    assert says in str(done.exception)


def test_a_function_app_that_is_not_there_is_said_to_be(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "port", 1)
    done = verger(stage, "enforcer", "list")
    assert isinstance(done.exception, Unavailable)
    assert "did not answer" in str(done.exception)
