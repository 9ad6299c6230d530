"""Write every page that is made from code, or with --check say which of them are stale."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from scripts.registers import register_pages  # noqa: E402
from sharepoint_schema.schema import KINDS, schema_text  # noqa: E402 - found beside this folder
from sync import permissions  # noqa: E402
from sync.policies import policies  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator


def pages() -> Iterator[tuple[Path, str]]:
    """Yield each generated page: its path and its text."""
    for kind in KINDS:
        yield ROOT / "sharepoint_schema" / "data" / "schema" / f"{kind}.json", schema_text(kind)
    yield ROOT / "docs" / "policies.md", policy_page()
    yield ROOT / "docs" / "permissions.md", permissions.page()
    for name, text in register_pages():
        yield ROOT / "docs" / "registers" / name, text


def policy_page() -> str:
    """Return docs/policies.md: what each policy means, in its own docstring's words."""
    parts = [
        "# The policies",
        "",
        "Made from the code by `make schemas`. Each policy is one file in `sync/policies`.",
    ]
    for policy in policies().values():
        needs = ", ".join(sorted(policy.needs)) or "nothing but the name"
        parts += ["", f"## {policy.name}", "", policy.meaning.strip(), ""]
        parts.append(f"Version {policy.version}. Judges by: {needs}.")
    return "\n".join(parts) + "\n"


def main() -> int:
    """Write or check. Returns the exit status: 1 when --check finds a stale page."""
    stale = [path for path, text in pages() if not path.exists() or path.read_text("utf-8") != text]
    if "--check" in sys.argv:
        for path in stale:
            sys.stderr.write(f"{path.relative_to(ROOT)} is stale. Run: make schemas\n")
        return 1 if stale else 0
    for path, text in pages():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
