"""What the two Python SDKs and azure-identity really send is answered as the service would."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract.client_kit import Imaging, label, operations
from tests.contract.example_kit import World
from tests.contract.test_examples import ADMIN
from tests.tenant_kit import running
from tests.webhook_kit import Webhook

if TYPE_CHECKING:
    from collections.abc import Iterator

OPERATIONS = operations()
ALL = 263
NOT_SERVED = 501
HUB = "27c5fcba-abfd-4c34-823d-0b4a48f7ffe6"
# What Microsoft would refuse too: the recorder answered anything, and made up what it answered.
EXPECTED = {
    "azure-identity: azure-identity cert": {400},  # the recording leaves the proof out
    "azure-identity: msal cert https, instance_discovery=False": {400},
    "msgraph-sdk: 412": {412},
    "msgraph-sdk: 429 on POST json": {409},  # the first one was not throttled here
    "msgraph-sdk: LargeFileUploadTask": {416},  # it sends its first range twice (wire.md 9.4)
    "msgraph-sdk: list permissions.post": {400},  # for nobody
    "msgraph-sdk: sendMail": {400},  # to nobody
    "office365-rest-python-client: If-Match override via beforeExecute hook": {412},
    "office365-rest-python-client: file.moveto": {404},  # into a folder that is a file
    "office365-rest-python-client: files.create_upload_session (chunk 1000 of 2500)": {404},
    "office365-rest-python-client: list.content_types.add_available": {404},
}


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Iterator[World]:
    with Webhook() as hook, running(tmp_path_factory.mktemp("clients"), ADMIN) as tenant:
        yield World(tenant, hook)


@pytest.fixture(scope="module")
def hub(world) -> str:
    place = Imaging(world, HUB)
    told = place.rest.post(f"{place.path}/_api/Site/RegisterHubSite")
    place.close()
    return told.json()["ID"]


@pytest.mark.skipif(not OPERATIONS, reason="the requests (../shared/contract) are not here")
@pytest.mark.parametrize("recorded", OPERATIONS, ids=label)
def test_a_recorded_request_is_answered_as_the_service_would(world, hub, recorded):
    place = Imaging(world, hub)
    try:
        place.prepare(recorded)
        told = [(reply.status_code, reply.text) for reply in place.replay(recorded)]
    finally:
        place.close()
    statuses = [status for status, _text in told]
    assert NOT_SERVED not in statuses, told
    expected = EXPECTED.get(label(recorded), set())
    assert {status for status in statuses if status >= 400} == expected, (label(recorded), told[-1])


def test_every_recorded_request_is_among_them():
    assert sum(len(each["requests"]) for each in OPERATIONS) in {0, ALL}
