"""An app that registers nothing: the worker calls that a success, the host must not."""

import azure.functions as func

app = func.FunctionApp()
