"""The host's small parts on their own: protocol classes, clock, configuration, keys, ports."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from local.host.bindings import read_function
from local.host.clock import Clock, ClockUnreadable
from local.host.config import QueueOptions, read_host_json, resolve, seconds
from local.host.errors import HostError, InvocationFailed
from local.host.outputs import messages
from local.host.protos import PROTOS
from local.host.secrets import Keys
from local.host.serve import PortTaken, bind

if TYPE_CHECKING:
    from pathlib import Path


def test_a_field_the_protocol_does_not_know_is_loud() -> None:
    with pytest.raises(AttributeError, match="has no field 'colour'"):
        PROTOS.TypedData(colour="red")
    with pytest.raises(AttributeError, match="has no field 'colour'"):
        PROTOS.RpcHttp().colour = "red"
    with pytest.raises(AttributeError):
        _ = PROTOS.RpcHttp().colour
    with pytest.raises(ValueError, match="no choice"):
        PROTOS.RpcHttp().WhichOneof("data")


def test_a_choice_knows_which_of_its_fields_is_set() -> None:
    assert PROTOS.TypedData().WhichOneof("data") is None
    assert PROTOS.TypedData(string="").WhichOneof("data") == "string"
    assert PROTOS.TypedData(string=None, json="{}").WhichOneof("data") == "json"
    assert PROTOS.ParameterBinding(data=PROTOS.TypedData()).WhichOneof("rpc_data") == "data"


def test_two_messages_share_no_default() -> None:
    PROTOS.RpcHttp().headers["a"] = "b"
    assert PROTOS.RpcHttp().headers == {}


def test_the_clock_is_real_time_plus_the_file(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    clock = Clock(file)
    assert clock.offset() == 0
    file.write_text("86400.5")
    assert clock.offset() == 86_400.5
    file.write_text("")
    assert clock.offset() == 86_400.5, "an empty file is one that is being written"
    file.write_text("tomorrow")
    with pytest.raises(ClockUnreadable, match="'tomorrow'"):
        clock.now()


async def test_a_wait_ends_at_its_time_at_its_event_and_when_the_clock_moves(
    tmp_path: Path,
) -> None:
    file = tmp_path / "clock"
    clock = Clock(file)
    assert await clock.wait(0.01) is False
    woken = asyncio.Event()
    waiting = asyncio.create_task(clock.wait(60, woken))
    woken.set()
    assert await asyncio.wait_for(waiting, 5) is True
    waiting = asyncio.create_task(clock.wait(60))
    await asyncio.sleep(0)
    file.write_text("60")
    assert await asyncio.wait_for(waiting, 5) is True


@pytest.mark.parametrize(
    ("text", "expected"),
    [("00:00:30", 30), ("00:10:00", 600), ("1.00:00:00.5", 86_400.5), ("10:00:00", 36_000)],
)
def test_a_time_span_is_read_in_seconds(text: str, expected: float) -> None:
    assert seconds(text) == expected


def host_json(folder: Path, **members: object) -> Path:
    (folder / "host.json").write_text(json.dumps({"version": "2.0", **members}))
    return folder


def test_without_a_word_the_real_hosts_numbers_hold(tmp_path: Path) -> None:
    options = read_host_json(host_json(tmp_path), {})
    assert options.queues == QueueOptions(16, 8, 5, 0.0, 60.0, base64=True)
    assert (options.route_prefix, options.function_timeout) == ("api", 1800)


def test_an_app_setting_overrides_host_json_whatever_its_case(tmp_path: Path) -> None:
    folder = host_json(tmp_path, extensions={"queues": {"batchSize": 4}}, functionTimeout="-1")
    settings = {
        "AzureFunctionsJobHost__extensions__Queues__BatchSize": "2",
        "azurefunctionsjobhost__extensions__queues__messageEncoding": "none",
        "AzureFunctionsJobHost__logging__logLevel__default": "Error",
    }
    options = read_host_json(folder, settings)
    assert options.queues == QueueOptions(2, 1, 5, 0.0, 60.0, base64=False)
    assert (options.log_level, options.function_timeout) == ("ERROR", None)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "is not JSON"),
        ("[]", "does not hold a JSON object"),
        ('{"version": "1.0"}', "has to say"),
        ('{"version": "2.0", "logging": {"logLevel": {"default": "loud"}}}', "is not a log level"),
    ],
)
def test_a_host_json_nobody_can_use_is_refused(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "host.json").write_text(text)
    with pytest.raises(HostError, match=says):
        read_host_json(tmp_path, {})


def test_percent_names_are_settings() -> None:
    assert resolve("a-%X%-%Y%", {"X": "1", "Y": "2"}) == "a-1-2"
    with pytest.raises(HostError, match="%X% needs the app setting X"):
        resolve("%X%", {})


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ([{"type": "queue", "name": "o", "queueName": "abc", "connection": "C"}], "has 0 triggers"),
        (
            [{"type": "queueTrigger", "name": "m", "queueName": "abc", "connection": "Nowhere"}],
            "needs the app setting Nowhere",
        ),
        (
            [{"type": "queueTrigger", "name": "m", "queueName": "abc", "connection": "Other"}],
            "names another storage account",
        ),
    ],
)
def test_bindings_that_cannot_work_are_refused(raw: list[dict[str, str]], says: str) -> None:
    settings = {"AzureWebJobsStorage": "ours", "C": "ours", "Other": "theirs"}
    with pytest.raises(HostError, match=says):
        read_function("f", "1", map(json.dumps, raw), settings)


def test_an_output_of_bytes_is_one_message_and_of_numbers_is_refused() -> None:
    assert messages(PROTOS.TypedData(bytes=b"[1]")) == [b"[1]"]
    assert messages(None) == []
    with pytest.raises(InvocationFailed, match="cannot take int data"):
        messages(PROTOS.TypedData(int=1))


def test_keys_are_made_once_and_kept(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys.json")
    keys.ensure(["judge"])
    again = Keys(tmp_path / "keys.json")
    again.ensure(["judge", "drain"])
    assert again.master() == keys.master()
    assert again.account() == keys.account()
    assert not again.allows("FUNCTION", "judge", "")
    assert again.allows("ANONYMOUS", "judge", "")


def test_a_wished_port_is_taken_when_it_is_free_and_an_asked_one_is_insisted_on() -> None:
    with bind(0) as first:
        port = first.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {port} "):
            bind(port)
        with bind(0, wish=port) as other:
            assert other.getsockname()[1] != port
    with bind(0, wish=port) as again:
        assert again.getsockname()[1] == port
