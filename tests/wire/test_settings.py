"""Settings are read once, loudly: what is missing or wrong is named with the way out."""

import pytest

from sync.errors import Misconfigured
from sync.settings import load_settings

GOOD = {
    "VERGER_TENANT_ID": "0d5f8f43-6d0f-4f0e-9a3e-3a6f0f4f2a10",
    "VERGER_CLIENT_ID": "11111111-0000-4000-8000-000000000001",
    "VERGER_SHAREPOINT_HOST": "wmin.sharepoint.com",
}


@pytest.fixture
def environ(monkeypatch):
    for name in ("VERGER_SETTINGS", "AzureWebJobsStorage", "WEBSITE_SITE_NAME"):
        monkeypatch.delenv(name, raising=False)

    def told(values):
        for name, value in values.items():
            monkeypatch.setenv(name, value)

    return told


def test_three_facts_are_enough_for_the_cloud(environ):
    environ(GOOD)
    settings = load_settings()
    assert settings.hosts == {}
    assert str(settings.graph_address) == "https://graph.microsoft.com/"
    assert settings.ru_per_minute == 1250


def test_all_that_is_missing_is_named_at_once(environ):
    environ({"VERGER_TENANT_ID": ""})
    with pytest.raises(Misconfigured) as refused:
        load_settings()
    said = str(refused.value).splitlines()
    assert [line.split()[0] for line in said] == [
        "VERGER_TENANT_ID",
        "VERGER_CLIENT_ID",
        "VERGER_SHAREPOINT_HOST",
    ]
    assert all("; set it to" in line for line in said)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("VERGER_GRAPH_ADDRESS", "http://127.0.0.1:1", "is not https"),
        ("VERGER_SHAREPOINT_HOST", "https://wmin.sharepoint.com", "bare host name"),
        ("VERGER_WEBHOOK_KEYS", "k1:nothex", "k1"),
        ("VERGER_CERTIFICATE", "nowhere.pem", "there is no file nowhere.pem"),
        ("VERGER_RU_PER_MINUTE", "1", "VERGER_RU_PER_MINUTE"),
        ("VERGER_CLEINT_ID", "x", "did you mean VERGER_CLIENT_ID?"),
        ("VERGER_SETTINGS", "nowhere.env", "no such file"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(environ, name, value, says):
    environ({**GOOD, name: value})
    with pytest.raises(Misconfigured, match=says.replace("?", r"\?")):
        load_settings()


def test_the_environment_wins_over_the_file(environ, tmp_path):
    file = tmp_path / "verger.env"
    file.write_text("VERGER_CLIENT_ID=from-file\nVERGER_MAILBOX=a@b.example\nOTHER=1\n")
    environ({**GOOD, "VERGER_SETTINGS": str(file)})
    settings = load_settings()
    assert settings.client_id == GOOD["VERGER_CLIENT_ID"]
    assert settings.mailbox == "a@b.example"


def test_a_stranger_in_the_file_is_refused(environ, tmp_path):
    file = tmp_path / "verger.env"
    file.write_text("VERGER_COLOUR=blue\n")
    environ({**GOOD, "VERGER_SETTINGS": str(file)})
    with pytest.raises(Misconfigured, match="VERGER_COLOUR is not a setting"):
        load_settings()


def test_keys_and_connection_strings_never_appear_in_a_repr(environ):
    key = "0a" * 16
    environ({**GOOD, "VERGER_WEBHOOK_KEYS": f"k1:{key}", "AzureWebJobsStorage": "AccountKey=xyz"})
    settings = load_settings()
    assert settings.webhook_keys == {"k1": bytes.fromhex(key)}
    assert settings.storage == "AccountKey=xyz"
    assert "xyz" not in repr(settings)
    assert "0a0a" not in repr(settings)


def test_mapped_hosts_are_the_login_graph_and_the_three_of_sharepoint(environ):
    where = "https://127.0.0.1:8443"
    addresses = {f"VERGER_{name}_ADDRESS": where for name in ("LOGIN", "GRAPH", "SHAREPOINT")}
    environ(GOOD | addresses)
    assert load_settings().hosts == dict.fromkeys(
        (
            "login.microsoftonline.com",
            "graph.microsoft.com",
            "wmin.sharepoint.com",
            "wmin-admin.sharepoint.com",
            "wmin-my.sharepoint.com",
        ),
        "127.0.0.1:8443",
    )


@pytest.mark.parametrize("mark", ["WEBSITE_INSTANCE_ID", "WEBSITE_SITE_NAME"])
@pytest.mark.parametrize("name", ["LOGIN", "GRAPH", "SHAREPOINT"])
def test_in_azure_a_foreign_address_refuses_to_start(environ, mark, name):
    environ({**GOOD, mark: "verger", f"VERGER_{name}_ADDRESS": "https://127.0.0.1:1"})
    with pytest.raises(Misconfigured, match=f"VERGER_{name}_ADDRESS .* is not Microsoft's"):
        load_settings()
