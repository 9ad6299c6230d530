"""A row of a native list goes the way of a file: feed, work row, keeper, fenced record, echo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sharepoint_schema.site import load_template
from sync import keepers

if TYPE_CHECKING:
    from sharepoint_schema.site import SiteTemplate

KINDS = ("core_team", "neb", "nob", "db", "cdf", "sig")


@pytest.mark.parametrize("kind", KINDS)
def test_every_keeper_a_template_names_is_there(kind: str) -> None:
    template: SiteTemplate = load_template(kind)
    for area in template.lists:
        if area.keeper:
            assert callable(keepers.keeper(area.keeper).keep)


def test_a_keeper_nobody_wrote_is_an_error() -> None:
    with pytest.raises(ModuleNotFoundError, match="nobody"):
        keepers.keeper("nobody")
