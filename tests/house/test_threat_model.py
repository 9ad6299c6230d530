"""The threat model promises nothing without a test, and each test that it names is there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "threat-model.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", PAGE)))
ROWS = re.findall(r"^\| ([STRIDE]\d) \|(.*)$", PAGE, re.MULTILINE)


def functions_in(path):
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in ast.walk(tree) if isinstance(node, functions)}


def test_every_test_that_the_page_names_exists():
    missing = [f"{path}::{name}" for path, name in NAMED
               if not (ROOT / path).is_file() or name not in functions_in(path)]  # fmt: skip

    assert missing == []
    assert PAGE.count("::test_") >= len(NAMED) > 40


@pytest.mark.parametrize("text", [text for _, text in ROWS], ids=[row for row, _ in ROWS])
def test_every_threat_has_an_answer_and_a_test(text):
    cells = [cell.strip() for cell in text.strip(" |").split(" | ")]

    assert len(cells) == 4
    assert all(cells)
    assert "::test_" in cells[-1]


def test_each_letter_of_stride_is_looked_at():
    assert {row[0] for row, _ in ROWS} == set("STRIDE")
    assert len({row for row, _ in ROWS}) == len(ROWS)
