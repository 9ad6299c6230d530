"""local/tenant/EMULATED.md says what is true today."""

from __future__ import annotations

import pytest

from tests.contract.emulated import PAGE, write
from tests.contract_kit import load_contract


def test_the_page_is_what_the_code_and_its_answers_make_it():
    contract = load_contract()
    if contract is None:
        pytest.skip("Microsoft's contract (../shared/contract) is not beside this checkout")
    text, untouched = write(contract)
    assert untouched == [], "no example, client request or stop of the tour asks for these"
    assert PAGE.read_text("utf-8") == text, "stale: run python scripts/emulated.py"
