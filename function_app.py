"""The file Azure looks for beside host.json: it registers the blueprints and does nothing else."""

import os

import azure.functions as func

from functions.blueprints import blueprints

app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)
for blueprint in blueprints(os.environ):
    app.register_functions(blueprint)
