"""The Bicep files hold what the app needs: queues, connections, settings, and no secret.

Without the Bicep compiler: pycep reads the files (in a process of its own with a time limit, for
some inputs hang it), and the tree is held against the app's bindings and its settings.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from ruamel.yaml import YAML

from local.host.config import read_host_json
from sync.callers import Role
from sync.requests import AGREEMENTS
from sync.settings import PREFIX, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
INFRA = ROOT / "infra"
SECONDS = 60
STORAGE = "Microsoft.Storage/storageAccounts"
PARSE = (
    "import json,pathlib,sys,pycep;"
    "text=pathlib.Path(sys.argv[1]).read_text(encoding='utf-8');"
    "print(json.dumps(pycep.BicepParser().parse(text=text),default=str))"
)
BINDINGS = (
    "import json,function_app;"
    "functions=function_app.app.get_functions();"
    "print(json.dumps([raw for one in functions for raw in one.get_raw_bindings()]))"
)
LOCAL_ONLY = {
    "VERGER_CERTIFICATE",
    "AzureWebJobsStorage",
    "FUNCTIONS_WORKER_RUNTIME",
    "AzureFunctionsJobHost__extensions__queues__maxPollingInterval",
}
"""Settings of one machine: identity takes the connection string's place in the cloud."""


def output(program: str, *arguments: str) -> str:
    """Return what a Python program prints; fails when it takes longer than a minute."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@cache
def parsed(name: str) -> dict[str, Any]:
    tree: dict[str, Any] = json.loads(output(PARSE, str(INFRA / name)))
    return tree


@pytest.fixture(scope="module")
def main() -> dict[str, Any]:
    return parsed("main.bicep")


ROLES = ("enforcer", "provisioner")


def settings_of(role: str) -> dict[str, Any]:
    """Return one app's settings: those of both apps, and its own."""
    common = parsed("app.bicep")["variables"]["commonSettings"]["value"]
    given = parsed("main.bicep")["modules"][role]["config"]["params"]
    told = {one["name"]: one["value"] for one in (*common, *given["ownSettings"])}
    return told | {"VERGER_ROLE": given["role"]}


@pytest.fixture(scope="module")
def settings() -> dict[str, Any]:
    return settings_of("enforcer")


@cache
def bindings_of(role: str) -> list[dict[str, Any]]:
    """Return an app's bindings, listed in a process of their own: an app lists its functions once.

    One package, two apps: what they listen to is by their role.
    """
    program = f"import os;os.environ['VERGER_ROLE']={role!r};{BINDINGS}"
    return [json.loads(raw) for raw in json.loads(output(program))]


@pytest.fixture(scope="module")
def bindings() -> list[dict[str, Any]]:
    return [one for role in ROLES for one in bindings_of(role)]


def of_type(main: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    return {
        symbol: found["config"]
        for symbol, found in main["resources"].items()
        if found["type"] == kind
    }


def test_every_queue_of_the_app_is_made_with_its_poison_queue(
    main: dict[str, Any], bindings: list[dict[str, Any]]
) -> None:
    made = {one["name"] for one in of_type(main, f"{STORAGE}/queueServices/queues").values()}
    named = {one["queueName"] for one in bindings if "queueName" in one}
    triggered = {one["queueName"] for one in bindings if one["type"] == "queueTrigger"}
    assert named, "the app has queues"
    assert made == named | {f"{name}-poison" for name in triggered}


def test_the_two_apps_listen_to_queues_of_their_own() -> None:
    listens = {
        role: {one["queueName"] for one in bindings_of(role) if one["type"] == "queueTrigger"}
        for role in ROLES
    }
    assert listens == {"enforcer": {"library-changed", "work"}, "provisioner": {"provision"}}
    assert not [one for one in bindings_of("provisioner") if one["type"] == "httpTrigger"]


def test_each_app_has_an_identity_a_plan_a_package_and_a_certificate_of_its_own(
    main: dict[str, Any],
) -> None:
    given = [main["modules"][role]["config"]["params"] for role in ROLES]
    for name in ("identityName", "planName", "appName", "service", "clientId", "deploymentsName",
                 "certificateSecret", "role"):  # fmt: skip
        assert given[0][name] != given[1][name], name
    asked = parsed("app.bicep")["parameters"]
    assert all(one["default"] is None for one in asked.values()), "nothing is left to chance"
    assert [one.keys() for one in given] == [asked.keys(), asked.keys()]


@pytest.mark.parametrize("role", ROLES)
def test_every_connection_of_the_app_is_set_by_identity(role: str) -> None:
    settings = settings_of(role)
    for name in {one["connection"] for one in bindings_of(role) if "connection" in one}:
        for part in ("credential", "clientId", "blobServiceUri", "queueServiceUri"):
            assert f"{name}__{part}" in settings
        assert name not in settings, "a connection string would be a secret"


def test_every_name_between_percent_signs_is_a_setting(
    settings: dict[str, Any], bindings: list[dict[str, Any]]
) -> None:
    texts = (str(value) for one in bindings for value in one.values())
    names = {name for text in texts for name in re.findall(r"%([^%]+)%", text)}
    assert names <= settings.keys()


@pytest.mark.parametrize(
    ("role", "own"),
    [("enforcer", {"webhook_keys", "webhook_address", "mailbox", "api_audience"}),
     ("provisioner", set())],
)  # fmt: skip
def test_the_products_settings_are_all_known_and_the_needed_ones_there(
    role: str, own: set[str]
) -> None:
    settings = settings_of(role)
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    given = {name for name in settings if name.startswith(PREFIX)}
    assert given <= known, "misspelt"
    required = {name for name, field in Settings.model_fields.items() if field.is_required()}
    in_the_cloud = {"certificate_pem", "database_url", "managed_identity", "role", "roles"}
    assert {PREFIX + name.upper() for name in required | in_the_cloud | own} == given


def test_the_certificate_and_the_webhook_keys_lie_in_the_vault(settings: dict[str, Any]) -> None:
    for name in ("VERGER_CERTIFICATE_PEM", "VERGER_WEBHOOK_KEYS"):
        assert "@Microsoft.KeyVault(" in json.dumps(settings[name])
    assert "password" not in json.dumps(settings).lower()


@pytest.mark.parametrize(
    ("symbol", "path", "value"),
    [
        ("storage", "minimumTlsVersion", "TLS1_2"),
        ("storage", "allowSharedKeyAccess", False),
        ("storage", "allowBlobPublicAccess", False),
        ("storage", "supportsHttpsTrafficOnly", True),
        ("insights", "DisableLocalAuth", True),
        ("vault", "enableRbacAuthorization", True),
        ("vault", "enablePurgeProtection", True),
        ("database", "authConfig.passwordAuth", "Disabled"),
        ("database", "authConfig.activeDirectoryAuth", "Enabled"),
        ("app", "httpsOnly", True),
        ("app", "functionAppConfig.runtime.name", "python"),
        ("app", "functionAppConfig.runtime.version", "3.13"),
    ],
)
def test_what_keeps_strangers_out_is_switched_so(symbol: str, path: str, value: object) -> None:
    tree = parsed("app.bicep" if symbol == "app" else "main.bicep")
    found = tree["resources"][symbol]["config"]["properties"]
    for name in path.split("."):
        found = found[name]
    assert found == value


def test_the_identity_has_the_roles_its_work_needs() -> None:
    roles = of_type(parsed("app.bicep"), "Microsoft.Authorization/roleAssignments")
    granted = {(one["scope"], json.dumps(one["properties"])) for one in roles.values()}
    for scope, role in (
        ("storage", "blobDataOwner"),
        ("storage", "queueDataContributor"),
        ("storage", "tableDataContributor"),
        ("insights", "metricsPublisher"),
        ("vault", "vaultSecretsUser"),
    ):
        assert any(at == scope and role in text for at, text in granted), role


@pytest.mark.parametrize("name", sorted(path.name for path in INFRA.glob("*.bicep")))
def test_every_name_used_is_declared(name: str) -> None:
    tree = parsed(name)
    declared = {*tree.get("parameters", {}), *tree.get("variables", {}), *tree["resources"]}
    declared |= set(tree.get("modules", {}))
    used = {root for root in accessed(tree) if re.fullmatch(r"[A-Za-z]\w*", root)}
    assert used <= declared


def accessed(node: Any) -> Iterator[str]:
    """Yield the first name of every `name.member` in a tree, also inside `${…}`."""
    if isinstance(node, dict):
        operator = node.get("operator")
        if isinstance(operator, dict) and operator.get("type") == "property_accessor":
            first = operator["operands"]["operand_1"]
            if isinstance(first, str):
                yield first
                return
        for value in node.values():
            yield from accessed(value)
    elif isinstance(node, list):
        for value in node:
            yield from accessed(value)
    elif isinstance(node, str):
        yield from re.findall(r"\$\{(\w+)(?=[.}])", node)


@pytest.mark.parametrize("name", sorted(path.name for path in INFRA.glob("*.bicep")))
def test_no_resource_is_named_by_what_only_the_deployment_learns(name: str) -> None:
    for symbol, found in parsed(name)["resources"].items():
        assert "properties" not in json.dumps(found["config"]["name"]), symbol


def test_the_parameters_file_gives_every_parameter_without_default(main: dict[str, Any]) -> None:
    given = json.loads((INFRA / "main.parameters.json").read_text("utf-8"))["parameters"]
    needed = {name for name, one in main["parameters"].items() if one["default"] is None}
    assert needed <= given.keys() <= main["parameters"].keys()


@pytest.mark.parametrize("name", ["databaseAdmin", "provisionerDatabaseAdmin"])
def test_the_module_is_given_what_it_asks_for(main: dict[str, Any], name: str) -> None:
    given = main["modules"][name]["config"]["params"].keys()
    assert given == parsed("database-admin.bicep")["parameters"].keys()


def test_the_app_roles_are_those_the_api_knows() -> None:
    """Entra's role values hold no spaces; who decides is a person, never an app."""
    declared = json.loads((INFRA / "app-roles.json").read_text("utf-8"))
    assert Role.of(one["value"] for one in declared) == set(Role)
    assert not any(" " in one["value"] for one in declared)
    assert {one["displayName"] for one in declared} == set(Role)
    assert len({UUID(one["id"]) for one in declared}) == len(declared)
    for one in declared:
        deciding = Role.of([one["value"]]) <= {*AGREEMENTS, Role.BOARD_SECRETARY}
        assert not (deciding and "Application" in one["allowedMemberTypes"]), one["value"]


def test_every_service_of_azd_is_an_app_of_the_bicep(main: dict[str, Any]) -> None:
    services = YAML(typ="safe").load(ROOT / "azure.yaml")["services"]
    assert services.keys() == {main["modules"][r]["config"]["params"]["service"] for r in ROLES}


def test_one_try_of_a_message_is_not_followed_by_the_next_at_once(settings: dict[str, Any]) -> None:
    options = read_host_json(ROOT, {name: str(value) for name, value in settings.items()})
    assert options.queues.visibility_timeout >= 30, "a 429 would burn all tries in 100 ms"
    assert options.queues.base64, "the product's sender encodes"
    assert options.function_timeout == 600


def test_what_the_app_imports_is_deployed_and_the_rest_is_not() -> None:
    lines = (ROOT / ".funcignore").read_text("utf-8").splitlines()
    ignored = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    for name in (
        "function_app.py",
        "functions",
        "sync",
        "sharepoint_schema",
        "host.json",
        "requirements.txt",
    ):
        assert not any(fnmatch(name, pattern) for pattern in ignored), name
    for name in ("local", "tests", "benchmarks", ".venv", "local.settings.json", ".git"):
        assert any(fnmatch(name, pattern) for pattern in ignored), name


def test_the_example_settings_are_the_clouds_or_this_machines(settings: dict[str, Any]) -> None:
    example = json.loads((ROOT / "local.settings.example.json").read_text("utf-8"))["Values"]
    assert example.keys() - settings.keys() == LOCAL_ONLY
