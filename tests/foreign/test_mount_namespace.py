"""The other way to the real names (decisions 29): a mount namespace with its own hosts file.

No proxy at all: the names resolve to this machine and the tenant listens on 443, for the processes
in the namespace only. It takes root, as CI has; the hosts file of the machine is not touched.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
from pathlib import Path

import pytest

from tests.foreign.kit import SEED, TIMEOUT_S, need
from tests.tenant_kit import HOST, ROOT, SECRET, TENANT_ID, running

pytestmark = pytest.mark.foreign
PAGE = ROOT / "docs" / "local-tenant.md"


def _script() -> str:
    """Return the commands as the documentation gives them to people."""
    found = re.search(r"```sh namespace\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found
    return found[1]


def _need_root_and_port() -> None:
    if os.geteuid() != 0:
        pytest.skip("a mount namespace of one's own takes root")
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", 443)) == 0:
            pytest.skip("something listens on 127.0.0.1:443 already")


def test_a_program_in_the_namespace_finds_the_tenant_at_the_real_names(tmp_path: Path):
    _need_root_and_port()
    need("unshare")
    curl = (
        f"{need('curl')} -sS https://login.microsoftonline.com/{TENANT_ID}/oauth2/v2.0/token"
        f" -d grant_type=client_credentials -d client_id=11111111-0000-4000-8000-000000000011"
        f" -d client_secret={SECRET} --data-urlencode scope=https://graph.microsoft.com/.default"
    )
    before = Path("/etc/hosts").read_bytes()
    with running(tmp_path, SEED, port=443) as tenant:
        told = {"PATH": os.environ["PATH"], "CA": str(tenant.ca), "CURL_CA_BUNDLE": str(tenant.ca),
                "SHAREPOINT": HOST, "COMMAND": curl, "TMPDIR": str(tmp_path)}  # fmt: skip
        done = subprocess.run(["sh", "-eu", "-c", _script()], env=told, cwd=tmp_path,
                              capture_output=True, text=True, timeout=TIMEOUT_S,
                              check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert '"access_token"' in done.stdout
    assert Path("/etc/hosts").read_bytes() == before
