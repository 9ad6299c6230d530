"""One function for every habit of the real host; what they saw lies in the queue `seen`."""

# ruff: noqa: ARG001, UP006  # the worker binds by name, and wants typing.List

import asyncio
import json
import os
import time
import typing
from pathlib import Path

import azure.functions as func
from azure.storage.queue import TextBase64EncodePolicy
from azure.storage.queue.aio import QueueClient

app = func.FunctionApp()
notes = Path(os.environ["NOTES"])


def note(**what: object) -> None:
    with notes.open("a", encoding="utf-8") as file:
        file.write(json.dumps(what) + "\n")


@app.route(route="echo/{area}/{number:int?}", methods=["GET", "POST"])
async def echo(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    seen = {
        "method": req.method,
        "params": dict(req.params),
        "route": dict(req.route_params),
        "headers": dict(req.headers),
        "body": req.get_body().decode(),
        "trace": context.trace_context.trace_parent,
    }
    return func.HttpResponse(json.dumps(seen), mimetype="application/json", status_code=201)


@app.route(route="open", auth_level=func.AuthLevel.ANONYMOUS, methods=["GET"])
def open_to_all(req: func.HttpRequest) -> str:
    return f"open to {req.method}"


@app.route(route="echo/master/only", auth_level=func.AuthLevel.ADMIN, methods=["GET"])
async def master_only(req: func.HttpRequest) -> str:
    return "master"


@app.route(route="cookies", auth_level=func.AuthLevel.ANONYMOUS)
async def cookies(req: func.HttpRequest) -> func.HttpResponse:
    answer = func.HttpResponse("")
    answer.headers.add("Set-Cookie", "a=1; Max-Age=0; Secure; SameSite=Lax")
    answer.headers.add("Set-Cookie", "b=2; Path=/x; HttpOnly")
    return answer


@app.route(route="fails", auth_level=func.AuthLevel.ANONYMOUS)
async def fails(req: func.HttpRequest) -> str:
    raise RuntimeError("the inside")


@app.route(route="nothing", auth_level=func.AuthLevel.ANONYMOUS)
async def nothing(req: func.HttpRequest) -> func.HttpResponse:
    return None  # type: ignore[return-value]  # the worker refuses it


@app.route(route="put", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@app.queue_output(arg_name="out", queue_name="written", connection="AzureWebJobsStorage")
async def put_text(req: func.HttpRequest, out: func.Out[str]) -> func.HttpResponse:
    out.set(req.get_body().decode())
    return func.HttpResponse(status_code=202)


@app.route(route="putlist", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@app.queue_output(arg_name="out", queue_name="%WORK%", connection="AzureWebJobsStorage")
async def put_list(req: func.HttpRequest, out: func.Out[typing.List[str]]) -> func.HttpResponse:
    out.set([str(one) for one in req.get_json()])
    return func.HttpResponse(status_code=202)


@app.queue_trigger(arg_name="msg", queue_name="%WORK%", connection="AzureWebJobsStorage")
async def work(msg: func.QueueMessage) -> None:
    text = msg.get_body().decode()
    note(work=text, count=msg.dequeue_count, id=msg.id, inserted=str(msg.insertion_time))
    if text.startswith("fail"):
        raise RuntimeError(text)
    if text.startswith("wait"):
        await asyncio.sleep(float(text.split()[1]))
        note(waited=text)


@app.queue_trigger(arg_name="msg", queue_name="work-poison", connection="AzureWebJobsStorage")
async def poisoned(msg: func.QueueMessage) -> None:
    note(poison=msg.get_body().decode(), count=msg.dequeue_count)
    raise RuntimeError("no poison of poison")


@app.queue_trigger(arg_name="msg", queue_name="later", connection="AzureWebJobsStorage")
async def later(msg: func.QueueMessage) -> None:
    """Send a delayed copy over the wire and succeed, as the product does on a 429."""
    if msg.dequeue_count == 1 and msg.get_body() == b"first":
        async with QueueClient.from_connection_string(
            os.environ["AzureWebJobsStorage"],  # noqa: SIM112  # Azure's own spelling
            "later",
            message_encode_policy=TextBase64EncodePolicy(),
        ) as queue:
            await queue.send_message("second", visibility_timeout=1)
    note(later=msg.get_body().decode(), at=time.time())


@app.timer_trigger(arg_name="timer", schedule="%SCHEDULE%")
async def hourly(timer: func.TimerRequest) -> None:
    note(hourly=timer.past_due, status=timer.schedule_status)


@app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *", run_on_startup=True)
async def at_start(timer: func.TimerRequest) -> None:
    note(at_start=timer.past_due)
