"""A tenant behind Microsoft's own host names, and programs of others that are run against it.

The programs are told of a proxy and of a CA, in the way each of them documents, and of nothing
else: for them there is only graph.microsoft.com.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.tenant_kit import DOMAIN, HELEN, HOST, ROOT, SAM, SECRET, TENANT_ID

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.tenant_kit import Tenant

TOOLS = ROOT / ".verger-tools" / "foreign"
HERE = Path(__file__).parent
SITE = f"https://{HOST}/sites/quality"
SYNC = "11111111-0000-4000-8000-000000000011"
ADMIN = "11111111-0000-4000-8000-000000000012"
TIMEOUT_S = 120

SEED = f"""\
tenant:
  id: {TENANT_ID}
  name: West Midlands Imaging Network
  domain: {DOMAIN}
  sharepoint_host: {HOST}
owner: {HELEN}
users:
  - {{upn: {HELEN}, name: Helen Ward}}
  - {{upn: {SAM}, name: Sam Price}}
apps:
  - client_id: {SYNC}
    name: sync
    secrets: [{SECRET}]
    roles: [Sites.ReadWrite.All, User.Read.All]
    scopes: [Files.Read, Files.ReadWrite, Files.Read.All, Files.ReadWrite.All, Sites.Read.All]
  - client_id: {ADMIN}
    name: admin
    certificates: [enforcer.pem]
    roles: [Sites.FullControl.All, User.Read.All]
sites:
  - path: /sites/quality
    title: Quality
    owner: {HELEN}
    libraries:
      - title: Documents
        columns: [{{name: Ward, text: {{}}}}]
        files:
          - {{path: Minutes/2026 11.txt, text: "The minutes\\n", by: {SAM}, columns: {{Ward: "3"}}}}
          - {{path: Readme.txt, text: "Read me\\n"}}
    lists:
      - title: Risks
        columns: [{{name: Score, number: {{}}}}]
        items: [{{Title: Fire, Score: 9}}]
"""


@dataclass(frozen=True)
class World:
    """The tenant, and a folder in which the programs may leave what they like."""

    tenant: Tenant
    home: Path

    def environment(self, **more: str) -> dict[str, str]:
        """Return what a program is told: the proxy, the CA in each dialect, a home of its own."""
        ca = str(self.tenant.ca)
        told = {"HTTPS_PROXY": self.tenant.proxy, "SSL_CERT_FILE": ca, "REQUESTS_CA_BUNDLE": ca,
                "NODE_EXTRA_CA_CERTS": ca, "HOME": str(self.home),
                "PATH": os.environ["PATH"]}  # fmt: skip
        return told | more

    def run(self, *command: str | Path, **more: str) -> str:
        """Run a program to its end and return what it wrote; it must succeed."""
        done = subprocess.run(
            [str(each) for each in command], env=self.environment(**more), cwd=self.home,
            capture_output=True, text=True, timeout=TIMEOUT_S, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def run_json(self, *command: str | Path, **more: str) -> Any:
        """Run a program and return the JSON on its last line."""
        return json.loads(self.run(*command, **more).strip().splitlines()[-1])

    def sign_in(self, address: str) -> str:
        """Do what Helen does in her browser at an address of the login; returns where it leads."""
        context = ssl.create_default_context(cafile=str(self.tenant.ca))
        with httpx.Client(proxy=self.tenant.proxy, verify=context, trust_env=False) as browser:
            page = browser.get(address)
            assert re.search(f'<button name="upn" value="{HELEN}">Helen Ward', page.text)
            done = browser.post(address, data={"upn": HELEN})
        return str(done.headers["location"])


def need(tool: str) -> str:
    """Return a program's path; a test without it is skipped by name (in CI it fails)."""
    found = shutil.which(tool)
    if found is None:
        pytest.skip(f"{tool} is not installed: scripts/foreign-clients.sh")
    return found


def need_installed(path: str) -> Path:
    """Return a path of what scripts/foreign-clients.sh installs, or skip by name."""
    if not (TOOLS / path).exists():
        pytest.skip(f"{path} is not installed: scripts/foreign-clients.sh")
    return TOOLS / path


def names(world: World, token: str) -> Mapping[str, int]:
    """Return path and size (bytes) of every file in Documents, read without any of the clients."""
    client = world.tenant.httpx(token)
    drive = client.get(f"/v1.0/sites/{HOST}:/sites/quality:/drive").json()["id"]
    rows = client.get(f"/v1.0/drives/{drive}/root/delta").json()["value"]
    return {
        f"{row['parentReference']['path'].partition('root:')[2]}/{row['name']}": row["size"]
        for row in rows
        if "file" in row
    }
