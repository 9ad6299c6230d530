"""The process: TLS under the real names, one tenant to a folder, what survives a kill."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import sys

import pytest

from local.tenant import tls
from tests.tenant_kit import HELEN, ROOT, SAM, SEED, WIDE, prepare, spawn


@pytest.fixture
def home(tmp_path, certificates):
    for pem in certificates.glob("*.pem"):
        shutil.copy(pem, tmp_path)
    return tmp_path


def test_a_killed_tenant_comes_back_with_everything(home):
    first = spawn(home, WIDE)
    tenant = first.tenant
    token = tenant.token(HELEN)
    body = {"displayName": "Kept", "mailNickname": "kept", "mailEnabled": False,
            "securityEnabled": True}  # fmt: skip
    assert tenant.http("provisioner").post("/v1.0/groups", json=body).status_code == 201
    tenant.advance(3600)
    tenant.fault({"kind": "refuse", "status": 503}, match={"path": "^/me$"})
    first.process.kill()
    first.process.communicate()
    second = spawn(home, WIDE)
    again = second.tenant
    names = [
        g["displayName"] for g in again.http("provisioner").get("/v1.0/groups").json()["value"]
    ]
    assert names.count("Kept") == 1
    assert names.count("IG officers") == 1  # sown twice, there once
    assert again.local("GET", "/clock")["offset"] == 3600
    client = again.httpx(token)  # the signing key is the same
    assert [client.get("/v1.0/me").status_code for _ in range(2)] == [503, 200]
    tenant.close()
    again.close()
    assert second.process.returncode == 0


def test_a_second_process_on_the_same_data_is_refused(home):
    first = spawn(home, WIDE)
    command = [sys.executable, "-m", "local.tenant", "--data", str(home / "data")]
    second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    first.tenant.close()
    assert second.returncode == 2
    assert "Another local tenant is running" in second.stderr
    assert second.stdout == ""


@pytest.mark.parametrize(
    ("seed", "says"),
    [
        ("tenant: [", "is not YAML"),
        ("tenant: {}", "tenant.id: Field required"),
        (SEED + "surprise: 1\n", "surprise: Extra inputs are not permitted"),
        (SEED.replace(f"owner: {HELEN}", "owner: nobody@x.example"), "not among the users"),
        (SEED.replace("[enforcer.pem]", "[missing.pem]"), "missing.pem"),
    ],
)
def test_a_bad_seed_is_refused_by_name(home, seed, says):
    page = prepare(home, seed)
    command = [sys.executable, "-m", "local.tenant", "--data", str(home / "data"),
               "--seed", str(page)]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_never_seeded_is_refused(tmp_path):
    command = [sys.executable, "-m", "local.tenant", "--data", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, "--seed" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    "name",
    ["127.0.0.1", "localhost", "graph.microsoft.com", "login.microsoftonline.com",
     "wmin.sharepoint.com", "wmin-admin.sharepoint.com"],
)  # fmt: skip
def test_the_certificate_is_good_for_the_real_names(shared_tenant, name):
    context = ssl.create_default_context(cafile=str(shared_tenant.ca))
    port = int(shared_tenant.address.rpartition(":")[2])
    import socket  # noqa: PLC0415 -- only here

    with (
        socket.create_connection(("127.0.0.1", port)) as raw,
        context.wrap_socket(raw, server_hostname=name) as wrapped,
    ):
        assert wrapped.version() in ("TLSv1.2", "TLSv1.3")


def test_keys_are_readable_by_their_owner_only(tmp_path):
    tls.ensure_certificate(tmp_path)
    assert {(tmp_path / n).stat().st_mode & 0o777 for n in ("ca.key", "server.pem")} == {0o600}


def test_a_certificate_is_made_once_and_again_for_another_ca(tmp_path):
    first = tls.ensure_certificate(tmp_path).read_bytes()
    assert tls.ensure_certificate(tmp_path).read_bytes() == first
    (tmp_path / "ca.pem").unlink()
    assert tls.ensure_certificate(tmp_path).read_bytes() != first


def test_a_user_can_be_looked_up_by_upn_and_by_id(shared_tenant):
    client = shared_tenant.http(HELEN)
    sam = client.get(f"/v1.0/users/{SAM}").json()
    assert client.get(f"/v1.0/users/{sam['id']}").json() == sam
