"""The only place that speaks to Microsoft 365: both SDKs, one retry, one translation of errors.

`sync.tenant.client.Tenant` opens it; nothing here is imported before that, since the SDKs cost a
second of processor time to load.
"""
