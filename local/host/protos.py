"""The worker's protocol as plain Python classes with protobuf's field names.

The real host speaks protobuf over gRPC; the worker library only reads attributes. A field the
table does not know raises at once, so that a new worker library fails loudly, not quietly
(functions-notes: azure-functions-runtime 1.3).
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, ClassVar

MAP = "map"
REPEATED = "repeated"

TABLE: dict[str, dict[str, Any]] = {
    "BindingInfo": {"type": "", "direction": 0, "data_type": 0, "properties": MAP},
    "FunctionLoadRequest": {
        "function_id": "",
        "metadata": None,
        "managed_dependency_enabled": False,
    },
    "FunctionLoadResponse": {"function_id": "", "result": None, "is_dependency_downloaded": False},
    "FunctionMetadataResponse": {
        "function_metadata_results": REPEATED,
        "result": None,
        "use_default_metadata_indexing": False,
    },
    "FunctionsMetadataRequest": {"function_app_directory": ""},
    "InvocationRequest": {
        "invocation_id": "",
        "function_id": "",
        "input_data": REPEATED,
        "trigger_metadata": MAP,
        "trace_context": "RpcTraceContext",
        "retry_context": "RetryContext",
    },
    "InvocationResponse": {
        "invocation_id": "",
        "output_data": REPEATED,
        "return_value": None,
        "result": None,
    },
    "NullableBool": {"value": False},
    "NullableDouble": {"value": 0.0},
    "NullableString": {"value": ""},
    "NullableTimestamp": {"value": None},
    "ParameterBinding": {"name": "", "data": None, "rpc_shared_memory": None},
    "RetryContext": {"retry_count": 0, "max_retry_count": 0, "exception": "RpcException"},
    "RpcException": {
        "source": "",
        "stack_trace": "",
        "message": "",
        "is_user_exception": False,
        "type": "",
    },
    "RpcFunctionMetadata": {
        "name": "",
        "directory": "",
        "script_file": "",
        "entry_point": "",
        "bindings": MAP,
        "is_proxy": False,
        "status": None,
        "language": "",
        "raw_bindings": REPEATED,
        "function_id": "",
        "managed_dependency_enabled": False,
        "retry_options": None,
        "properties": MAP,
    },
    "RpcHttp": {
        "method": "",
        "url": "",
        "headers": MAP,
        "body": "TypedData",
        "params": MAP,
        "status_code": "",
        "query": MAP,
        "enable_content_negotiation": False,
        "rawBody": None,
        "identities": REPEATED,
        "cookies": REPEATED,
        "nullable_headers": MAP,
        "nullable_params": MAP,
        "nullable_query": MAP,
    },
    "RpcHttpCookie": {
        "name": "",
        "value": "",
        "domain": None,
        "path": None,
        "expires": None,
        "secure": None,
        "http_only": None,
        "same_site": 0,
        "max_age": None,
    },
    "RpcRetryOptions": {
        "max_retry_count": 0,
        "delay_interval": None,
        "minimum_interval": None,
        "maximum_interval": None,
        "retry_strategy": 0,
    },
    "RpcTraceContext": {"trace_parent": "", "trace_state": "", "attributes": MAP},
    "StatusResult": {"status": 0, "result": "", "exception": "RpcException", "logs": REPEATED},
    "StreamingMessage": {
        "request_id": "",
        "worker_init_request": None,
        "functions_metadata_request": None,
        "function_load_request": None,
        "invocation_request": None,
    },
    "Timestamp": {"seconds": 0, "nanos": 0},
    "TypedData": {
        "string": "",
        "json": "",
        "bytes": "",
        "stream": "",
        "http": None,
        "int": 0,
        "double": 0.0,
        "collection_bytes": None,
        "collection_string": None,
        "collection_double": None,
        "collection_sint64": None,
        "model_binding_data": None,
        "collection_model_binding_data": None,
    },
    "WorkerInitRequest": {
        "host_version": "",
        "capabilities": MAP,
        "log_categories": MAP,
        "worker_directory": "",
        "function_app_directory": "",
    },
    "WorkerInitResponse": {
        "worker_version": "",
        "capabilities": MAP,
        "result": None,
        "worker_metadata": None,
    },
    "WorkerMetadata": {
        "runtime_name": "",
        "runtime_version": "",
        "worker_version": "",
        "worker_bitness": "",
        "custom_properties": MAP,
    },
}
"""Message → field → default; the name of a message as default means an empty one of it."""

ONEOF: dict[str, tuple[str, frozenset[str]]] = {
    "TypedData": ("data", frozenset(TABLE["TypedData"])),
    "ParameterBinding": ("rpc_data", frozenset({"data", "rpc_shared_memory"})),
}
"""Message → the name of its choice and the fields of which only one is set."""

CONSTANTS: dict[str, dict[str, Any]] = {
    "BindingInfo": {"in": 0, "out": 1, "inout": 2, "undefined": 0},
    "StatusResult": {"Failure": 0, "Success": 1, "Cancelled": 2},
    "RpcHttpCookie": {
        "SameSite": SimpleNamespace(**{"None": 0, "Lax": 1, "Strict": 2, "ExplicitNone": 3})
    },
}


class Message:
    """A message: every field of its table row, the given ones set."""

    fields: ClassVar[dict[str, Any]] = {}
    choice: ClassVar[tuple[str, frozenset[str]]] = ("", frozenset())

    def __init__(self, **given: Any) -> None:
        self.__dict__["_chosen"] = None
        for name, default in self.fields.items():
            self.__dict__[name] = _default(default)
        for name, value in given.items():
            setattr(self, name, value)

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self.fields:
            raise AttributeError(
                f"{type(self).__name__} has no field {name!r}: this worker library speaks a "
                "protocol that local/host/protos.py does not know yet"
            )
        if value is None:  # protobuf: None leaves a field unset
            return
        self.__dict__[name] = value
        if name in self.choice[1]:
            self.__dict__["_chosen"] = name

    def WhichOneof(self, group: str) -> str | None:  # noqa: N802  # protobuf's own name
        """Return the field that is set of the message's choice, or None."""
        if group != self.choice[0]:
            raise ValueError(f"{type(self).__name__} has no choice {group!r}")
        chosen: str | None = self.__dict__["_chosen"]
        return chosen

    def __repr__(self) -> str:
        shown = ((name, self.__dict__[name]) for name in self.fields)
        inner = ", ".join(f"{name}={value!r}" for name, value in shown if value)
        return f"{type(self).__name__}({inner})"


def _default(default: Any) -> Any:
    if default == MAP:
        return {}
    if default == REPEATED:
        return []
    return getattr(PROTOS, default)() if default in TABLE else default


def _build() -> SimpleNamespace:
    space = SimpleNamespace()
    for name, fields in TABLE.items():
        members: dict[str, Any] = {"fields": fields, **CONSTANTS.get(name, {})}
        if name in ONEOF:
            members["choice"] = ONEOF[name]
        setattr(space, name, type(name, (Message,), members))
    return space


PROTOS: Any = _build()
"""The classes by name, as the worker library expects its `protos` property."""
