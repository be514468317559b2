"""The folder of a version is a dataset as it stands: `load_dataset(folder)` of the real library, without a network."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.storage import Storage
from app.datasets.files import copy_to, version_files
from app.datasets.models import Version
from app.projects.models import Category, Guidelines
from tests import factories, hostile
from tests.cast import Cast
from tests.datasets.made import approve, dataset, published
from tests.preferences import publishing as preferences
from tests.preferences.conftest import pair

pytestmark = pytest.mark.training
# Its imports take longer than all that is read here, so one process reads folder after folder.
LOAD = """
import json, sys
from datasets import load_dataset
for folder in sys.stdin:
    loaded = load_dataset(folder.strip())
    print(json.dumps({split: list(rows) for split, rows in loaded.items()}), flush=True)
"""
Load = Callable[[Version], dict[str, list[dict[str, Any]]]]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator["subprocess.Popen[str]"]:
    """The library, which answers a folder with the rows of its splits."""
    home = str(tmp_path_factory.mktemp("home"))
    offline = os.environ | {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HOME": home}
    command = [sys.executable, "-c", LOAD]
    with subprocess.Popen(command, env=offline, text=True, stdin=PIPE, stdout=PIPE, stderr=DEVNULL) as process:
        yield process


@pytest.fixture
def loaded(library: "subprocess.Popen[str]", storage: Storage, tmp_path: Path) -> Load:
    """What the library finds in a version's folder."""

    def load(version: Version) -> dict[str, list[dict[str, Any]]]:
        assert library.stdin
        assert library.stdout
        (tmp_path / "version").mkdir()
        copy_to(storage, version, tmp_path / "version", [fact.name for fact in version_files(version)])
        print(tmp_path / "version", file=library.stdin, flush=True)
        return json.loads(library.stdout.readline())  # type: ignore[no-any-return]

    return load


def test_a_version_loads_as_it_stands(some_approved: Cast, version: Version, loaded: Load) -> None:
    splits = loaded(version)
    assert {split: len(rows) for split, rows in splits.items()} == version.counts
    row = splits["train"][0]
    assert [message["role"] for message in row["messages"]] == ["user", "assistant"]
    assert row["metadata"]["licence"] == "CC BY 4.0"


def test_what_is_held_out_is_a_split_of_its_own(
    some_approved: Cast, session: Session, publish: Callable[[], Version], loaded: Load
) -> None:
    plan = select(Category.id).where(Category.project_id == some_approved.project.id, Category.name == "Plan")
    address = f"/api/v1/datasets/{dataset(some_approved, session).id}/preparation"
    some_approved.admin.put(address, json={"held_out_categories": [session.scalars(plan).one()]})
    version = publish()
    splits = loaded(version)
    assert {split: len(rows) for split, rows in splits.items()} == version.counts
    assert {row["metadata"]["category"] for row in splits["test_categories"]} == {"Plan"}


def test_two_rows_hostile_texts_names_and_a_changed_rubric_load_as_well(
    cast: Cast, session: Session, loaded: Load
) -> None:
    # S71, S72
    cast.project.name = 'x" : &a *a !!python/object {{ }} ---'
    rubric = [{"key": "kind", "name": "Kind", "description": ""}]
    approve(session, cast, 1)
    factories.guidelines(session, cast.project, cast.admin.user, 2, rubric=rubric)  # type: ignore[arg-type]
    texts = [row.text for row in hostile.rows("text", stored=True)][:60]
    for number, text in enumerate(texts):
        approve(session, cast, 1, first=100 + number, text=text)
    assert session.scalars(select(Guidelines).where(Guidelines.project_id == cast.project.id)).all()
    version = published(cast, session, name="# | `heading` | : - !!str")
    splits = loaded(version)
    read = [row["messages"][0]["content"] for rows in splits.values() for row in rows]
    assert set(texts) <= set(read)


def test_a_version_of_preferences_loads_as_it_stands_whatever_people_wrote(
    cast: Cast, session: Session, loaded: Load
) -> None:
    # S71, S72
    cast.project.name = 'x" : &a *a !!python/object {{ }} ---'
    texts = [row.text for row in hostile.rows("text", stored=True) if row.text.strip()][:40]
    pairs = [
        pair(at, prompt=f"{at} {one}", chosen=f"good {one}", rejected=f"bad {one}") for at, one in enumerate(texts)
    ]
    preferences.compared(cast, session, pairs)
    version = preferences.publish(cast, session, preferences.dataset(cast, "# | `a` : - !!str"), "# | `a` : - !!str")
    splits = loaded(version)
    assert {split: len(rows) for split, rows in splits.items()} == {k: n for k, n in version.counts.items() if n}
    read = {row["chosen"][0]["content"] for rows in splits.values() for row in rows}
    assert read == {f"good {one}" for one in texts}
    assert splits["train"][0]["metadata"]["reasons"] == ["helpful"]


def test_a_split_without_rows_is_a_file_that_the_loader_is_not_sent_to(
    cast: Cast, session: Session, loaded: Load
) -> None:
    approve(session, cast, 1)
    version = published(cast, session)
    assert version.counts == {"train": 1, "validation": 0, "test": 0}
    assert list(loaded(version)) == ["train"]
