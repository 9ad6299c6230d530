"""Two folders, made once: one with both sites open, one with the whole story told in it."""

import pytest
from rich.console import Console

from tests.story import kit


@pytest.fixture(scope="session")
def opened(tmp_path_factory):
    """Return a data folder with both sites open; play on a copy of it."""
    folder = tmp_path_factory.mktemp("opened")
    with (folder / "opening.log").open("w", encoding="utf-8") as log:
        return kit.open_folder(folder / "data", Console(file=log, width=160))


@pytest.fixture(scope="session")
def told(tmp_path_factory):
    """Tell the story as a user would, on a fresh folder; return how it ended and the folder."""
    data = tmp_path_factory.mktemp("told") / "data"
    return kit.verger("local", "run", "--data", str(data), "--fresh"), data
