"""A hot statement, which psycopg runs alone, fails, is heard and is undone as any other of its session."""

import pytest
from psycopg.errors import DivisionByZero
from sqlalchemy import bindparam, event, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from app.core.database import rows_of
from app.core.hot import as_read, ask, ask_one
from app.projects.models import Project
from app.prompts.models import Prompt, PromptStatus
from tests import factories
from tests.cast import Cast
from tests.conftest import raw

DIVIDED = text("SELECT 1 / :by AS share")
MESSAGES = text("SELECT CAST(:messages AS jsonb) -> 0 ->> 'content' AS said").bindparams(
    bindparam("messages", type_=JSONB)
)
WORD = "straße 東京 \u2028"


def test_values_go_out_and_come_back_as_by_any_statement(session: Session) -> None:
    asked = {"messages": [{"content": WORD}]}
    assert ask_one(session, MESSAGES, asked).said == session.scalar(MESSAGES, asked) == WORD
    open_ones = select(rows_of(Prompt).c.id).where(rows_of(Prompt).c.status == PromptStatus.APPROVED)
    assert [row.id for row in ask(session, open_ones, {})] == session.scalars(open_ones).all()


def test_a_value_is_sent_once_wherever_it_stands_and_a_percent_sign_is_itself(session: Session) -> None:
    twice = text("SELECT :of || '%' || CAST(:by AS text) || :of AS said, 7 % :by AS rest")
    assert ask_one(session, twice, {"by": 4, "of": "a", "beside": 1}) == ("a%4a", 3)


def test_it_fails_as_sqlalchemy_fails(session: Session) -> None:
    with pytest.raises(DataError) as failed:
        ask(session, DIVIDED, {"by": 0})
    assert isinstance(failed.value.orig, DivisionByZero)
    assert not failed.value.connection_invalidated


def test_a_lost_connection_is_told_to_the_pool_which_opens_another(
    own_database: str, own_sessions: sessionmaker[Session]
) -> None:
    with own_sessions() as session:
        mine = ask_one(session, text("SELECT pg_backend_pid() AS id"), {}).id
        with raw(own_database) as other:
            other.execute("SELECT pg_terminate_backend(%s, 60000)", (mine,))
        with pytest.raises(OperationalError) as lost:
            ask(session, DIVIDED, {"by": 1})
    assert lost.value.connection_invalidated
    with own_sessions.begin() as session:
        assert ask_one(session, DIVIDED, {"by": 1}).share == 1


def test_what_it_wrote_goes_with_its_transaction(cast: Cast, session: Session) -> None:
    renamed = text("UPDATE projects SET name = 'Hot' WHERE id = :id RETURNING name")
    with session.begin_nested() as part:
        assert ask_one(session, renamed, {"id": cast.project.id}).name == "Hot"
        part.rollback()
    assert session.scalars(select(Project.name).where(Project.id == cast.project.id)).one() != "Hot"


RENAMED = text("UPDATE users SET name = 'Hot' WHERE name = :name RETURNING name")


def called_hot(own_database: str) -> int:
    """How many people are called so for everybody else."""
    with raw(own_database) as other:
        row = other.execute("SELECT count(*) FROM users WHERE name = 'Hot'").fetchone()
    assert row
    return int(row[0])


def test_what_was_written_alone_is_stored_when_it_is_done(
    own_database: str, own_sessions: sessionmaker[Session]
) -> None:
    with own_sessions.begin() as session:
        factories.user(session, "Cold")
    with own_sessions() as session:
        assert ask_one(session, RENAMED, {"name": "Cold"}, alone=True)
        assert called_hot(own_database) == 1


def test_what_is_written_alone_in_a_transaction_that_has_begun_is_part_of_it(
    own_database: str, own_sessions: sessionmaker[Session]
) -> None:
    with own_sessions.begin() as session:
        factories.user(session, "Cold")
    with own_sessions() as session:
        session.scalars(select(Project.name)).all()
        assert ask_one(session, RENAMED, {"name": "Cold"}, alone=True)
        assert called_hot(own_database) == 0
        session.rollback()
    assert called_hot(own_database) == 0


def test_after_one_that_failed_alone_a_transaction_begins_as_ever(
    own_database: str, own_sessions: sessionmaker[Session]
) -> None:
    with own_sessions.begin() as session:
        factories.user(session, "Cold")
    with own_sessions() as session:
        with pytest.raises(DataError):
            ask(session, DIVIDED, {"by": 0}, alone=True)
        assert ask_one(session, RENAMED, {"name": "Cold"})
        assert called_hot(own_database) == 0


def test_who_listens_to_statements_hears_it(session: Session) -> None:
    heard: list[str] = []
    session.connection()
    for name in ("before_cursor_execute", "after_cursor_execute"):
        event.listen(session.get_bind(), name, lambda *args: heard.append(args[2]))
    ask(session, DIVIDED, {"by": 1})
    assert heard == ["SELECT 1 / $1 AS share"] * 2


def test_a_row_that_is_told_to_the_session_reads_its_other_columns_when_asked(cast: Cast, session: Session) -> None:
    project_id, name = cast.project.id, cast.project.name
    session.expunge_all()
    told = as_read(session, Project, project_id, id=project_id, min_characters=7)
    assert (told.min_characters, told.name) == (7, name)
    assert as_read(session, Project, project_id, min_characters=9) is session.get(Project, project_id)
    assert told.min_characters == 9
    assert not session.dirty


@pytest.mark.parametrize(("anew", "kept"), [(False, 1), (True, 0)])
def test_what_is_planned_anew_leaves_no_plan_behind(session: Session, anew: bool, kept: int) -> None:
    statement = text("SELECT CAST(:by AS int) + 1 AS more")
    for by in range(8):
        ask(session, statement, {"by": by}, anew=anew)
    plans = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%+ 1 AS more%'")
    assert session.scalar(plans) == kept
