"""Libraries of others, in Python and JavaScript, used as their own documents say."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.foreign.kit import ADMIN, HERE, SYNC, need, need_installed
from tests.tenant_kit import HOST, SECRET, TENANT_ID

if TYPE_CHECKING:
    from tests.foreign.kit import World

pytestmark = pytest.mark.foreign
SOWN = ["Minutes", "Readme.txt"]


def test_o365_lists_uploads_downloads_renames_moves_copies_shares_and_deletes(world: World):
    python = need_installed("python/bin/python")
    script = HERE / "clients" / "with_o365.py"
    assert world.run_json(python, script, HOST, TENANT_ID, SYNC, SECRET) == {
        "site": "Quality",
        "back": "from O365",
        "big is whole": True,
        "root": ["Minutes", "Office", "Readme.txt", "renamed.txt"],
        "folder": ["big.bin", "copy.txt"],
        "versions": ["1.0"],
        "link": True,
        "left": SOWN,
        "score": 5,
        "risks": 1,
    }


def test_msgraphfs_is_a_file_system_over_the_library(world: World):
    python = need_installed("python/bin/python")
    script = HERE / "clients" / "with_msgraphfs.py"
    assert world.run_json(python, script, TENANT_ID, SYNC, SECRET) == {
        "first": ["/Minutes", "/Readme.txt"],
        "part": True,
        "big is whole": True,
        "found": ["/Data/b.csv", "/Data/big.bin", "/Data/c.csv"],
        "size": 15,
        "copy": "ward,score\n3,9\n",
        "old name": False,
        "left": ["/Minutes", "/Readme.txt"],
    }


def test_microsofts_javascript_client_with_azure_identity(world: World):
    modules = need_installed("node/node_modules")
    script = modules.parent / "with_graph_client.mjs"  # modules are found beside the script
    script.write_bytes((HERE / "clients" / "with_graph_client.mjs").read_bytes())
    certificate = world.tenant.certificate("enforcer")
    assert world.run_json(need("node"), script, HOST, TENANT_ID, ADMIN, certificate) == {
        "site": "Quality",
        "first": ["a.txt", "big.bin"],
        "back": "from JavaScript",
        "big is whole": True,
        "renamed": ["b.txt", "big.bin"],
        "batch": [200, 404],
        "delta": True,
        "gone": "itemNotFound",
        "left": SOWN,
    }


def test_the_javascript_clients_are_those_the_lock_file_names_by_hash():
    kept = need_installed("node/node_modules/.package-lock.json")
    installed = json.loads(kept.read_text("utf-8"))["packages"]
    locked = json.loads((HERE / "package-lock.json").read_text("utf-8"))["packages"]
    assert len(installed) > 100
    strange = [name for name, each in installed.items()
               if each.get("integrity") != locked.get(name, {}).get("integrity")]  # fmt: skip
    assert strange == []


def test_the_python_clients_are_those_the_lock_file_names():
    packages = need_installed("python/bin/python").parent.parent / "lib/python3.13/site-packages"
    found = {path.stem.lower().replace("_", "-") for path in packages.glob("*.dist-info")}
    text = (HERE / "requirements.txt").read_text("utf-8")
    locked = re.findall(r"^(\S+)==(\S+)", text, re.MULTILINE)
    assert found == {f"{name}-{version}" for name, version in locked}
