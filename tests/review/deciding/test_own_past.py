"""What comes next is found at the same cost however much of what still waits a reviewer has judged or left."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from app.accounts.models import Role
from app.accounts.sign_ins import actor_for
from app.core.passing import NEAR
from app.projects.models import Category, Project, ReviewOrder
from app.review import queries, service
from app.review.deciding import order as rules
from app.review.waiting import Choice
from app.writing.models import Submission
from tests import factories
from tests.cast import Cast
from tests.conftest import raw
from tests.review.conftest import HandIn, decided
from tests.review.deciding.test_order import read_plans
from tests.review.desk.test_take import categories, taken
from tests.writing import work

PAST, AFTER, READ_AT_MOST = 10 * NEAR, 7, 8 * NEAR
WAYS = {
    "judged_by": """
        INSERT INTO opinions (project_id, submission_id, revision_id, reviewer_id, decision, ratings, note)
        SELECT s.project_id, s.id, r.id, %(r)s, 'approved', '{}', '' FROM submissions s
        JOIN revisions r ON r.submission_id = s.id ORDER BY s.submitted_at LIMIT %(n)s""",
    "never_for": """
        INSERT INTO review_skips (submission_id, reviewer_id)
        SELECT id, %(r)s FROM submissions ORDER BY submitted_at LIMIT %(n)s""",
}


@pytest.mark.parametrize("beside", list(WAYS))
def test_what_a_reviewer_is_past_is_not_walked(
    own_database: str, own_sessions: sessionmaker[Session], beside: str
) -> None:
    with own_sessions.begin() as session:
        owner, reviewer = factories.user(session, "Ada Admin"), factories.user(session, "Rae Reviewer")
        project = factories.project(session, owner, reviews_per_response=2)
        factories.member(session, project, reviewer, Role.REVIEWER)
    fill(own_database, beside, {"p": project.id, "o": owner.id, "r": reviewer.id})
    for order in ReviewOrder:
        with own_sessions() as session:
            session.execute(update(Project).values(review_order=order))
            session.execute(update(Category).where(Category.name == "Explain").values(target=20))
            chosen, actor = session.get_one(Project, project.id), actor_for(session, session.merge(reviewer))
            with read_plans(session) as plans:
                found = rules.next_free(session, actor, chosen)
                assert queries.count_waiting(session, actor, project.id) == AFTER
                got = service.take_next(session, actor, project.id)
            assert got
            assert got is found
            assert got.id == first_after(session, order)
            assert {statement: rows for statement, rows in plans if rows > READ_AT_MOST} == {}


def first_after(session: Session, order: ReviewOrder) -> int:
    """What the project's rule says comes first of those that are not past."""
    left = select(Submission.id).where(Submission.never_for == [], Submission.judged_by == [])
    if order is ReviewOrder.FURTHEST:
        left = left.join(Category, Category.id == Submission.category_id).where(Category.name == "Explain")
    if order is ReviewOrder.NEWCOMERS:
        left = left.where(Submission.from_newcomer)
    return session.scalars(left.order_by(Submission.submitted_at).limit(1)).one()


def fill(url: str, beside: str, values: dict[str, int]) -> None:
    """A queue of which the beginning is past for the reviewer, and some few after that."""
    steps = f"""
        INSERT INTO prompts (project_id, author_id, status, language, messages, licence, source, reason, from_pair)
        SELECT %(p)s, %(o)s, 'approved', 'en', '[{{"role": "user", "content": "Q"}}]', '', '', '', false
        FROM generate_series(1, %(n)s + %(after)s);
        INSERT INTO assignments (project_id, writer_id, prompt_id, is_pair, status, skip_reason)
        SELECT %(p)s, %(o)s, id, false, 'handed_in', '' FROM prompts;
        INSERT INTO submissions (project_id, prompt_id, assignment_id, author_id, category_id, status, current_revision,
            submitted_at, from_newcomer)
        SELECT %(p)s, a.prompt_id, a.id, %(o)s,
            (SELECT min(id) FROM categories WHERE project_id = %(p)s) + a.id %% 2, 'submitted', 1,
            now() - interval '1 year' + a.id * interval '1 second', a.id %% 3 = 0 FROM assignments a;
        INSERT INTO revisions (submission_id, number, author_id, prompt_messages, messages, guidelines_id,
            draft_revision)
        SELECT id, 1, %(o)s, '[{{"role": "user", "content": "Q"}}]', '[{{"role": "assistant", "content": "A"}}]',
            (SELECT min(id) FROM guidelines), 1 FROM submissions;
        {WAYS[beside]};
        UPDATE submissions SET {beside} = ARRAY[%(r)s::bigint] WHERE id IN
            (SELECT id FROM submissions ORDER BY submitted_at LIMIT %(n)s);
        ANALYZE
    """
    with raw(url) as connection:
        for step in steps.split(";"):
            connection.execute(step, values | {"n": PAST, "after": AFTER})


def two_opinions(session: Session, cast: Cast) -> None:
    session.execute(update(Project).where(Project.id == cast.project.id).values(reviews_per_response=2))
    session.commit()


def test_both_ways_of_looking_find_the_same_in_the_same_order(cast: Cast, hand_in: HandIn, session: Session) -> None:
    two_opinions(session, cast)
    explain, plan = categories(session, cast)
    left, judged, held, other, last, own = (
        hand_in(who, asked=f"Question {number}", category_id=category)
        for number, (who, category) in enumerate(
            [
                (cast.author, explain),
                (cast.author, plan),
                (cast.author, None),
                (cast.second_author, plan),
                (cast.author, explain),
                (cast.reviewer, explain),
            ]
        )
    )
    cast.reviewer.post(f"/api/v1/submissions/{left.id}/skip")
    assert decided(cast.reviewer, judged).status_code == 201
    assert decided(cast.second_reviewer, held).status_code == 201
    session.expire_all()
    assert [one.never_for for one in (left, judged, held)] == [[work.me(cast.reviewer)], [], []]
    assert [one.judged_by for one in (left, judged)] == [[], [work.me(cast.reviewer)]]
    values = {"person": work.me(cast.reviewer), "project": cast.project.id}
    for choice in (Choice(), Choice(of_category=True)):
        near, by_kind = (
            session.scalars(one.ids(), values | {"category": plan}).all()
            for one in (choice, Choice(of_category=choice.of_category, by_kind=True))
        )
        assert near == by_kind
        assert own.id not in near
    assert near == [other.id]
    assert last.id in session.scalars(Choice(by_kind=True).ids(), values).all()


def test_a_new_revision_is_offered_again_to_who_judged_the_one_before(
    cast: Cast, hand_in: HandIn, session: Session
) -> None:
    two_opinions(session, cast)
    one = hand_in(cast.author)
    for who in (cast.reviewer, cast.second_reviewer):
        assert decided(who, one, "changes_requested", note="Say more.").status_code == 201
    session.expire_all()
    assert len(one.judged_by) == 2
    assert one.assignment_id
    revision = work.stored(cast.author, one.assignment_id)["revision"]
    work.save(cast.author, one.assignment_id, "More.", revision=revision)
    assert work.hand_in(cast.author, one.assignment_id, revision + 1).status_code == 201
    session.expire_all()
    assert one.judged_by == []
    assert taken(cast.reviewer, cast.project.id) == one.id
