"""A real run of the real tiny model, made once for all tests that look at it."""

from pathlib import Path

import pytest

from app.training.worker.__main__ import main
from tests.training.worker.preference_runs import ASKED, SPEAKS, TAUGHT, following, lay, rewarding, spoken
from tests.training.worker.runs import EAGER, TINY, fill, lay_open_prompts


@pytest.fixture(scope="session", autouse=True)
def _template() -> None:
    """Nothing here knows a database, so that none is built."""


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


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run whose model answers politely or curtly, shortly or at length, as it happens."""
    folder = lay(tmp_path_factory.mktemp("reference"), SPEAKS, train=spoken(TAUGHT), test=spoken(ASKED[:2]))
    assert main(folder) == 0
    return folder


@pytest.fixture(scope="session")
def reward_model(reference: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a reward model that learned the hidden rule from pairs."""
    folder = rewarding(tmp_path_factory.mktemp("reward") / "run", reference)
    assert main(folder) == 0
    return folder


@pytest.fixture(scope="session")
def policy(reference: Path, reward_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a policy that followed that reward model, and is measured by it twice."""
    folder = following(tmp_path_factory.mktemp("policy") / "run", reference, reward_model, second=reward_model)
    assert main(folder) == 0
    return folder
