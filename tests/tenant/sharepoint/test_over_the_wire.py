"""The office365 client against the running tenant: TLS, tokens, the door, then `_api`."""

from __future__ import annotations

import pytest
import requests
from office365.runtime.client_request_exception import ClientRequestException
from office365.sharepoint.client_context import ClientContext
from office365.sharepoint.portal.sites.manager import SPSiteManager
from requests.adapters import HTTPAdapter

from tests.tenant_kit import HELEN, HOST, SAM

SIG = f"https://{HOST}/sites/sig-breast-imaging"


class Mapped(HTTPAdapter):
    """Sends a real host name's requests to the tenant's address, Host header unchanged."""

    def __init__(self, tenant) -> None:
        self.tenant = tenant
        super().__init__()

    def send(self, request, **rest):
        request.headers["Host"] = HOST
        request.url = request.url.replace(f"https://{HOST}", self.tenant.address)
        rest["verify"] = str(self.tenant.ca)
        return super().send(request, **rest)


def client(tenant, who: str, url: str) -> ClientContext:
    token = {
        "token_type": "Bearer",
        "access_token": tenant.token(who, "sharepoint"),
        "expires_in": 3600,
    }
    session = requests.Session()
    session.mount(f"https://{HOST}", Mapped(tenant))
    return ClientContext(url).with_access_token(lambda: token).with_transport(session=session)


def test_a_site_is_made_furnished_and_guarded_over_tls(tenant):
    manager = SPSiteManager(client(tenant, "provisioner", f"https://{HOST}"))
    manager.create("Breast imaging", SIG, HELEN).execute_query()
    for _ in range(2):
        told = manager.get_status(SIG).execute_query()
    assert told.value.SiteUrl == SIG
    core = client(tenant, "provisioner", SIG)
    assert core.web.get().execute_query().title == "Breast imaging"
    documents = core.web.lists.get_by_title("Documents")
    for number in range(3):
        documents.root_folder.folders.add(f"f{number}")
    core.execute_batch()
    assert len(documents.root_folder.folders.get().execute_query()) == 3
    with pytest.raises(ClientRequestException) as refused:
        client(tenant, SAM, SIG).web.get().execute_query()
    assert refused.value.response.status_code == 403
    book = {row["operation"]: row for row in tenant.local("GET", "/ledger")["value"]}
    assert book["GET /_api/Web"]["units"] == 2 * book["GET /_api/Web"]["requests"]
