"""Microsoft's contract as a pytest plugin: every Graph answer of the local tenant is held to it.

The tenant, in this process or in one that a test started, notes its answers in a folder
(local/tenant/witness.py). After each test the new ones are read and held against
`openapi-subset.json`; a schema error, a member Microsoft does not know, or an operation Microsoft
does not have fails the test in which the answer was given. Members that Microsoft's own examples
show beyond the schema stand in tests/contract/known_members.toml (decision 30).
"""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import re
import tomllib
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from local.tenant import witness

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT.parent / "shared" / "contract"
KNOWN = ROOT / "tests" / "contract" / "known_members.toml"
UPLOADED = "/drives/d/items/i/content"
SESSION = "/drives/d/items/i/createUploadSession"
BODYLESS = {204, 302, 303, 304}
_NOISE = re.compile(r"[0-9]+|[0-9a-fA-F]{6,}")


def load_contract(folder: Path = FOLDER) -> Any:
    """Return the shared folder's Contract, None where the folder is not beside this checkout."""
    path = folder / "contract_check.py"
    if not path.exists():
        return None
    spec = importlib.util.spec_from_file_location("contract_check", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with warnings.catch_warnings(action="ignore", category=ResourceWarning):  # it closes no file
        found = module.Contract()
        gc.collect()
    return found


@dataclass(frozen=True)
class Known:
    """A member beyond the schema: of which operations, where, and the example that shows it."""

    member: str
    template: str
    on: str
    example: str

    def covers(self, template: str, where: str) -> bool:
        """Whether `.value[0].error` in an answer of this operation is this member."""
        above, _, member = re.sub(r"\[\d+\]", "", where).strip(".").rpartition(".")
        return (
            member == self.member
            and re.fullmatch(self.on, above) is not None
            and re.fullmatch(self.template.replace("{", r"\{"), template) is not None
        )


def known_members() -> list[Known]:
    return [Known(**each) for each in tomllib.loads(KNOWN.read_text("utf-8"))["member"]]


def shape(value: Any) -> Any:
    """Reduce an answer to what a schema can tell apart: figures and identifiers are all alike."""
    if isinstance(value, dict):
        return tuple(sorted((key, shape(each)) for key, each in value.items()))
    if isinstance(value, list):
        return frozenset(shape(each) for each in value)
    return _NOISE.sub("0", value) if isinstance(value, str) else repr(value)


@dataclass
class Checker:
    """Holds answers against the contract; one it has seen the like of is not looked at again."""

    contract: Any
    known: list[Known] = field(default_factory=known_members)
    checked: dict[Any, list[str]] = field(default_factory=dict)
    answers: int = 0

    def faults(self, method: str, url: str, status: int, body: Any) -> list[str]:
        """Return what the contract has against an answer, nothing when it is in order."""
        self.answers += 1
        if status in BODYLESS or method == "HEAD":
            return []
        template, operation = self.contract.match(method, url)
        if operation is None:
            return [] if status >= 400 else [f"{method} {url} is no operation of Microsoft's"]
        key = (method, template, status, shape(body))
        if key not in self.checked:
            self.checked[key] = self._faults((template, operation), status, body)
        return [f"{method} {url} {status} {fault}" for fault in self.checked[key]]

    def _faults(self, found: tuple[str, Any], status: int, body: Any) -> list[str]:
        template, operation = found
        schema = self.contract.response_schema(operation, status)
        if not isinstance(body, dict):
            return []
        errors = self.contract._errors(schema, body)  # noqa: SLF001 -- matched once, not twice
        strange = self.contract.unknown(schema, body)
        return errors + [
            f"{where} is unknown"
            for where in strange
            if not any(each.covers(template, where) for each in self.known)
        ]

    def seen(self, line: dict[str, Any]) -> list[str]:
        """Hold one noted answer against the contract; SharePoint's REST has tests of its own."""
        method, path, status = line["method"], line["path"], line["status"]
        if line["surface"] == "files":
            if not path.lower().startswith("/_upload/") or status >= 400:
                return []
            done = status in {200, 201} and method in {"PUT", "POST"}  # the POST commits
            method, path = ("PUT", UPLOADED) if done else ("POST", SESSION)
        elif line["surface"] != "graph":
            return []
        if path.lower().startswith("/beta/"):
            return []
        path = re.sub(r"^/me(?=/|$)", "/me", path, flags=re.IGNORECASE)
        return self.faults(method, f"/v1.0{quote(path)}", status, line["body"])


class Watch:
    """The plugin: the folder, how far each file in it was read, and the verdicts."""

    def __init__(self, folder: Path, checker: Checker) -> None:
        self.folder = folder
        self.checker = checker
        self._read: dict[Path, int] = {}

    def new(self) -> list[str]:
        """Read what was noted since the last time; returns the faults, each once."""
        found: dict[str, None] = {}
        for path in sorted(self.folder.glob("*.jsonl")):
            with path.open("rb") as file:
                file.seek(self._read.get(path, 0))
                whole, _, _ = file.read().rpartition(b"\n")
            self._read[path] = self._read.get(path, 0) + (len(whole) + 1 if whole else 0)
            for line in whole.splitlines():
                found.update(dict.fromkeys(self.checker.seen(json.loads(line))))
        return list(found)


WATCH = pytest.StashKey[Watch]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "strays: answers of this test break the contract on purpose")


@pytest.fixture(scope="session")
def contract_watch(tmp_path_factory, request) -> Watch | None:
    """The watch over this session's answers; None where the contract is not beside the checkout."""
    contract = load_contract()
    if contract is None:
        return None
    folder = tmp_path_factory.mktemp("witness")
    os.environ[witness.FOLDER] = str(folder)
    watch = request.config.stash[WATCH] = Watch(folder, Checker(contract))
    return watch


@pytest.fixture(autouse=True)
def _answers_keep_the_contract(contract_watch, request):
    yield
    if contract_watch is None:
        return
    faults = contract_watch.new()
    if faults and request.node.get_closest_marker("strays") is None:
        pytest.fail("answers break Microsoft's contract:\n" + "\n".join(faults[:20]), pytrace=False)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Look at what was answered after the last test, by tenants that outlived it."""
    watch = session.config.stash.get(WATCH, None)
    if watch is not None and (faults := watch.new()):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        report = session.config.pluginmanager.getplugin("terminalreporter")
        if report is not None:
            report.write_line("answers after the last test break the contract:", red=True)
            report.write_line("\n".join(faults[:20]))
