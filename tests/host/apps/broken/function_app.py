"""An app whose import fails: the worker answers a status, the host must stop."""

raise ImportError("no module named such_a_thing")
