"""What the tests of accounts share: somebody with an account, and an application whose transactions really commit."""

import io
import logging
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy.orm import Session, sessionmaker

from app.accounts.models import User
from app.core.database import make_engine, make_sessions
from app.core.logs import set_up_logs
from app.core.settings import Settings
from app.core.storage import Storage
from app.main import create_app
from tests import factories
from tests.accounts.mailbox import Mailbox


@pytest.fixture
def ada(session: Session) -> User:
    """Ada Writer, who has joined."""
    user = factories.user(session, "Ada Writer")
    session.commit()
    return user


@pytest.fixture
def committing(own_database: str, settings: Settings) -> Iterator[sessionmaker[Session]]:
    """Transactions on a database of this test alone, for races."""
    engine = make_engine(own_database, settings)
    yield make_sessions(engine)
    engine.dispose()


@pytest.fixture
def committing_app(committing: sessionmaker[Session], settings: Settings, storage: Storage) -> FastAPI:
    """The application on that database."""
    return create_app(settings, "postgresql://unused", sessions=committing, storage=storage)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server that keeps what it is given."""
    server = Mailbox()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def with_mail(settings: Settings, mailbox: Mailbox) -> Mailbox:
    """An installation that sends mail to a server of this test."""
    settings.smtp_url = SecretStr(mailbox.url)
    return mailbox


@pytest.fixture
def log(own_logs: None) -> io.StringIO:
    """What an installation writes into its log. What the test's own client logs is not the installation's."""
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    stream = io.StringIO()
    set_up_logs(stream)
    return stream
