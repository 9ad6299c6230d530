"""A lock file that answers other dependencies than pyproject.toml's is found without a network."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PINNED = re.compile(r"^\S+==\S+ \\\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", re.MULTILINE)
LOCKS = ("requirements.txt", "requirements-dev.txt")


def check(folder):
    command = [sys.executable, str(folder / "scripts" / "lock.py"), "--check"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def copy(folder):
    (folder / "scripts").mkdir()
    for name in ("pyproject.toml", "scripts/lock.py", *LOCKS):
        shutil.copy(ROOT / name, folder / name)
    return folder


def test_the_lock_files_fit_the_dependencies_they_were_solved_for():
    assert check(ROOT).returncode == 0


def test_a_new_dependency_without_a_new_lock_is_refused(tmp_path):
    project = copy(tmp_path) / "pyproject.toml"
    project.write_text(project.read_text().replace('    "aiosqlite",\n', '    "aiosqlite>99",\n'))

    done = check(tmp_path)

    assert done.returncode == 1
    assert "requirements.txt, requirements-dev.txt: stale" in done.stderr
    assert "make lock" in done.stderr


def test_every_locked_package_has_a_hash_and_no_address():
    for name in LOCKS:
        text = (ROOT / name).read_text()
        pinned = re.findall(
            r"^\S+==\S+ \\\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", text, re.MULTILINE
        )
        assert len(pinned) == len(re.findall(r"^[a-z0-9]\S*==", text, re.MULTILINE | re.IGNORECASE))
        assert "://" not in text
