"""What a program written for python-o365 does with a site; prints what it saw as JSON."""

import json
import os
import sys
from pathlib import Path

from O365 import Account
from O365.utils.token import MemoryTokenBackend

HOST, TENANT, CLIENT, SECRET = sys.argv[1:5]
BIG = os.urandom(5 * 1024 * 1024)  # above the library's limit of 4 MB: an upload session


def main() -> None:
    account = Account((CLIENT, SECRET), auth_flow_type="credentials", tenant_id=TENANT,
                      token_backend=MemoryTokenBackend())  # fmt: skip
    account.authenticate()
    site = account.sharepoint().get_site(HOST, "/sites/quality")
    drive = site.get_default_document_library()
    json.dump({"site": site.display_name, **files(drive), **items(site)}, sys.stdout)


def files(drive) -> dict:
    root = drive.get_root_folder()
    Path("note.txt").write_text("from O365")
    Path("big.bin").write_bytes(BIG)
    folder = root.create_child_folder("Office")
    note, big = folder.upload_file("note.txt"), folder.upload_file("big.bin")
    note.download(".", "note back.txt")
    big.download(".", "big back.bin")
    note.update(name="renamed.txt")
    note.move(root)
    copied = note.copy(folder, name="copy.txt")
    while copied.status != "completed":
        list(copied.check_status(delay=0.1))
    seen = sorted(item.name for item in root.get_items())
    versions = [version.name for version in note.get_versions()]
    there = sorted(item.name for item in folder.get_items())
    link = note.share_with_link("view", "organization").share_link
    note.delete()
    folder.delete()
    return {
        "back": Path("note back.txt").read_text(),
        "big is whole": Path("big back.bin").read_bytes() == BIG,
        "root": seen,
        "folder": there,
        "versions": versions,
        "link": link.startswith(f"https://{HOST}/"),
        "left": sorted(item.name for item in root.get_items()),
    }


def items(site) -> dict:
    risks = site.get_list_by_name("Risks")
    made = risks.create_list_item({"Title": "Flood", "Score": 4})
    made.update_fields({"Score": 5})
    made.save_updates()
    score = risks.get_item_by_id(made.object_id, expand_fields=True).fields["Score"]
    made.delete()
    return {"score": score, "risks": len(list(risks.get_items()))}


main()
