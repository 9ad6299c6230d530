"""The workflows run our own commands and no stranger's; what they hold of power is written down."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parent.parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def steps_of(path):
    jobs = YAML(typ="safe").load(path.read_text("utf-8"))["jobs"].values()
    return [step for job in jobs for step in job["steps"]]


def test_there_is_a_workflow_for_changes_and_one_for_releases():
    assert [path.name for path in WORKFLOWS] == ["ci.yml", "release.yml"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_workflow_runs_an_action_that_is_not_pinned_by_its_commit(path):
    used = [step["uses"] for step in steps_of(path) if "uses" in step]

    assert [one for one in used if not re.search(r"@[0-9a-f]{40}$", one)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_text_of_an_event_becomes_part_of_a_command(path):
    """An expression within a command is pasted into it: a branch's name could be one of its own."""
    assert [step["run"] for step in steps_of(path) if "${{" in step.get("run", "")] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_reads_only_unless_a_job_says_what_it_writes(path):
    told = YAML(typ="safe").load(path.read_text("utf-8"))

    assert told["permissions"] == {"contents": "read"}
    more = [job.get("permissions", {}) for job in told["jobs"].values()]
    assert all(set(one) <= {"contents"} for one in more)


def test_a_release_is_tested_audited_and_listed_before_it_is_made():
    run = [step["run"].strip() for step in steps_of(ROOT / ".github/workflows/release.yml")]
    order = [next(at for at, one in enumerate(run) if what in one)
             for what in (".ci/run", "make audit", "make sbom", "gh release create")]  # fmt: skip

    assert order == sorted(order)
    assert {"audit", "sbom"} <= TARGETS
    recipe = (ROOT / "Makefile").read_text("utf-8")
    assert "pip-audit --strict --require-hashes" in recipe
