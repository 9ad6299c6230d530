"""Our part of the Blob wire through Microsoft's SDK; with AZURITE_CONNECTION set, on Azurite."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
from azure.core import MatchConditions
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)
from azure.storage.blob import BlobClient, BlobLeaseClient, ContainerClient
from azure.storage.blob.aio import ContainerClient as AsyncContainerClient

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def container(connection: str) -> Iterator[ContainerClient]:
    with ContainerClient.from_connection_string(
        connection, f"c-{uuid.uuid4().hex[:12]}", retry_total=0
    ) as client:
        client.create_container()
        yield client


@pytest.fixture
def blob(container: ContainerClient) -> BlobClient:
    client = container.get_blob_client("timers/host/sweep/status")
    client.upload_blob(b'{"Last": ""}', metadata={"purpose": "status"})
    return client


def code(caught: pytest.ExceptionInfo[HttpResponseError]) -> tuple[int | None, str]:
    assert caught.value.response is not None
    return caught.value.status_code, caught.value.response.headers.get("x-ms-error-code", "")


def test_a_blob_is_read_as_it_was_written(blob: BlobClient) -> None:
    assert blob.download_blob().readall() == b'{"Last": ""}'
    assert blob.download_blob(offset=2, length=4).readall() == b"Last"
    properties = blob.get_blob_properties()
    assert (properties.size, properties.metadata) == (12, {"purpose": "status"})


def test_an_empty_blob_can_be_read(container: ContainerClient) -> None:
    container.upload_blob("locks/empty", b"")
    assert container.download_blob("locks/empty").readall() == b""


def test_blobs_are_listed_by_prefix(container: ContainerClient) -> None:
    for name in ("locks/a", "locks/b", "timers/c d"):
        container.upload_blob(name, b"")
    assert [blob.name for blob in container.list_blobs(name_starts_with="locks/")] == [
        "locks/a",
        "locks/b",
    ]
    assert container.get_blob_client("timers/c d").exists()


def test_a_blob_is_not_overwritten_unless_asked(blob: BlobClient) -> None:
    with pytest.raises(ResourceExistsError) as caught:
        blob.upload_blob(b"new")
    assert code(caught) == (409, "BlobAlreadyExists")
    blob.upload_blob(b"new", overwrite=True)
    assert blob.download_blob().readall() == b"new"


def test_a_write_against_an_old_etag_is_refused(blob: BlobClient) -> None:
    old = blob.get_blob_properties().etag
    blob.upload_blob(b"other", overwrite=True)
    with pytest.raises(ResourceModifiedError) as caught:
        blob.upload_blob(
            b"mine", overwrite=True, etag=old, match_condition=MatchConditions.IfNotModified
        )
    assert code(caught) == (412, "ConditionNotMet")


def test_a_deleted_blob_is_not_found(blob: BlobClient) -> None:
    blob.delete_blob()
    with pytest.raises(ResourceNotFoundError) as caught:
        blob.download_blob()
    assert code(caught) == (404, "BlobNotFound")


def test_a_second_container_of_the_name_conflicts(container: ContainerClient) -> None:
    with pytest.raises(ResourceExistsError) as caught:
        container.create_container()
    assert code(caught) == (409, "ContainerAlreadyExists")
    container.delete_container()


def test_a_lease_keeps_everybody_else_out(blob: BlobClient) -> None:
    lease = blob.acquire_lease(15)
    with pytest.raises(ResourceExistsError) as caught:
        blob.acquire_lease(15)
    assert code(caught) == (409, "LeaseAlreadyPresent")
    with pytest.raises(HttpResponseError) as caught2:
        blob.upload_blob(b"x", overwrite=True)
    assert code(caught2) == (412, "LeaseIdMissing")
    with pytest.raises(HttpResponseError) as caught3:
        blob.delete_blob(lease=str(uuid.uuid4()))
    assert code(caught3) == (412, "LeaseIdMismatchWithBlobOperation")
    blob.upload_blob(b"x", overwrite=True, lease=lease)
    lease.renew()
    lease.release()
    blob.acquire_lease(-1)
    BlobLeaseClient(blob).break_lease(0)
    blob.delete_blob()


def test_a_lease_that_is_not_ours_cannot_be_renewed(blob: BlobClient) -> None:
    blob.acquire_lease(15)
    with pytest.raises(HttpResponseError) as caught:
        BlobLeaseClient(blob, lease_id=str(uuid.uuid4())).renew()
    assert code(caught) == (409, "LeaseIdMismatchWithLeaseOperation")


def test_a_lease_ends_with_the_clock(ours: str, tmp_path: Path) -> None:
    with ContainerClient.from_connection_string(ours, "leases") as container:
        container.create_container()
        blob = container.upload_blob("lock", b"")
        blob.acquire_lease(60)
        (tmp_path / "clock").write_text("61")
        blob.acquire_lease(60)


def test_a_wrong_key_is_refused(ours: str) -> None:
    forged = ours.replace("AccountKey=", "AccountKey=AAAA")
    with (
        ContainerClient.from_connection_string(forged, "secret", retry_total=0) as client,
        pytest.raises(ClientAuthenticationError) as caught,
    ):
        client.create_container()
    assert code(caught) == (403, "AuthenticationFailed")


def test_what_is_not_served_says_so_loudly(ours: str) -> None:
    with (
        ContainerClient.from_connection_string(ours, "policies", retry_total=0) as client,
        pytest.raises(HttpResponseError) as caught,
    ):
        client.get_container_access_policy()
    assert caught.value.status_code == 501


async def test_the_asynchronous_sdk_works_too(connection: str) -> None:
    async with AsyncContainerClient.from_connection_string(
        connection, f"aio-{uuid.uuid4().hex[:8]}"
    ) as client:
        await client.create_container()
        blob = await client.upload_blob("a b/ü", b"x")
        lease = await blob.acquire_lease(15)
        await blob.upload_blob(b"y", overwrite=True, lease=lease)
        assert await (await blob.download_blob()).readall() == b"y"
        await client.delete_container()
