"""The database is written into a file and made of it again, by PostgreSQL's own programs."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker
from starlette.testclient import TestClient

from app.accounts.models import User
from app.core.backup import dump, restore
from app.core.errors import StartRefused
from app.core.storage import Storage
from app.datasets.files import folder_of
from tests.cast import Cast, find_cast, store_cast
from tests.datasets.made import approve, published
from tests.jobs import do_jobs
from tests.training.test_erase import erased


@pytest.fixture
def sessions(own_sessions: sessionmaker[Session]) -> sessionmaker[Session]:
    """Real transactions on a database of this test, which can be dumped and replaced."""
    return own_sessions


@pytest.fixture
def cast(app: FastAPI, session: Session) -> Cast:
    """The people of that database."""
    cookies = store_cast(session)
    session.commit()
    return find_cast(app, session, cookies)


def test_a_restored_backup_is_told_of_the_erasure_before_the_site_opens(
    cast: Cast, app: FastAPI, session: Session, storage: Storage, own_database: str, tmp_path: Path
) -> None:  # S103
    approve(session, cast, 20)
    version_id = published(cast, session).id
    kept = {key: b"".join(storage.open(key)) for key in storage.list(folder_of(version_id))}
    name = select(User.name).where(User.id == cast.author.actor.user_id)
    backup = tmp_path / "penset.dump"
    dump(own_database, backup, embedded=True)
    erased(cast, session, cast.author)
    assert session.scalars(name).one() == "Erased"
    session.close()
    with pytest.raises(StartRefused, match="pg_restore failed"):
        restore(own_database, Path(__file__), embedded=True)
    leave(session)
    restore(own_database, backup, embedded=True)
    for key, content in kept.items():
        storage.put_new(key, [content])
    assert session.scalars(name).one() == "Ann Author"
    session.commit()
    with TestClient(app):
        session.expire_all()
        assert session.scalars(name).one() == "Erased"
    assert cast.reviewer.get(f"/api/v1/versions/{version_id}/files/train.jsonl").status_code == 410
    assert do_jobs(session) == ["training.erase"]
    assert list(storage.list(folder_of(version_id))) == []


def leave(session: Session) -> None:
    """Close every connection, as a site does that is stopped."""
    session.close()
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    engine.dispose()
