"""A real run of the real tiny model, made once for all tests that look at it."""

from pathlib import Path

import pytest

from app.training.worker.__main__ import main
from tests.training.worker.runs import EAGER, TINY, fill, lay_open_prompts


@pytest.fixture(scope="session")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that nobody disturbed."""
    folder = fill(tmp_path_factory.mktemp("unbroken"), TINY)
    lay_open_prompts(folder)
    assert main(folder) == 0
    return folder


@pytest.fixture(scope="session")
def eager(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that packs its rows, ends early and keeps its model of the lowest validation loss."""
    folder = fill(tmp_path_factory.mktemp("eager"), EAGER)
    assert main(folder) == 0
    return folder
