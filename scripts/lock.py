"""Write requirements*.txt with hashes and without addresses, or check that they are not stale.

`--check` needs no network: each lock file's first line carries the SHA-256 of the dependency tables
of pyproject.toml it was solved for.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
UV = Path(sys.executable).with_name("uv")
BASE = [
    "--python-version", "3.13", "--generate-hashes", "--no-emit-index-url",
    "--no-annotate", "--no-header", "--quiet",
]  # fmt: skip
LOCKS = {
    "requirements.txt": [],
    "requirements-dev.txt": ["--extra", "local", "--extra", "dev", "-c", "requirements.txt"],
}


def stamp() -> str:
    """Return the line that ties a lock file to the dependency tables it answers."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    tables = [project["dependencies"], project["optional-dependencies"], project["requires-python"]]
    return f"# for dependencies {hashlib.sha256(json.dumps(tables).encode()).hexdigest()}\n"


def write() -> None:
    """Solve each lock file, keeping the versions it already has where they still fit."""
    for name, extra in LOCKS.items():
        command = [str(UV), "pip", "compile", *BASE, *extra, "pyproject.toml", "-o", name]
        subprocess.run(command, cwd=ROOT, check=True)
        path = ROOT / name
        path.write_text(stamp() + path.read_text())


def stale() -> list[str]:
    """Name the lock files that were solved for other dependencies than pyproject.toml has now."""
    wanted = stamp()
    return [name for name in LOCKS if not (ROOT / name).read_text().startswith(wanted)]


def main() -> int:
    """Lock, or with --check report staleness. Returns the exit status."""
    if "--check" not in sys.argv:
        write()
        return 0
    if names := stale():
        sys.stderr.write(f"{', '.join(names)}: stale against pyproject.toml. Run: make lock\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
