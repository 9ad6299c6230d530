"""rclone (Go): a sync tool signed in by a person, on the library of a site."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.foreign.kit import SYNC, TIMEOUT_S, names, need
from tests.tenant_kit import HOST, SECRET

if TYPE_CHECKING:
    from pathlib import Path

    from tests.foreign.kit import World

pytestmark = pytest.mark.foreign
RECEIVER = re.compile(r"http://127\.0\.0\.1:53682/auth\?\S+")
TOKEN = re.compile(r'^\{"access_token".*$', re.MULTILINE)
OLD = 1577934245  # 2020-01-02 03:04:05 UTC


@pytest.fixture(scope="module")
def rclone(world: World) -> World:
    """Helen signs rclone in once, in her browser, and it keeps its tokens as it always does."""
    need("rclone")
    token = _authorize(world)
    bearer = re.search(r'"access_token":"([^"]+)"', token)
    assert bearer
    found = world.tenant.httpx(bearer[1]).get(f"/v1.0/sites/{HOST}:/sites/quality:/drive").json()
    (world.home / "rclone.conf").write_text(
        f"[sp]\ntype = onedrive\nclient_id = {SYNC}\nclient_secret = {SECRET}\n"
        f"token = {token}\ndrive_id = {found['id']}\ndrive_type = documentLibrary\n"
    )
    return world


def _authorize(world: World) -> str:
    command = ["rclone", "authorize", "onedrive", SYNC, SECRET, "--auth-no-open-browser"]
    with subprocess.Popen(command, env=world.environment(), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True) as running:  # fmt: skip
        said = []
        for line in running.stdout or ():
            said.append(line)
            if found := RECEIVER.search(line):
                with httpx.Client(trust_env=False) as browser:
                    login = browser.get(found[0]).headers["location"]
                    assert login.startswith("https://login.microsoftonline.com/")
                    assert browser.get(world.sign_in(login)).is_success
        assert running.wait(TIMEOUT_S) == 0, said
    token = TOKEN.search("".join(said))
    assert token, said
    return token[0]


def run(world: World, *words: str | Path) -> str:
    config = str(world.home / "rclone.conf")
    return world.run("rclone", *words, "--retries", "1", RCLONE_CONFIG=config)


@pytest.fixture(scope="module")
def folder(rclone: World) -> Path:
    """A folder as people have them: old, empty, large and oddly named files."""
    made = rclone.home / "work"
    (made / "sub").mkdir(parents=True)
    (made / "a.txt").write_bytes(b"hello\n")
    (made / "empty.txt").write_bytes(b"")
    (made / "odd name #1 & ü+%.txt").write_bytes(b"odd\n")
    (made / "sub" / "big.bin").write_bytes(os.urandom(11 * 1024 * 1024))  # two ranges of 10 MiB
    os.utime(made / "a.txt", (OLD, OLD))
    return made


def test_a_folder_goes_up_and_comes_down_the_same(rclone, folder):
    run(rclone, "copy", folder, "sp:Work")
    run(rclone, "check", folder, "sp:Work")  # sizes and quickXorHash
    run(rclone, "copy", "sp:Work", rclone.home / "back")
    back = {path.name: path.read_bytes() for path in (rclone.home / "back").rglob("*.*")}
    assert back == {path.name: path.read_bytes() for path in folder.rglob("*.*")}


def test_a_second_sync_finds_nothing_to_write(rclone, folder):
    run(rclone, "sync", folder, "sp:Twice")
    mark = rclone.tenant.local("GET", "/ledger")["mark"]
    run(rclone, "sync", folder, "sp:Twice")
    done = rclone.tenant.local("GET", f"/ledger?since={mark}")["value"]
    assert {row["operation"].partition(" ")[0] for row in done} == {"GET"}


def test_a_file_keeps_the_date_it_had(rclone, folder):
    run(rclone, "copy", folder / "a.txt", "sp:Dated")
    assert "2020-01-02" in run(rclone, "lsl", "sp:Dated/a.txt")


def test_files_and_folders_are_renamed_moved_copied_and_deleted(rclone, folder):
    run(rclone, "copyto", folder / "a.txt", "sp:Desk/old/a.txt")
    run(rclone, "moveto", "sp:Desk/old/a.txt", "sp:Desk/old/b.txt")
    run(rclone, "moveto", "sp:Desk/old", "sp:Desk/new")
    run(rclone, "copyto", "sp:Desk/new/b.txt", "sp:Desk/c.txt")
    assert run(rclone, "lsf", "-R", "sp:Desk") == "c.txt\nnew/\nnew/b.txt\n"
    run(rclone, "deletefile", "sp:Desk/c.txt")
    run(rclone, "purge", "sp:Desk")
    token = rclone.tenant.token("admin")
    assert not [name for name in names(rclone, token) if name.startswith("/Desk")]


def test_a_lapsed_token_is_refreshed_and_the_work_goes_on(rclone):
    config = rclone.home / "rclone.conf"
    text = config.read_text()
    config.write_text(re.sub(r'"expiry":"[^"]+"', '"expiry":"2020-01-01T00:00:00Z"', text))
    assert "Readme.txt" in run(rclone, "lsf", "sp:")
    assert '"expiry":"2020-01-01' not in config.read_text()
