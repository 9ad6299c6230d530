"""A queue trigger: batches, renewal, retries, poison, in the real host's numbers.

Source: functions-notes, "What the real host does", and Azure WebJobs' QueueListener.
"""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from local.host import outputs
from local.host.errors import InvocationFailed
from local.host.protos import PROTOS
from local.host.storage.errors import Refusal
from local.host.worker import Firing

if TYPE_CHECKING:
    from local.host.bindings import Function
    from local.host.clock import Clock
    from local.host.config import QueueOptions
    from local.host.storage.queues import Message, Queues
    from local.host.worker import Worker

HOLDER = "host"
HIDDEN = 600.0
"""Seconds a message is hidden while its function runs; renewed at half-time."""
SHORTEST = 0.1
"""Seconds between two looks at an empty queue, doubled up to maxPollingInterval."""
POISON = "-poison"
log = logging.getLogger("verger.host")


class Handler:
    """Runs one function for one message, and settles the message afterwards."""

    def __init__(self, worker: Worker, queues: Queues, options: QueueOptions, clock: Clock) -> None:
        self._worker = worker
        self._queues = queues
        self._options = options
        self._clock = clock

    async def handle(self, function: Function, message: Message) -> None:
        """Run, then delete the message, give it back, or move it to the poison queue."""
        receipt = [message.receipt]
        renewal = asyncio.create_task(self._renew(message, receipt))
        try:
            failure = await self._run(function, message)
        finally:
            renewal.cancel()
        try:
            self._settle(message, receipt[0], failure)
        except Refusal as refusal:  # taken by another reader meanwhile: it will be run again
            log.warning("%s: message %s: %s", function.name, message.id, refusal)

    async def _run(self, function: Function, message: Message) -> str | None:
        """Return what went wrong, or None."""
        if message.dequeued > self._options.max_dequeue_count:
            return f"taken {message.dequeued} times"
        try:
            await self.fire(function, self._firing(message))
        except InvocationFailed as failed:
            return str(failed)
        return None

    async def fire(self, function: Function, firing: Firing) -> None:
        """Run a function and write its outputs; raises InvocationFailed."""
        result = await self._worker.invoke(function, firing)
        outputs.write(self._queues, function, result, base64_text=self._options.base64)

    def _firing(self, message: Message) -> Firing:
        try:
            body = outputs.decode(message.text) if self._options.base64 else message.text.encode()
            text = body.decode()
        except ValueError as wrong:
            raise InvocationFailed(
                f"message {message.id} is not base64 of UTF-8: {wrong}"
            ) from wrong
        return Firing(PROTOS.TypedData(string=text), _metadata(message))

    def _settle(self, message: Message, receipt: str, failure: str | None) -> None:
        queue = message.queue
        if failure is None:
            self._queues.remove(queue, message.id, receipt)
        elif queue.endswith(POISON):
            log.error("%s: %s stays hidden, there is no poison of poison", queue, message.id)
        elif message.dequeued >= self._options.max_dequeue_count or not self._readable(message):
            self._bury(message, receipt, failure)
        else:
            hide = self._options.visibility_timeout
            log.warning("%s: %s shows again in %s s: %s", queue, message.id, hide, failure)
            self._queues.release(queue, message.id, receipt, hide=hide)

    def _readable(self, message: Message) -> bool:
        """Tell whether another try could read the message at all."""
        try:
            self._firing(message)
        except InvocationFailed:
            return False
        return True

    def _bury(self, message: Message, receipt: str, failure: str) -> None:
        poison = message.queue + POISON
        log.error("%s: %s moves to %s: %s", message.queue, message.id, poison, failure)
        self._queues.ensure(poison)
        self._queues.put(poison, message.text)
        self._queues.remove(message.queue, message.id, receipt)

    async def _renew(self, message: Message, receipt: list[str]) -> None:
        """Keep the message hidden while its function runs, also when the clock is moved."""
        while True:
            await self._clock.wait(HIDDEN / 2)
            try:
                held = self._queues.update(message.queue, message.id, receipt[0], hide=HIDDEN)
            except Refusal as refusal:
                log.warning("message %s could not be renewed: %s", message.id, refusal)
                return
            receipt[0] = held.receipt


class QueueListener:
    """Takes messages of one queue while there is room, and waits for more."""

    def __init__(
        self, function: Function, queue: str, handler: Handler, options: QueueOptions
    ) -> None:
        self._function = function
        self._queue = queue
        self._handler = handler
        self._options = options
        self._woken = asyncio.Event()
        self._stopping = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._pause = SHORTEST

    async def run(self, queues: Queues, clock: Clock) -> None:
        """Listen until `stop`; then return when the running messages are settled."""
        loop = asyncio.get_running_loop()
        queues.listen(self._queue, lambda: _wake(loop, self._woken))
        while not self._stopping:
            self._woken.clear()
            if not self._take(queues):
                await clock.wait(self._rest(queues, clock), self._woken)
        if self._tasks:
            await asyncio.wait(self._tasks)

    def stop(self) -> None:
        """Take no more messages."""
        self._stopping = True
        self._woken.set()

    def _take(self, queues: Queues) -> bool:
        """Start a batch if there is room for one; tells whether there was anything."""
        if len(self._tasks) > self._options.new_batch_threshold:
            return False
        try:
            batch = queues.get(
                self._queue, most=self._options.batch_size, hide=HIDDEN, holder=HOLDER
            )
        except Refusal as refusal:  # the queue is gone: somebody may create it again
            log.warning("%s: %s", self._queue, refusal)
            return False
        for message in batch:
            task = asyncio.create_task(self._handler.handle(self._function, message))
            self._tasks.add(task)
            task.add_done_callback(self._done)
        if batch:
            self._pause = SHORTEST
        return bool(batch)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._woken.set()
        if not task.cancelled() and (wrong := task.exception()) is not None:
            log.error("%s: the host itself failed", self._function.name, exc_info=wrong)

    def _rest(self, queues: Queues, clock: Clock) -> float:
        """Seconds to the next look: the back-off, or less if a hidden message shows earlier."""
        pause = self._pause
        self._pause = min(self._pause * 2, max(SHORTEST, self._options.max_polling_interval))
        if len(self._tasks) > self._options.new_batch_threshold:
            return HIDDEN
        moment = queues.next_visible(self._queue)
        return pause if moment is None else max(0.01, min(pause, moment - clock.now()))


def _wake(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    """Set an event of another thread's loop, unless that loop has ended."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(event.set)


def _metadata(message: Message) -> dict[str, object]:
    """Return the trigger metadata the worker builds its QueueMessage from."""
    return {
        "QueueTrigger": PROTOS.TypedData(string=message.text),
        "DequeueCount": PROTOS.TypedData(json=str(message.dequeued)),
        "ExpirationTime": _moment(message.expires),
        "Id": PROTOS.TypedData(string=message.id),
        "InsertionTime": _moment(message.inserted),
        "NextVisibleTime": _moment(message.visible),
        "PopReceipt": PROTOS.TypedData(string=message.receipt),
    }


def _moment(seconds: float) -> object:
    text = datetime.fromtimestamp(int(seconds), UTC).isoformat()
    return PROTOS.TypedData(json=json.dumps(text))
