"""Microsoft's own Python worker library, driven as the real host drives it.

The library keeps its state in module globals, so one process runs one app. Sequence:
worker_init (imports and indexes function_app.py) → metadata → load → invocation.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import sys
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import azure_functions_runtime as runtime

from local.host.bindings import read_function
from local.host.errors import HostError, InvocationFailed
from local.host.protos import PROTOS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from local.host.bindings import Function
    from local.host.watchdog import Watchdog

HOST_VERSION = "4.1000.0"
SCRIPT = "PYTHON_SCRIPT_FILE_NAME"
log = logging.getLogger("verger.host")


@dataclass(frozen=True, slots=True)
class _Request:
    """The envelope the library reads its requests from."""

    request: Any
    properties: dict[str, Any] = field(
        default_factory=lambda: {"host": "127.0.0.1", "protos": PROTOS}
    )


@dataclass(frozen=True, slots=True)
class Firing:
    """What starts one invocation: the trigger's data, its metadata and the caller's trace."""

    data: Any
    metadata: Mapping[str, Any] = field(default_factory=dict)
    trace_parent: str = ""
    trace_state: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What an invocation left: values by output name, and the return value (TypedData)."""

    outputs: Mapping[str, Any]
    returned: Any


class Worker:
    """The app's functions, loaded once; `invoke` runs one of them in a task of its own."""

    def __init__(self, watchdog: Watchdog) -> None:
        self._watchdog = watchdog
        self.functions: tuple[Function, ...] = ()
        self.running = 0
        self.succeeded = 0
        self.failed = 0

    async def start(self, app: Path, settings: Mapping[str, str]) -> None:
        """Import the app in `app` with `settings` as its environment; raises HostError."""
        script = settings.get(SCRIPT, "function_app.py")
        if not (app / script).is_file():
            raise HostError(f"no function is found: there is no {script} in {app}")
        os.environ.update(settings)
        sys.path.insert(0, str(app))
        runtime.start_threadpool_executor()
        await self._init(app)
        self.functions = await self._metadata(app, settings)
        for function in self.functions:
            await self._load(function)

    def stop(self) -> None:
        runtime.stop_threadpool_executor()

    async def _init(self, app: Path) -> None:
        request = PROTOS.WorkerInitRequest(
            host_version=HOST_VERSION, function_app_directory=str(app)
        )
        answer = await runtime.worker_init_request(_wrap(worker_init_request=request))
        _check(answer.result, f"the app in {app} could not be loaded")

    async def _metadata(self, app: Path, settings: Mapping[str, str]) -> tuple[Function, ...]:
        request = PROTOS.FunctionsMetadataRequest(function_app_directory=str(app))
        answer = await runtime.functions_metadata_request(_wrap(functions_metadata_request=request))
        _check(answer.result, f"the functions of {app} could not be listed")
        found = answer.function_metadata_results
        if not found:
            raise HostError(f"no function is found in {app}: its FunctionApp registers none")
        return tuple(
            read_function(one.name, one.function_id, one.raw_bindings, settings) for one in found
        )

    async def _load(self, function: Function) -> None:
        request = PROTOS.FunctionLoadRequest(function_id=function.id)
        answer = await runtime.function_load_request(_wrap(function_load_request=request))
        _check(answer.result, f"{function.name} could not be loaded")

    async def invoke(self, function: Function, firing: Firing) -> Result:
        """Run a function to its end; raises InvocationFailed with what it raised."""
        self.running += 1
        try:
            with self._watchdog.watch(function.name):
                # A task of its own: what it sets in context variables (traces) ends with it.
                answer = await asyncio.create_task(self._invoke(function, firing))
            result = _result(function, answer)
        except InvocationFailed:
            self.failed += 1
            raise
        finally:
            self.running -= 1
        self.succeeded += 1
        return result

    async def _invoke(self, function: Function, firing: Firing) -> Any:
        binding = PROTOS.ParameterBinding(name=function.trigger.param, data=firing.data)
        request = PROTOS.InvocationRequest(
            invocation_id=str(uuid.uuid4()),
            function_id=function.id,
            input_data=[binding],
            trigger_metadata=dict(firing.metadata),
            trace_context=PROTOS.RpcTraceContext(
                trace_parent=firing.trace_parent or new_trace_parent(),
                trace_state=firing.trace_state,
            ),
        )
        return await runtime.invocation_request(_wrap(invocation_request=request))


def new_trace_parent() -> str:
    """Return a fresh W3C traceparent, as the host starts one for what comes without."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def _wrap(**message: Any) -> _Request:
    return _Request(PROTOS.StreamingMessage(request_id=str(uuid.uuid4()), **message))


def _check(result: Any, says: str) -> None:
    if result.status != PROTOS.StatusResult.Success:
        raise HostError(f"{says}: {result.exception.message}\n{result.exception.stack_trace}")


def _result(function: Function, answer: Any) -> Result:
    if answer.result.status != PROTOS.StatusResult.Success:
        failure = answer.result.exception
        log.error("%s failed: %s\n%s", function.name, failure.message, failure.stack_trace)
        raise InvocationFailed(f"{function.name}: {failure.message}")
    return Result({one.name: one.data for one in answer.output_data}, answer.return_value)
