"""`verger simulate` at the command line: what is asked, what is shown, and letting a change act."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

import cli.simulate
from cli.main import app
from sync.rejudging import Report
from sync.simulation import Counted, Example, Simulated
from sync.trials import Effect, Outcome

SITE = "https://wmin.sharepoint.com/sites/core"
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
DONE = Outcome(Effect.DONE, ("The name is wrong.",))
LIST = Counted(
    SITE, "Controlled documents", looks=3, recorded=1, files={"a", "b"}, different={"a"},
    before={"a": Effect.DONE}, after={"a": Effect.DUE, "b": Effect.ASKED},
    not_replayed=Counter({"the text": 2}),
)  # fmt: skip
TOLD = Simulated(
    "file_name", NOW - timedelta(days=90), NOW, changed=True, lists=(LIST,),
    examples=(Example(SITE, "Controlled documents", "x.docx", NOW, DONE, None),
     Example(SITE, "Restricted", "", NOW, None, Outcome(Effect.DUE, ()))),
)  # fmt: skip


class Service:
    """As much of a service as the command itself asks for."""

    settings = type("Settings", (), {"client_id": "the-enforcer"})

    @staticmethod
    def now():
        return NOW


@pytest.fixture
def verger(monkeypatch):
    asked = []

    def with_service(_settings, run):
        return run_now(run(Service()))

    def run_now(wish):
        with pytest.raises(StopIteration) as done:
            wish.send(None)
        return done.value.value

    async def simulate(_service, wish):
        asked.append(wish)
        return TOLD

    async def go(_service, *words):
        asked.append(words)
        return [Report("L", SITE, "Controlled documents", ("file_name",), "acting", 9, 0, 4, 0)]

    monkeypatch.setattr(cli.simulate, "with_service", with_service)
    monkeypatch.setattr("sync.simulation.simulate", simulate)
    monkeypatch.setattr("sync.rejudging.go", go)

    def call(*words, code=0):
        done = CliRunner().invoke(app, ["simulate", *words], env={"COLUMNS": "200"})
        assert done.exit_code == code, done.output
        return done.output

    call.asked = asked
    return call


def test_what_is_asked_reaches_the_simulation(verger):
    verger("file_name", "--since", "2w", "--set", "modes.file_name=warn", "--site", "core")

    (wish,) = verger.asked
    assert (wish.policy, wish.since, wish.site) == ("file_name", NOW - timedelta(days=14), "core")
    assert list(wish.values) == ["modes.file_name=warn"]


def test_the_report_counts_files_before_and_after_and_says_what_cant_be_replayed(verger):
    shown = " ".join(verger("file_name").split())

    assert "nothing was written" in shown
    assert "1 done at once" in shown
    assert "1 asked, done after the grace" in shown
    assert "2 looks can't be replayed: the text is not kept" in shown
    assert "x.docx: done at once. The name is wrong. → nothing" in shown
    assert "a file that is not named here: nothing → asked, done after the grace." in shown


def test_the_same_as_json(verger):
    told = json.loads(verger("file_name", "--json"))

    (one,) = told["lists"]
    assert (one["files"], one["looks"], one["different"]) == (2, 3, 1)
    assert one["not_replayed"] == {"the text": 2}
    assert one["after"] == {"asked, done after the grace": 1, "asked of staff": 1}
    assert told["examples"][1]["file"] == ""
    assert told["examples"][0]["after"] is None


@pytest.mark.parametrize("text", ["90", "d", "3 months", "-1d", "99999d"])
def test_a_stretch_of_time_that_is_none_is_refused(verger, text):
    assert "no stretch of time" in verger("file_name", f"--since={text}", code=2)


def test_a_go_lets_a_waiting_change_act(verger):
    shown = " ".join(verger("file_name", "--go", "--site", "core").split())

    assert verger.asked == [("file_name", "the-enforcer", "core")]
    assert "4 files will be judged anew" in shown
    assert json.loads(verger("file_name", "--go", "--json"))[0]["would_change"] == 4


def test_a_trial_of_other_values_cant_act(verger):
    assert "can't act" in verger("file_name", "--go", "--set", "name=x", code=2)
