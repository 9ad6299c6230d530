"""An app with a binding this host does not serve: a function that would never run."""

import azure.functions as func

app = func.FunctionApp()


@app.blob_trigger(arg_name="blob", path="in/{name}", connection="AzureWebJobsStorage")
async def uploaded(blob: func.InputStream) -> None:
    assert blob.name  # never called
