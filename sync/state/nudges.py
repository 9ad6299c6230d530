"""Queue messages out: through Azure Storage's own client, to the cloud or to one machine's storage.

The queue carries nudges only; the work itself is in SQL (decisions 14), so a message that is lost
or doubled here changes nothing in the end.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.identity.aio import ManagedIdentityCredential
from azure.storage.queue import TextBase64EncodePolicy
from azure.storage.queue.aio import QueueClient, QueueServiceClient

from sync.errors import Misconfigured, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sync.hints import Message

CONNECTION = "AzureWebJobsStorage"


class Nudges:
    """A sender over one storage account. Open it once a process; it keeps its connections."""

    def __init__(self, service: QueueServiceClient) -> None:
        self._service = service
        self._queues: dict[str, QueueClient] = {}

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Open by AzureWebJobsStorage, or by identity where only its __queueServiceUri is set."""
        if connection := environ.get(CONNECTION):
            return cls(QueueServiceClient.from_connection_string(connection))
        if address := environ.get(f"{CONNECTION}__queueServiceUri"):
            identity = ManagedIdentityCredential(client_id=environ.get(f"{CONNECTION}__clientId"))
            return cls(QueueServiceClient(address, credential=identity))
        raise Misconfigured(
            f"{CONNECTION} is missing; set it to the storage account's connection string, or "
            f"{CONNECTION}__queueServiceUri to its queue address to use the managed identity"
        )

    async def send(self, messages: Iterable[Message]) -> None:
        """Put each message on its queue, hidden for its delay in seconds; else Unavailable."""
        await asyncio.gather(*(self._put(message) for message in messages))

    async def close(self) -> None:
        await self._service.close()

    async def _put(self, message: Message) -> None:
        queue = self._queue(message.queue)
        delay = max(0, round(message.delay))
        try:
            try:
                await queue.send_message(message.text(), visibility_timeout=delay)
            except ResourceNotFoundError:  # the very first message of a new storage account
                await queue.create_queue()
                await queue.send_message(message.text(), visibility_timeout=delay)
        except AzureError as error:
            raise Unavailable(str(error), doing=f"put a message on {message.queue}") from error

    def _queue(self, name: str) -> QueueClient:
        if name not in self._queues:
            self._queues[name] = self._service.get_queue_client(
                name, message_encode_policy=TextBase64EncodePolicy()
            )
        return self._queues[name]
