"""What every test shares: in CI nothing may be skipped, and no test reaches beyond this machine."""

import os
import socket

import pytest
from hypothesis import settings

os.environ["COLUMNS"] = "200"  # what a command prints is not to be broken at the runner's width
settings.register_profile("verger", deadline=None)  # two shared cores are no stopwatch
settings.load_profile("verger")
pytest_plugins = ["tests.contract_kit", "tests.postgres_kit"]
LOOPBACK = ("127.0.0.1", "::1", "localhost", "0.0.0.0", "")  # noqa: S104 - compared, never bound
NAMED_IN_FULL = 100
"""Characters of a value that stands in a test's name."""
_connect = socket.socket.connect


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Turn a skip into a failure where CI=true: a tool that is missing there must be installed."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped in CI: {report.longrepr}"
    return report


THOROUGH = (
    "tests/contract/",
    "tests/corpus/",
    "tests/tenant/nasty/",
    "tests/breakers/test_commands.py",
    "tests/governance_year/",
    "tests/properties/",
    "tests/registers/",
    "tests/rejudging/test_commands.py",
    "tests/scenarios/",
    "tests/story/test_kill.py",
    "tests/story/test_bad_input.py",
)
"""What takes minutes: the stand-in held to Microsoft's word, the story under kills and bad input,
and whole lives of files and rows.

`make check` runs these, not `make test`.
"""
QUICK = (
    "tests/registers/test_heat.py",
    "tests/registers/test_rules.py",
    "tests/registers/test_systems.py",
)
"""What stands among them and takes no tenant."""


def pytest_make_parametrize_id(val, argname):
    """Name long values by their argument: two workers must call a test the same."""
    return argname if isinstance(val, (str, bytes)) and len(val) > NAMED_IN_FULL else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark the tests of the thorough tier by where they stand; a file's tests share one worker, and
    with it what the file opens once.
    """
    for item in items:
        path = item.path.as_posix()
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(path))
        if path.endswith(QUICK):
            continue
        if any(folder in path for folder in THOROUGH):
            item.add_marker(pytest.mark.thorough)


@pytest.fixture(autouse=True, scope="session")
def _only_loopback():
    """Refuse any connection of the test process itself that leaves this machine."""

    def connect(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in LOOPBACK:
            raise AssertionError(f"a test tried to reach {address[0]}")
        return _connect(self, address)

    socket.socket.connect = connect
    yield
    socket.socket.connect = _connect
