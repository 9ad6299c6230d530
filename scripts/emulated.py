"""Write local/tenant/EMULATED.md; needs Microsoft's contract beside this checkout."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.contract.emulated import PAGE, write  # noqa: E402 - found beside this folder
from tests.contract_kit import load_contract  # noqa: E402 - as above


def main() -> int:
    """Write the page. Returns 1 when the contract is missing."""
    contract = load_contract()
    if contract is None:
        sys.stderr.write("../shared/contract is not beside this checkout\n")
        return 1
    text, untouched = write(contract)
    PAGE.write_text(text, encoding="utf-8")
    for operation in untouched:
        sys.stderr.write(f"nothing asks for {operation}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
