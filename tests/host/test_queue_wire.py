"""Our Queue wire through Microsoft's SDK; with AZURITE_CONNECTION set, the same on Azurite."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
)
from azure.storage.queue import QueueClient, QueueServiceClient
from azure.storage.queue.aio import QueueClient as AsyncQueueClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local.host.storage.account import StorageAccount


@pytest.fixture
def queue(connection: str) -> Iterator[QueueClient]:
    with QueueClient.from_connection_string(
        connection, f"q-{uuid.uuid4().hex[:12]}", retry_total=0
    ) as client:
        client.create_queue()
        yield client


def code(caught: pytest.ExceptionInfo[HttpResponseError]) -> tuple[int | None, str]:
    assert caught.value.response is not None
    return caught.value.status_code, caught.value.response.headers.get("x-ms-error-code", "")


def test_a_message_put_is_read_once_and_gone_after_its_delete(queue: QueueClient) -> None:
    sent = queue.send_message("Gov-04 <&> wurde geändert")
    taken = queue.receive_message(visibility_timeout=60)
    assert taken is not None
    assert (taken.id, taken.content, taken.dequeue_count) == (sent.id, sent.content, 1)
    assert queue.receive_message() is None
    queue.delete_message(taken)
    assert queue.get_queue_properties().approximate_message_count == 0


def test_batches_come_in_the_order_of_arrival_up_to_thirty_two(queue: QueueClient) -> None:
    for number in range(40):
        queue.send_message(str(number))
    batch = next(queue.receive_messages(messages_per_page=32).by_page())
    assert sorted(int(message.content) for message in batch) == list(range(32))


def test_peeking_hides_nothing_and_counts_nothing(queue: QueueClient) -> None:
    queue.send_message("a")
    assert [m.content for m in queue.peek_messages(max_messages=5)] == ["a"]
    assert [m.dequeue_count for m in queue.peek_messages(max_messages=5)] == [0]


def test_an_update_changes_text_and_receipt_and_the_old_receipt_is_refused(
    queue: QueueClient,
) -> None:
    queue.send_message("before")
    taken = queue.receive_message(visibility_timeout=60)
    assert taken is not None
    changed = queue.update_message(taken, content="after", visibility_timeout=0)
    assert changed.pop_receipt != taken.pop_receipt
    with pytest.raises(HttpResponseError) as caught:
        queue.delete_message(taken.id, taken.pop_receipt)
    assert code(caught) == (400, "PopReceiptMismatch")
    again = queue.receive_message()
    assert again is not None
    assert (again.content, again.dequeue_count) == ("after", 2)


def test_a_deleted_message_is_not_found(queue: QueueClient) -> None:
    queue.send_message("a")
    taken = queue.receive_message()
    assert taken is not None
    queue.delete_message(taken)
    with pytest.raises(ResourceNotFoundError) as caught:
        queue.delete_message(taken)
    assert code(caught) == (404, "MessageNotFound")


def test_clearing_empties_the_queue(queue: QueueClient) -> None:
    queue.send_message("a")
    queue.clear_messages()
    assert queue.receive_message() is None


def test_metadata_is_kept_and_makes_a_second_creation_conflict(queue: QueueClient) -> None:
    queue.set_queue_metadata({"purpose": "nudges", "area_code": "x", "area1": "y"})
    assert queue.get_queue_properties().metadata == {
        "purpose": "nudges",
        "area_code": "x",
        "area1": "y",
    }
    with pytest.raises(ResourceExistsError) as caught:
        queue.create_queue()
    assert code(caught) == (409, "QueueAlreadyExists")


def test_creating_the_same_queue_twice_changes_nothing(queue: QueueClient) -> None:
    queue.send_message("a")
    with pytest.raises(ResourceExistsError) as caught:
        queue.create_queue()
    assert caught.value.status_code == 204
    assert queue.get_queue_properties().approximate_message_count == 1


def test_queues_are_listed_by_prefix_in_pages(connection: str) -> None:
    with QueueServiceClient.from_connection_string(connection) as service:
        prefix = f"list-{uuid.uuid4().hex[:8]}"
        for number in range(3):
            service.create_queue(f"{prefix}-{number}", metadata={"n": str(number)})
        listed = list(service.list_queues(prefix, include_metadata=True, results_per_page=2))
    assert [(q.name, q.metadata) for q in listed] == [
        (f"{prefix}-{number}", {"n": str(number)}) for number in range(3)
    ]


def test_a_missing_queue_is_said_to_be_missing(connection: str) -> None:
    with QueueClient.from_connection_string(connection, "no-such-queue") as client:
        for call in (
            client.receive_message,
            client.get_queue_properties,
            client.delete_queue,
            client.clear_messages,
            lambda: client.send_message("a"),
        ):
            with pytest.raises(ResourceNotFoundError) as caught:
                call()
            assert caught.value.status_code == 404


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Upper", "InvalidResourceName"),
        ("two--dashes", "InvalidResourceName"),
        ("-dash", "InvalidResourceName"),
        ("ab", "OutOfRangeInput"),
        ("a" * 64, "OutOfRangeInput"),
    ],
)
def test_a_name_the_service_would_refuse_is_refused(ours: str, name: str, expected: str) -> None:
    with (
        QueueClient.from_connection_string(ours, name) as client,
        pytest.raises(HttpResponseError) as caught,
    ):
        client.create_queue()
    assert code(caught) == (400, expected)


@pytest.mark.parametrize(
    "options",
    [
        {"visibility_timeout": 604_801},
        {"time_to_live": -5},
        {"visibility_timeout": 60, "time_to_live": 60},
    ],
)
def test_times_out_of_range_are_refused(ours: str, options: dict[str, int]) -> None:
    with QueueClient.from_connection_string(ours, "ranges") as client:
        client.create_queue()
        with pytest.raises(HttpResponseError) as caught:
            client.send_message("a", **options)
    assert code(caught) == (400, "OutOfRangeQueryParameterValue")


def test_more_than_sixty_four_kibibytes_is_refused(queue: QueueClient) -> None:
    queue.send_message("x" * 65_536)
    with pytest.raises(HttpResponseError) as caught:
        queue.send_message("x" * 65_537)
    assert caught.value.status_code == 413


def test_a_delayed_message_waits_for_the_clock(ours: str, tmp_path: Path) -> None:
    with QueueClient.from_connection_string(ours, "delayed") as client:
        client.create_queue()
        client.send_message("later", visibility_timeout=3600)
        assert client.receive_message() is None
        (tmp_path / "clock").write_text("3601")
        taken = client.receive_message()
    assert taken is not None
    assert taken.content == "later"


def test_a_message_outlives_its_time_to_live_by_nothing(ours: str, tmp_path: Path) -> None:
    with QueueClient.from_connection_string(ours, "mortal") as client:
        client.create_queue()
        client.send_message("short", time_to_live=100)
        client.send_message("for ever", time_to_live=-1)
        (tmp_path / "clock").write_text(str(30 * 86_400))
        assert [m.content for m in client.receive_messages()] == ["for ever"]


def test_a_hidden_message_shows_itself_again_when_its_time_is_over(
    ours: str, tmp_path: Path
) -> None:
    with QueueClient.from_connection_string(ours, "hidden") as client:
        client.create_queue()
        client.send_message("a")
        client.receive_message(visibility_timeout=30)
        (tmp_path / "clock").write_text("31")
        again = client.receive_message()
    assert again is not None
    assert again.dequeue_count == 2


@pytest.mark.parametrize("wrong", ["key", "account"])
def test_a_wrong_key_is_refused(ours: str, wrong: str) -> None:
    forged = (
        ours.replace("AccountKey=", "AccountKey=AAAA")
        if wrong == "key"
        else ours.replace("AccountName=verger", "AccountName=someone")
    )
    with (
        QueueClient.from_connection_string(forged, "secret", retry_total=0) as client,
        pytest.raises(ClientAuthenticationError) as caught,
    ):
        client.create_queue()
    assert code(caught) == (403, "AuthenticationFailed")


async def test_the_asynchronous_sdk_works_too(connection: str) -> None:
    async with AsyncQueueClient.from_connection_string(
        connection, f"aio-{uuid.uuid4().hex[:8]}"
    ) as client:
        await client.create_queue(metadata={"made_by": "aio"})
        await client.send_message("a b", time_to_live=-1)
        taken = await client.receive_message()
        assert taken is not None
        await client.update_message(taken, visibility_timeout=0)
        assert (await client.get_queue_properties()).approximate_message_count == 1
        await client.delete_queue()


@given(st.lists(st.text(max_size=50), max_size=8))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_is_put_is_what_is_got(account: StorageAccount, texts: list[str]) -> None:
    queues = account.queues
    queues.ensure("property")
    queues.clear("property")
    for text in texts:
        queues.put("property", text)
    assert [message.text for message in queues.get("property", most=32)] == texts
