"""The doctor reads the files of published versions, and names what is missing, changed or spare."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.sign_ins import actor_for
from app.core.jobs import surround
from app.core.settings import Settings
from app.core.storage import Storage
from app.datasets import service as datasets
from app.datasets.contamination.benchmarks import add
from app.datasets.contamination.benchmarks import key_of as benchmark_key
from app.datasets.files import key_of, version_files
from app.datasets.models import Version, VersionStatus
from app.insights.doctor import report
from app.insights.doctor_files import examine_files
from tests.insights.conftest import Patient
from tests.jobs import do_jobs


@pytest.fixture
def session(patient: Patient, settings: Settings, storage: Storage) -> Iterator[Session]:
    """A session on a database in which transactions really commit, as publishing needs them."""
    surround(settings, patient.sessions, storage)
    with patient.sessions() as session:
        yield session


@pytest.fixture
def published(session: Session) -> Version:
    """A version of what was approved, published by its job."""
    admin = actor_for(session, session.scalars(select(User).where(User.name == "Ada Admin")).one())
    (project_id,) = admin.roles
    dataset = datasets.create_dataset(session, admin, project_id, name="Everything")
    version = datasets.publish(session, admin, dataset.id)
    session.commit()
    do_jobs(session)
    session.refresh(version)
    assert version.status is VersionStatus.PUBLISHED, version.failure
    return version


def stored(settings: Settings, version: Version, name: str = "train.jsonl") -> Path:
    """Where a file of the version lies on disk."""
    (fact,) = [fact for fact in version_files(version) if fact.name == name]
    (path,) = [path for path in settings.files_folder.rglob("*") if path.name.startswith(fact.sha256)]
    return path


def complaints(session: Session, storage: Storage) -> dict[str, list[str]]:
    """What is found, by the name of the check."""
    results = examine_files(session, storage)
    return {result.check.name: list(result.broken) for result in results if result.in_all}


def test_a_published_version_is_whole(published: Version, session: Session, storage: Storage, patient: Patient) -> None:
    assert complaints(session, storage) == {}
    assert patient.complaints() == {}
    lines, well = report(examine_files(session, storage))
    assert (len(lines), well) == (2, True)


def test_a_missing_file_is_named(published: Version, session: Session, storage: Storage, settings: Settings) -> None:
    stored(settings, published).unlink()  # R13
    (phrase,) = complaints(session, storage)["files-are-whole"]
    assert phrase == "version 1 of “Everything”, train.jsonl: is missing"


def test_a_file_that_was_cut_or_changed_is_named(
    published: Version, session: Session, storage: Storage, settings: Settings
) -> None:
    path = stored(settings, published)
    whole = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(whole[:-1])  # R13
    assert "bytes instead of" in complaints(session, storage)["files-are-whole"][0]
    path.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
    assert "other bytes than its hash says" in complaints(session, storage)["files-are-whole"][0]


def test_the_file_of_a_benchmark_that_is_gone_is_named(
    published: Version, session: Session, storage: Storage, settings: Settings
) -> None:
    admin = actor_for(session, session.scalars(select(User).where(User.name == "Ada Admin")).one())
    data = b"How fast does a train go?\n"
    benchmark = add(session, storage, admin, published.project_id, name="Trains", licence="MIT", data=data)
    assert complaints(session, storage) == {}
    (settings.files_folder / benchmark_key(published.project_id, benchmark.sha256)).unlink()  # R13
    phrase = f"benchmark “Trains” of project {published.project_id}: is missing"
    assert complaints(session, storage) == {"files-are-whole": [phrase]}


def test_a_file_without_a_version_is_named(published: Version, session: Session, storage: Storage) -> None:
    left, deleted = key_of(published.id, "ab" * 32), key_of(published.id + 9, "cd" * 32)
    for key in (left, deleted):
        storage.put_new(key, [b"left behind"])  # R13
    assert complaints(session, storage) == {"no-file-without-version": [f"file {left}", f"file {deleted}"]}


def test_files_of_a_version_that_is_being_published_are_no_matter(
    published: Version, session: Session, storage: Storage
) -> None:
    waiting = Version(
        project_id=published.project_id,
        dataset_id=published.dataset_id,
        number=2,
        rule={},
        created_by=published.created_by,
    )
    session.add(waiting)
    session.flush()
    storage.put_new(key_of(waiting.id, "ab" * 32), [b"half a version"])
    assert complaints(session, storage) == {}
