"""Functions that run longer than functionTimeout, beside neighbours that pay for it."""

import asyncio
import os
import time
from pathlib import Path

import azure.functions as func

app = func.FunctionApp()
notes = Path(os.environ["NOTES"])


def note(text: str) -> int:
    """Write a line; returns how often it is there now."""
    with notes.open("a", encoding="utf-8") as file:
        file.write(text + "\n")
    return notes.read_text(encoding="utf-8").split("\n").count(text)


@app.queue_trigger(arg_name="msg", queue_name="slow", connection="AzureWebJobsStorage")
async def slow(msg: func.QueueMessage) -> None:
    """The first time it never ends: `hog` keeps the whole loop, anything else just waits."""
    text = msg.get_body().decode()
    if note(f"begun {text}") == 1:
        if text == "hog":
            time.sleep(60)  # noqa: ASYNC251  # a function that hogs the loop is the case
        await asyncio.sleep(60)
    note(f"ended {text} try {msg.dequeue_count}")
