"""What a data pipeline does with a library through fsspec; prints what it saw as JSON."""

import json
import os
import sys
from pathlib import Path

from msgraphfs import MSGDriveFS

TENANT, CLIENT, SECRET = sys.argv[1:4]
BIG = os.urandom(11 * 1024 * 1024)


def main() -> None:
    fs = MSGDriveFS(site_name="quality", drive_name="Documents", tenant_id=TENANT,
                    client_id=CLIENT, client_secret=SECRET)  # fmt: skip
    first = sorted(fs.ls("/", detail=False))
    fs.mkdir("/Data")
    with fs.open("/Data/a.csv", "wb") as handle:
        handle.write(b"ward,score\n3,9\n")
    with fs.open("/Data/big.bin", "wb") as handle:
        handle.write(BIG)
    with fs.open("/Data/big.bin", "rb") as handle:
        handle.seek(7_000_000)
        part = handle.read(10)
    fs.mv("/Data/a.csv", "/Data/b.csv")
    fs.copy("/Data/b.csv", "/Data/c.csv")
    fs.get("/Data/c.csv", "c.csv")
    told = {
        "first": first,
        "part": part == BIG[7_000_000:7_000_010],
        "big is whole": fs.cat("/Data/big.bin") == BIG,
        "found": sorted(fs.find("/Data")),
        "size": fs.info("/Data/b.csv")["size"],
        "copy": Path("c.csv").read_text(),
        "old name": fs.exists("/Data/a.csv"),
    }
    fs.rm("/Data", recursive=True)
    json.dump(told | {"left": sorted(fs.ls("/", detail=False))}, sys.stdout)


main()
