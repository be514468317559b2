"""The whole way through an object storage: published, listed, downloaded in parts, tidied up."""

import hashlib

import pytest
from fastapi import FastAPI
from sqlalchemy.orm import Session, sessionmaker

from app.core.jobs import surround
from app.core.settings import Settings
from app.core.storage import Storage
from app.datasets.files import folder_of, version_files
from app.main import create_app
from tests.cast import Cast
from tests.datasets.made import published
from tests.s3 import Way


@pytest.fixture
def app(settings: Settings, sessions: sessionmaker[Session], s3_storage: Storage) -> FastAPI:
    """The application whose files lie in S3."""
    surround(settings, sessions, s3_storage)
    return create_app(settings, "postgresql://unused", sessions=sessions, storage=s3_storage)


def test_a_version_is_published_to_s3_and_downloaded_from_there_over_a_bad_way(
    some_approved: Cast, session: Session, s3_storage: Storage, s3_way: Way
) -> None:
    s3_way.troubles.extend(["drop", "", 503, "", "lose"])
    version = published(some_approved, session)
    assert (version.status, version.failure) == ("published", "")
    assert len(list(s3_storage.list(folder_of(version.id)))) == len(version_files(version))
    for fact in version_files(version):
        address = f"/api/v1/versions/{version.id}/files/{fact.name}"
        s3_way.troubles.extend([500, "drop"])
        first = some_approved.admin.get(address, headers={"Range": "bytes=0-99"})
        rest = some_approved.admin.get(address, headers={"Range": f"bytes={len(first.content)}-"})
        whole = first.content + (rest.content if rest.status_code == 206 else b"")
        assert hashlib.sha256(whole).hexdigest() == fact.sha256 == first.headers["x-checksum-sha256"]


def test_an_object_storage_out_of_reach_fails_the_version_in_words(
    some_approved: Cast, session: Session, s3_way: Way
) -> None:
    s3_way.troubles.extend([503] * 200)
    failed = published(some_approved, session)
    s3_way.troubles.clear()
    assert failed.status == "failed"
    assert failed.failure.startswith("The files could not be kept, so nothing was published.")
    assert "the object storage answered" in failed.failure
    some_approved.admin.post(f"/versions/{failed.id}/try-again")
    assert published_again(some_approved, session, failed.id)


def published_again(cast: Cast, session: Session, version_id: int) -> bool:
    """Whether the version is published once the job has run again."""
    from tests.jobs import do_jobs

    do_jobs(session)
    return bool(cast.admin.get(f"/api/v1/versions/{version_id}").json()["status"] == "published")
