"""The file Azure looks for beside host.json: it registers the blueprints and does nothing else."""

import azure.functions as func

from functions import queues, timers, webhook

app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)
for blueprint in (webhook.blueprint, queues.blueprint, timers.blueprint):
    app.register_functions(blueprint)
