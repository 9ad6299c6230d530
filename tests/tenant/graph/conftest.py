"""A seeded store for each test of the Graph dialect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from local.tenant.store import apps, directory, sites
from local.tenant.store.database import Store
from local.tenant.store.tables import CONTENT_TABLES
from tests.tenant.graph.graph_kit import GUEST, HELEN, HOST, IRIS, SAM, Tenant, load_contract

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def contract() -> Any:
    return load_contract()


@pytest.fixture
def tenant(tmp_path: Path, contract: Any) -> Any:
    store = Store(tmp_path / "tenant.db", (*CONTENT_TABLES, directory.TABLES, apps.TABLES))
    store.put("tenant_id", "0d5f8f43-6d0f-4f0e-9a3e-3a6f0f4f2a10")
    people = (
        (HELEN, "helen.ward", "Helen Ward"),
        (SAM, "sam.price", "Sam Price"),
        (IRIS, "iris.gray", "Iris Gray"),
    )
    with store.transaction():
        for oid, upn, name in people:
            mail = f"{upn}@dgft.nhs.example"
            directory.put_user(store, directory.User(oid, mail, name, mail))
        directory.put_user(
            store, directory.User(GUEST, "x#EXT#@wmin.example", "A Guest", guest=True)
        )
        sites.create(store, sites.NewSite(HOST, "", "WMIN", f"user:{HELEN}"))
        sites.create(store, sites.NewSite(HOST, "/sites/core", "Core team", f"user:{HELEN}"))
    yield Tenant(store, contract)
    store.close()
