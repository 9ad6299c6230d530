"""What the house promises about itself: small rooms, and nothing of a machine in the tree."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def tracked(*patterns):
    listed = subprocess.run(
        ["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    return [ROOT / name for name in listed if (ROOT / name).is_file()]


def test_no_tracked_file_names_a_folder_of_a_developers_machine():
    ours = re.compile(r"/home/(?!site/)[a-z]+/|/roo[t]/\.|/wor[k]/(?:main|shared)|/tmp/bash_job[s]")
    named = [
        path.relative_to(ROOT)
        for path in tracked()
        if path.suffix not in {".png", ".docx"} and path != Path(__file__)
        and ours.search(path.read_text(encoding="utf-8", errors="replace"))
    ]  # fmt: skip

    assert named == []


def test_no_module_has_more_than_400_lines():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }

    assert long == {}


@pytest.mark.parametrize("folder", ["sharepoint_schema", "sync", "functions", "cli", "local"])
def test_every_module_opens_by_saying_what_it_is_for(folder):
    silent = [
        path.relative_to(ROOT)
        for path in tracked(f"{folder}/*.py")
        if path.stat().st_size and not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]

    assert silent == []


def test_nothing_of_the_contract_is_in_the_tree():
    names = {path.name for path in tracked()}

    assert names.isdisjoint(
        {"openapi-subset.json", "examples.dev.jsonl", "client-requests.jsonl", "limits.json",
         "sharepoint-mocks.dev.jsonl", "sharepoint-rest-metadata.json", "contract_check.py"}
    )  # fmt: skip
