"""The host as a process: refusals before it serves, drains, kills, restarts, time limits."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import ssl
import subprocess
from typing import TYPE_CHECKING

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.host.hosting import PATIENCE, ROOT, RunningHost, command, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    type Start = Callable[..., RunningHost]

KITCHEN = {"WORK": "work", "SCHEDULE": "0 0 0 1 1 *"}


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start hosts on one data folder; those still up at the end are killed."""
    hosts: list[RunningHost] = []

    def begin(app: str, *more: str, **settings: str) -> RunningHost:
        hosts.append(RunningHost(app, tmp_path, *more, **settings))
        return hosts[-1]

    yield begin
    for host in hosts:
        host.end(kill=True)


def refusal(app: str, folder: Path, *more: str, **settings: str) -> tuple[int, str]:
    done = subprocess.run(
        command(app, folder, *more, **settings),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        cwd=ROOT,
        check=False,
    )
    assert done.stdout == ""
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("app", "settings", "says"),
    [
        ("missing", {}, "there is no "),
        ("empty", {}, "no function is found in"),
        ("broken", {}, "no module named such_a_thing"),
        ("unserved", {}, "does not serve blobTrigger bindings"),
        ("kitchen", {"WORK": "work"}, "needs the app setting SCHEDULE"),
        ("kitchen", {**KITCHEN, "WORK": "No Queue"}, "is no queue name"),
        ("kitchen", {**KITCHEN, "SCHEDULE": "now"}, "is not a schedule"),
        ("kitchen", {**KITCHEN, "AzureWebJobsStorage": "elsewhere"}, "has to be UseDevelopment"),
        (
            "kitchen",
            {**KITCHEN, "AzureFunctionsJobHost__extensions__queues__batchSize": "64"},
            "hands out 1 to 32",
        ),
        (
            "kitchen",
            {**KITCHEN, "AzureFunctionsJobHost__FunctionTimeout": "ten minutes"},
            "is not a time span",
        ),
    ],
)
def test_an_app_that_cannot_run_is_refused_with_the_reason(
    tmp_path: Path, app: str, settings: dict[str, str], says: str
) -> None:
    status, error = refusal(app, tmp_path, **settings)
    assert (status, says in error) == (1, True), error


def test_a_folder_without_functions_is_refused(tmp_path: Path) -> None:
    app = tmp_path / "app"
    app.mkdir()
    (app / "host.json").write_text('{"version": "2.0"}')
    status, error = refusal(str(app), tmp_path)
    assert status == 1
    assert "no function is found: there is no function_app.py" in error


def test_a_second_process_on_the_same_data_is_refused(start: Start, tmp_path: Path) -> None:
    first = start("kitchen", **KITCHEN)
    status, error = refusal("kitchen", tmp_path, **KITCHEN)
    assert status == 3
    assert f"process id {first.process.pid}" in error
    assert first.http.get("/admin/host/ping").status_code == 200


def test_sigterm_lets_what_runs_come_to_its_end(start: Start) -> None:
    host = start("kitchen", **KITCHEN)
    host.send("work", "wait 1")
    until(lambda: host.notes("work"))
    assert host.end() == 0, host.log()
    assert [note["waited"] for note in host.notes("waited")] == ["wait 1"]
    again = start("kitchen", **KITCHEN)
    assert again.depth("work") == 0
    assert "the last host died" not in again.log()


def test_what_does_not_end_within_the_grace_is_given_up_and_run_again(start: Start) -> None:
    host = start("kitchen", "--grace", "1", **KITCHEN)
    host.send("work", "wait 20")
    until(lambda: host.notes("work"))
    assert host.end() == 1
    again = start("kitchen", **KITCHEN)
    until(lambda: len(again.notes("work")) == 2)
    assert [note["count"] for note in again.notes("work")] == [1, 2]


def test_kill_dash_nine_loses_no_message_and_the_addresses_stay(start: Start) -> None:
    texts = {f"wait 0.05 {number}" for number in range(40)}
    host = start("kitchen", **KITCHEN)
    host.send("work", *texts)
    until(lambda: len(host.notes("waited")) > 3)
    host.end(kill=True)
    again = start("kitchen", **KITCHEN)
    assert (again.told["address"], again.told["storage"]) == (
        host.told["address"],
        host.told["storage"],
    )
    until(lambda: texts <= {note["waited"] for note in again.notes("waited")})
    until(lambda: again.depth("work") == 0)
    assert "the last host died" in again.log()


@pytest.mark.parametrize("text", ["wait", "hog"])
def test_function_timeout_restarts_the_worker_and_its_neighbours_run_again(
    start: Start, text: str
) -> None:
    host = start("slow")
    host.send("slow", text, "neighbour")
    notes = host.folder / "notes"
    until(lambda: notes.exists() and "ended neighbour try 2" in notes.read_text())
    until(lambda: host.depth("slow") == 0)
    assert f"ended {text} try 2" in notes.read_text()
    assert "ran longer than functionTimeout (1.0 s)" in host.log()
    assert host.process.poll() is None, "the same process goes on"


def certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "local host")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    chain, private = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return chain, private


def test_with_a_certificate_the_host_serves_https(start: Start, tmp_path: Path) -> None:
    chain, private = certificate(tmp_path)
    host = start("kitchen", "--certificate", str(chain), "--private-key", str(private), **KITCHEN)
    assert host.told["address"].startswith("https://127.0.0.1:")

    context = ssl.create_default_context(cafile=str(chain))
    answer = httpx.get(host.told["address"] + "/api/open", verify=context)
    assert answer.text == "open to GET"


def test_the_ready_line_says_where_everything_is(start: Start, tmp_path: Path) -> None:
    host = start("kitchen", **KITCHEN)
    assert set(host.told) == {"address", "storage", "functions", "keys", "pid"}
    assert "work" in host.told["functions"]
    keys = tmp_path / "data" / "keys.json"
    assert keys.stat().st_mode & 0o777 == 0o600
    assert json.loads(keys.read_text())["functions"].keys() == set(host.told["functions"])
    status = host.http.get("/admin/host/status", headers=host.master()).json()
    assert (status["state"], status["invocations"]["failed"]) == ("Running", 0)
    listed = host.http.get("/admin/functions", headers=host.master()).json()
    assert [function["name"] for function in listed] == host.told["functions"]
