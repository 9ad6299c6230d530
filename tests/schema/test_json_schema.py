"""The JSON Schemas an editor uses are those of the records, and the shipped files obey them."""

import json

import jsonschema
import pytest
from ruamel.yaml import YAML

from sharepoint_schema.loading import DATA, plain
from sharepoint_schema.schema import KINDS, schema_text
from sharepoint_schema.site import FRAGMENTS, template_names


@pytest.mark.parametrize("kind", KINDS)
def test_the_file_on_disk_is_up_to_date(kind):
    stored = (DATA / "schema" / f"{kind}.json").read_text(encoding="utf-8")
    assert stored == schema_text(kind), f"write {kind}.json anew with schema_text"


@pytest.mark.parametrize(
    ("kind", "file"),
    [
        ("standard", "standard.yaml"),
        *(("site", f"sites/{name}.yaml") for name in template_names()),
        *(("fragment", f"sites/fragments/{one.name}") for one in sorted(FRAGMENTS.glob("*.yaml"))),
    ],
)
def test_the_shipped_files_obey_their_schema(kind, file):
    data = plain(YAML(typ="rt", pure=True).load((DATA / file).read_text(encoding="utf-8")))
    jsonschema.validate(data, json.loads(schema_text(kind)))
