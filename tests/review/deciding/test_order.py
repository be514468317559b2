"""Which submission a reviewer is given first: by a rule that the page states, at the same cost in any queue."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from psycopg import ServerCursor
from sqlalchemy import Connection, event, select, update
from sqlalchemy.orm import Session, sessionmaker

from app.accounts.models import Role
from app.accounts.sign_ins import actor_for
from app.projects.models import Category, Project, ReviewOrder
from app.prompts.models import PromptStatus
from app.review import queries, service
from app.review.deciding import order as rules
from app.writing.models import Submission, SubmissionStatus
from app.writing.service import record_decision
from tests import factories
from tests.cast import Cast
from tests.conftest import raw
from tests.review.conftest import HandIn, decided, sheet_of, took
from tests.review.desk.test_take import age, categories, taken
from tests.writing import work

WAITING, READ_AT_MOST = 4_000, 300


def set_order(session: Session, cast: Cast, order: ReviewOrder) -> None:
    session.execute(update(Project).where(Project.id == cast.project.id).values(review_order=order))
    session.commit()


def set_progress(session: Session, category_id: int, *, target: int, approved: int) -> None:
    session.execute(update(Category).where(Category.id == category_id).values(target=target, approved=approved))
    session.commit()


def queue(cast: Cast, **query: int) -> str:
    """What the reviewer's page says."""
    return cast.reviewer.get(f"/projects/{cast.project.id}/review", params=query).text


def test_the_category_furthest_from_its_target_comes_first(cast: Cast, hand_in: HandIn, session: Session) -> None:
    explain, plan = categories(session, cast)
    set_order(session, cast, ReviewOrder.FURTHEST)
    old, without = hand_in(cast.author, category_id=explain), hand_in(cast.author, asked="No category")
    new, newer = hand_in(cast.author, category_id=plan, asked="A"), hand_in(cast.author, category_id=plan, asked="B")
    for minutes, one in enumerate((newer, new, old, without), 1):
        age(session, one, minutes=minutes)
    set_progress(session, explain, target=10, approved=8)
    set_progress(session, plan, target=30, approved=10)
    assert "The category furthest from its target comes first" in queue(cast)
    assert "A</" in queue(cast)
    got = []
    for _ in range(4):
        got.append(taken(cast.reviewer, cast.project.id))
        cast.reviewer.post(f"/api/v1/submissions/{got[-1]}/skip")
    assert got == [new.id, newer.id, old.id, without.id]


def test_an_approval_brings_its_category_nearer_to_its_target(cast: Cast, hand_in: HandIn, session: Session) -> None:
    explain, plan = categories(session, cast)
    set_order(session, cast, ReviewOrder.FURTHEST)
    set_progress(session, explain, target=10, approved=0)
    set_progress(session, plan, target=10, approved=0)
    ones = [hand_in(cast.author, category_id=explain, asked=f"Question {number}") for number in range(2)]
    other = hand_in(cast.author, category_id=plan, asked="Another")
    assert decided(cast.reviewer, ones[0]).status_code == 201
    assert taken(cast.reviewer, cast.project.id) == other.id
    assert decided(cast.reviewer, other, "rejected", note="No.").status_code == 201
    session.expire_all()
    assert [session.get_one(Category, one).approved for one in (explain, plan)] == [1, 0]


def test_what_new_writers_hand_in_comes_first(cast: Cast, hand_in: HandIn, session: Session) -> None:
    set_order(session, cast, ReviewOrder.NEWCOMERS)
    old, new = hand_in(cast.author), hand_in(cast.second_author)
    age(session, old, hours=2)
    session.execute(update(Submission).where(Submission.id == new.id).values(from_newcomer=True))
    session.commit()
    assert "New writers, with fewer than 10 approved responses, come first" in queue(cast)
    assert taken(cast.reviewer, cast.project.id) == new.id
    assert taken(cast.second_reviewer, cast.project.id) == old.id


def test_a_writer_is_new_until_ten_responses_are_approved(cast: Cast, session: Session) -> None:
    assert cast.admin.user
    for number in range(12):
        factories.prompt(session, cast.project, cast.admin.user, f"Question {number}", status=PromptStatus.APPROVED)
    session.commit()
    for _ in range(12):
        assignment_id = work.take(cast.author, cast)
        work.save(cast.author, assignment_id, "An answer.")
        made = work.hand_in(cast.author, assignment_id, 1).json()["id"]
        record_decision(session, made, revision=1, status=SubmissionStatus.APPROVED, decided_by=work.me(cast.reviewer))
        session.commit()
    new = session.scalars(select(Submission.from_newcomer).order_by(Submission.id)).all()
    assert new == [True] * 10 + [False] * 2


def test_within_a_chosen_category_the_oldest_comes_first_and_the_page_says_so(
    cast: Cast, hand_in: HandIn, session: Session
) -> None:
    explain, _ = categories(session, cast)
    set_order(session, cast, ReviewOrder.NEWCOMERS)
    first = hand_in(cast.author, category_id=explain)
    hand_in(cast.author, category_id=explain, asked="Another")
    assert "The oldest of this category comes first." in queue(cast, category=explain)
    took(cast.reviewer, cast.project.id, category=explain)
    assert sheet_of(cast.reviewer, first) in queue(cast, category=explain)
    assert "The oldest of this category comes first." in queue(cast, category=explain)


@pytest.mark.parametrize("order", list(ReviewOrder))
def test_no_rule_reads_more_than_a_few_rows_of_a_long_queue(
    own_database: str, own_sessions: sessionmaker[Session], order: ReviewOrder
) -> None:
    with own_sessions.begin() as session:
        owner, reviewer = factories.user(session, "Ada Admin"), factories.user(session, "Rae Reviewer")
        project = factories.project(session, owner, review_order=order)
        factories.member(session, project, reviewer, Role.REVIEWER)
    fill(own_database, project.id, owner.id, reviewer.id)
    with own_sessions.begin() as session:
        actor = actor_for(session, session.merge(reviewer))
        with read_plans(session) as plans:
            assert rules.next_free(session, actor, project)
            assert queries.count_waiting(session, actor, project.id)
            assert service.take_next(session, actor, project.id)
    read = {statement: rows for statement, rows in plans if rows > READ_AT_MOST}
    assert len(plans) >= 5
    assert read == {}


def fill(url: str, project_id: int, owner_id: int, other_id: int) -> None:
    """A long queue, a tenth of it leased; beside it as much that is decided, and twice as many skips of others."""
    steps = """
        INSERT INTO prompts (project_id, author_id, status, language, messages, licence, source, reason, from_pair)
        SELECT %(p)s, %(o)s, 'approved', 'en', '[{"role": "user", "content": "Q"}]', '', '', '', false
        FROM generate_series(1, 2 * %(n)s);
        INSERT INTO assignments (project_id, writer_id, prompt_id, is_pair, status, skip_reason)
        SELECT %(p)s, %(o)s, id, false, 'handed_in', '' FROM prompts;
        INSERT INTO submissions (project_id, prompt_id, assignment_id, author_id, category_id, status, current_revision,
            submitted_at, from_newcomer, lease_holder_id, lease_expires_at)
        SELECT %(p)s, a.prompt_id, a.id, %(o)s,
            CASE WHEN a.id %% 2 = 0 THEN (SELECT min(id) + a.id %% 4 / 2 FROM categories WHERE project_id = %(p)s) END,
            CASE WHEN a.id %% 2 = 0 THEN 'submitted' ELSE 'approved' END, 1, now() - a.id * interval '1 second',
            a.id %% 3 = 0, CASE WHEN a.id %% 20 = 0 THEN %(o)s END,
            CASE WHEN a.id %% 20 = 0 THEN now() + interval '1 hour' END
        FROM assignments a;
        INSERT INTO revisions (submission_id, number, author_id, prompt_messages, messages, guidelines_id,
            draft_revision)
        SELECT id, 1, %(o)s, '[{"role": "user", "content": "Q"}]', '[{"role": "assistant", "content": "A"}]',
            (SELECT min(id) FROM guidelines), 1 FROM submissions;
        INSERT INTO review_skips (submission_id, reviewer_id) SELECT id, %(o)s FROM submissions;
        INSERT INTO review_skips (submission_id, reviewer_id) SELECT id, %(r)s FROM submissions ORDER BY submitted_at
            LIMIT 20;
        ANALYZE
    """
    values = {"p": project_id, "o": owner_id, "r": other_id, "n": WAITING}
    with raw(url) as connection:
        for step in steps.split(";"):
            connection.execute(step, values)


@contextmanager
def read_plans(session: Session) -> Iterator[list[tuple[str, int]]]:
    """How many rows each statement of the block has read, filtered ones included, as EXPLAIN ANALYZE counts them."""
    found: list[tuple[str, int]] = []
    connection = session.connection()

    def explain(_: Connection, cursor: Any, statement: str, parameters: Any, *__: Any) -> None:
        if not statement.lstrip().startswith(("SELECT", "UPDATE", "WITH")):
            return
        # Of the same kind, which decides how values are named; one of the server's reads as a plain one.
        connected = cursor.connection
        with connected.cursor() if isinstance(cursor, ServerCursor) else type(cursor)(connected) as other:
            other.execute("SAVEPOINT explained")
            other.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + statement, parameters)
            plan = other.fetchone()[0]
            found.append((statement, rows_read((plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"])))
            other.execute("ROLLBACK TO SAVEPOINT explained")

    event.listen(connection, "before_cursor_execute", explain)
    yield found
    event.remove(connection, "before_cursor_execute", explain)


def rows_read(node: dict[str, Any]) -> int:
    """The rows that the scans of a plan returned or threw away."""
    own = node["Actual Rows"] + node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    scanned = own * node["Actual Loops"] if "Scan" in node["Node Type"] else 0
    return int(scanned) + sum(rows_read(child) for child in node.get("Plans", ()))
