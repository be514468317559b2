"""Trainers take a folder as it stands: `load_dataset`, TRL, and the readers of LLaMA-Factory and Axolotl."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.storage import Storage
from app.datasets.files import copy_to, version_files
from app.datasets.formats import asked
from app.datasets.formats.registry import FORMS
from tests import factories
from tests.cast import Cast, Client
from tests.datasets.made import published
from tests.datasets.questions import question
from tests.jobs import do_jobs
from tests.preferences import publishing as preferences
from tests.preferences.conftest import pair

pytestmark = pytest.mark.training
ROOT = Path(__file__).parents[3]
TINY = str(ROOT / "app" / "training" / "tiny")
READERS = Path(sys.prefix) / "readers"


def converse(cast: Cast, session: Session, count: int) -> None:
    """So many approved answers to conversations that have begun: a system message, a round, another question."""
    for number in range(50, 50 + count):
        asked = [
            {"role": "system", "content": f"You are the help desk of house {number}."},
            {"role": "user", "content": question(number)},
            {"role": "assistant", "content": f"First answer {number}."},
            {"role": "user", "content": f"And if that fails? {question(number + 100)}"},
        ]
        prompt = factories.prompt(session, cast.project, person(cast.admin), messages=asked)
        submission = factories.submission(session, prompt, person(cast.author), f"Answer number {number}.")
        factories.review(session, submission, person(cast.reviewer))
    session.commit()


def person(client: Client) -> User:
    """Who that is."""
    assert client.user
    return client.user


@pytest.fixture
def folders(cast: Cast, session: Session, storage: Storage, some_approved: Cast, tmp_path: Path) -> Path:
    """A published version in every format, a folder each."""
    session.execute(text("SET idle_in_transaction_session_timeout = 0"))  # a trainer takes its time
    converse(cast, session, 8)
    version = published(cast, session)
    (tmp_path / "messages").mkdir()
    copy_to(storage, version, tmp_path / "messages", [fact.name for fact in version_files(version)])
    for name in FORMS:
        asked.ask_for_format(session, cast.admin.actor, version.id, name)
    session.commit()
    do_jobs(session)
    for offer in asked.offers(session, version):
        (tmp_path / offer.form.name).mkdir()
        for fact in offer.files:
            with (tmp_path / offer.form.name / fact.name).open("wb") as out:
                out.writelines(asked.opened(storage, version, fact))
    preferences.compared(cast, session, [pair(number) for number in range(1, 9)])
    preferred = preferences.publish(cast, session, preferences.dataset(cast))
    (tmp_path / "preferences").mkdir()
    copy_to(storage, preferred, tmp_path / "preferences", [fact.name for fact in version_files(preferred)])
    return tmp_path


def told_by(python: str, folders: Path, *command: str) -> dict[str, Any]:
    """What a program of its own wrote down of the folders, without a network."""
    offline = os.environ | {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HOME": str(folders / "home")}
    done = subprocess.run([python, *command], env=offline, cwd=ROOT, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stderr
    return json.loads((folders / "out.json").read_text())  # type: ignore[no-any-return]


def test_every_format_loads_with_its_card_and_trl_trains_on_the_folders_without_a_mapping(
    folders: Path, loaded_python: str
) -> None:
    out, names = folders / "out.json", ["messages", *FORMS]
    told = told_by(
        loaded_python, folders, "-m", "tests.datasets.formats.one_step", str(folders), TINY, str(out), *names
    )
    loaded, trained = told["loaded"], told["trained"]
    assert loaded["parquet"] == loaded["messages"]
    for name in names:
        assert {split: len(rows) for split, rows in loaded[name].items()} == {
            split: len(rows) for split, rows in loaded["messages"].items()
        }
    first = loaded["messages"]["train"][0]
    question, answer = (turn["content"] for turn in first["messages"])
    assert loaded["prompt-completion"]["train"][0]["completion"] == [{"role": "assistant", "content": answer}]
    assert loaded["alpaca"]["train"][0]["instruction"] == question
    assert loaded["sharegpt"]["train"][0]["metadata"] == first["metadata"]

    assert set(trained) == {"messages", "prompt-completion", "parquet", "reward", "dpo"}
    assert all(0 < one["loss"] < 20 for one in trained.values())
    assert "Answer number" in trained["prompt-completion"]["learned"]
    assert "user" not in trained["prompt-completion"]["learned"]


@pytest.mark.skipif(not READERS.exists(), reason="readers.txt is not installed: make .venv/train")
def test_two_frameworks_read_what_we_mean(folders: Path) -> None:
    out = folders / "out.json"
    told = told_by(
        sys.executable, folders, "-m", "tests.datasets.formats.framework_readers", str(folders), str(out), TINY
    )
    lines = (folders / "messages" / "train.jsonl").read_bytes().splitlines()
    rows = [json.loads(line)["messages"] for line in lines]
    assert {len(row) for row in rows} == {2, 5}
    said = [[turn["content"] for turn in row] for row in rows]
    answers = [[turn["content"] for turn in row if turn["role"] == "assistant"] for row in rows]
    for name in ("alpaca", "sharegpt"):
        assert [turns_of(one) for one in told["llama_factory"][name]] == said
    for name in ("messages", "sharegpt"):
        read = told["axolotl"][name]
        assert [one["learned"] for one in read] == ["".join(f"{one}<|im_end|>" for one in row) for row in answers]
        assert all(turn in one["text"] for one, row in zip(read, said, strict=True) for turn in row)


def turns_of(read: dict[str, Any]) -> list[str]:
    """What LLaMA-Factory takes for the turns of a row, the system message first."""
    system = [read["_system"]] if read["_system"] else []
    return system + [turn["content"] for turn in (*read["_prompt"], *read["_response"])]
