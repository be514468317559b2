"""Nearly every decision takes one statement, and leaves what the long way leaves; what is special goes the long way."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, inspect, select, text
from sqlalchemy.orm import Session, sessionmaker

from app.accounts.models import Notice, Role, User
from app.accounts.sign_ins import actor_for
from app.core.audit import AuditEntry
from app.core.hot import ask
from app.projects.models import Category
from app.prompts.models import Prompt, PromptStatus
from app.review import service
from app.review.deciding import held, told
from app.review.deciding.quick_decide import quick_decide, quick_hold, quick_undo
from app.review.deciding.quick_take import quick_take
from app.review.deciding.wishes import Wish
from app.review.models import Decision, HeldDecision, Opinion, Review
from app.writing.deciding import taking_turn
from app.writing.models import Assignment, Submission, SubmissionStatus
from app.writing.service import lock_work, recall
from tests import factories
from tests.cast import Cast
from tests.conftest import raw
from tests.review.conftest import RATINGS, HandIn, decided, heard

OTHERWISE = {"id", "created_at", "decided_at", "submitted_at", "settles_at", "lease_expires_at", "subject_id"}
OTHERWISE |= {"submission_id", "revision_id", "prompt_id", "assignment_id", "slot_id"}
JOBS = text(
    "SELECT task_name, queue_name, scheduled_at IS NULL FROM procrastinate_jobs WHERE args ->> 'submission_id' = :of"
)

OVER = text("UPDATE submissions SET status = 'rejected', lease_holder_id = NULL, lease_expires_at = NULL")


def values(row: Any) -> dict[str, Any]:
    """What a row holds, without what differs between two."""
    columns = (one.key for one in inspect(type(row)).column_attrs)
    return {name: getattr(row, name) for name in columns if name not in OTHERWISE}


def left(session: Session, submission: Submission) -> dict[str, Any]:
    """Everything that a decision on a submission has left."""
    session.commit()
    session.expire_all()
    about = {
        Review: Review.submission_id == submission.id,
        HeldDecision: HeldDecision.submission_id == submission.id,
        AuditEntry: (AuditEntry.subject == "submission") & (AuditEntry.subject_id == submission.id),
        Notice: (Notice.subject == "submission") & (Notice.subject_id == submission.id),
        Submission: Submission.id == submission.id,
        Prompt: Prompt.id == submission.prompt_id,
        Assignment: Assignment.id == submission.assignment_id,
    }
    found = {
        table.__name__: [values(row) for row in session.scalars(select(table).where(of))] for table, of in about.items()
    }
    times = ("decided_at", "lease_expires_at")
    found["times"] = [{name: getattr(submission, name) is None for name in times}]
    found["jobs"] = [row._asdict() for row in session.execute(JOBS, {"of": str(submission.id)})]
    return found


def category_of(session: Session, cast: Cast) -> Category:
    return session.scalars(select(Category).where(Category.project_id == cast.project.id).order_by(Category.id)).first()  # type: ignore[return-value]


@pytest.mark.parametrize("decision", [Decision.APPROVED, Decision.CHANGES_REQUESTED])
def test_the_quick_way_leaves_what_the_long_way_leaves(
    cast: Cast, hand_in: HandIn, session: Session, decision: Decision
) -> None:
    category = category_of(session, cast)
    long, quick = (hand_in(cast.author, category_id=category.id) for _ in range(2))
    counted = []
    wish = Wish(decision, 1, RATINGS, " As I see it.\n")
    before = category.approved
    service.carry_out(session, cast.reviewer.actor, long.id, wish)
    by_hand = left(session, long)
    counted.append(category.approved - before)
    assert quick_decide(session, cast.reviewer.actor, quick.id, wish)
    assert left(session, quick) == by_hand
    counted.append(category.approved - before)
    assert counted == ([1, 2] if decision is Decision.APPROVED else [0, 0])


@pytest.mark.parametrize("decision", list(Decision))
def test_what_is_held_quickly_is_held_as_ever(
    cast: Cast, hand_in: HandIn, session: Session, decision: Decision
) -> None:
    long, quick = (hand_in(cast.author) for _ in range(2))
    wish = Wish(decision, 1, RATINGS, " As I see it.\n")
    assert held.decide(session, cast.reviewer.actor, long.id, wish, seconds=10) is None
    by_hand = left(session, long)
    assert quick_hold(session, cast.reviewer.actor, quick.id, wish, seconds=10) == cast.project.id
    assert left(session, quick) == by_hand
    until = select(Submission.id, HeldDecision.settles_at, Submission.lease_expires_at).join(
        HeldDecision, HeldDecision.submission_id == Submission.id
    )
    waits = [row.lease_expires_at - row.settles_at for row in session.execute(until)]
    assert waits[0] == waits[1]


def test_what_is_taken_back_quickly_is_taken_back_as_ever(cast: Cast, hand_in: HandIn, session: Session) -> None:
    actor, wish = cast.reviewer.actor, Wish(Decision.CHANGES_REQUESTED, 1, {"helpful": 3}, " As I see it.\n")
    what_is_left = []
    for undo in (held.undo, quick_undo):
        mine, kept, other = (hand_in(cast.author) for _ in range(3))
        for one in (mine, kept):
            assert quick_hold(session, actor, one.id, wish, seconds=10)
        assert quick_take(session, actor, cast.project.id)
        assert undo(session, actor, mine.id) == wish
        what_is_left.append([left(session, one) for one in (mine, kept, other)])
        assert session.scalars(select(Submission.lease_holder_id).where(Submission.id == other.id)).one() is None
        session.execute(OVER)
    assert what_is_left[0] == what_is_left[1]


def test_nobody_takes_back_quickly_what_is_not_theirs_to_take_back(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    assert quick_undo(session, cast.reviewer.actor, waiting.id) is None
    quick_hold(session, cast.reviewer.actor, waiting.id, Wish(Decision.APPROVED, 1, RATINGS), seconds=10)
    for who in (cast.second_reviewer, cast.author, cast.outsider):
        assert quick_undo(session, who.actor, waiting.id) is None
    _now(session, session.get_one(Submission, waiting.id), status=SubmissionStatus.WITHDRAWN)
    assert quick_undo(session, cast.reviewer.actor, waiting.id) is None
    assert session.scalars(select(HeldDecision.submission_id)).all() == [waiting.id]


def test_a_second_change_joins_the_notice_that_is_unread(cast: Cast, waiting: Submission, session: Session) -> None:
    told.decided(session, cast.reviewer.actor, waiting, "changes_requested")
    assert quick_decide(session, cast.reviewer.actor, waiting.id, Wish(Decision.CHANGES_REQUESTED, 1, {}, "Again."))
    assert session.scalars(select(Notice.times)).all() == [2]


SPECIAL: dict[str, Callable[[Cast, Session, Submission], Any]] = {
    "another revision": lambda cast, session, one: Wish(Decision.APPROVED, 2, RATINGS),
    "a rejection": lambda cast, session, one: Wish(Decision.REJECTED, 1, RATINGS, "No."),
    "no word": lambda cast, session, one: Wish(Decision.CHANGES_REQUESTED, 1, RATINGS, " \u200b"),
    "not all rated": lambda cast, session, one: Wish(Decision.APPROVED, 1, {"helpful": 4}),
    "another criterion": lambda cast, session, one: Wish(Decision.APPROVED, 1, {**RATINGS, "kind": 4}),
    "no key": lambda cast, session, one: Wish(Decision.APPROVED, 1, {**RATINGS, "\0": 4}),
    "no rating": lambda cast, session, one: Wish(Decision.APPROVED, 1, {**RATINGS, "helpful": 6}),
    "put right": lambda cast, session, one: Wish(Decision.APPROVED, 1, RATINGS, edited=[]),
    "a part that is missed": lambda cast, session, one: Wish(Decision.CHANGES_REQUESTED, 1, {}, "See.", missed="Tone"),
    "two opinions": lambda cast, session, one: _now(session, cast.project, reviews_per_response=2),
    "writers qualify": lambda cast, session, one: _now(session, cast.project, qualification=3),
    "a pair": lambda cast, session, one: _now(session, session.get_one(Assignment, one.assignment_id), is_pair=True),
    "a dispute": lambda cast, session, one: _now(session, one, disputed_at=func.now()),
    "recalled": lambda cast, session, one: recall(session, cast.author.actor, one.id),
    "recalled and forgotten": lambda cast, session, one: _forgotten(cast, session, one),
    "decided": lambda cast, session, one: decided(cast.second_reviewer, one),
    "held": lambda cast, session, one: held.decide(
        session, cast.second_reviewer.actor, one.id, Wish(Decision.APPROVED, 1, RATINGS), seconds=10
    ),
}


def _forgotten(cast: Cast, session: Session, one: Submission) -> None:
    recall(session, cast.author.actor, one.id)
    _now(session, one, lease_holder_id=None, lease_expires_at=None)


def _now(session: Session, row: Any, **changed: Any) -> None:
    for name, value in changed.items():
        setattr(row, name, value)
    session.commit()


@pytest.mark.parametrize("special", SPECIAL)
def test_what_is_special_is_not_done_quickly(cast: Cast, waiting: Submission, session: Session, special: str) -> None:
    plain = Wish(Decision.APPROVED, 1, RATINGS)
    given = SPECIAL[special](cast, session, session.get_one(Submission, waiting.id))
    wish = given if isinstance(given, Wish) else plain
    session.flush()
    before = left(session, waiting)
    assert quick_decide(session, cast.reviewer.actor, waiting.id, wish) is None
    assert left(session, waiting) == before


def test_nobody_decides_quickly_who_may_not(cast: Cast, hand_in: HandIn, session: Session) -> None:
    own, plain = hand_in(cast.reviewer), Wish(Decision.APPROVED, 1, RATINGS)
    for who in (cast.reviewer, cast.second_author, cast.outsider):
        assert quick_decide(session, who.actor, own.id, plain) is None
        assert quick_hold(session, who.actor, own.id, plain, seconds=10) is None


def test_who_has_given_an_opinion_holds_no_other(cast: Cast, waiting: Submission, session: Session) -> None:
    _now(session, cast.project, reviews_per_response=2)
    decided(cast.reviewer, waiting)
    other, actor = Wish(Decision.REJECTED, 1, {}, "No."), cast.reviewer.actor
    assert session.scalars(select(Opinion.decision)).all() == [Decision.APPROVED]
    assert quick_hold(session, actor, waiting.id, other, seconds=10) is None


def test_where_known_decisions_are_met_all_take_the_same_way(cast: Cast, waiting: Submission, session: Session) -> None:
    _now(session, cast.project, gold_every=5)
    plain = Wish(Decision.APPROVED, 1, RATINGS)
    assert quick_hold(session, cast.reviewer.actor, waiting.id, plain, seconds=10) is None


def test_who_has_something_due_takes_the_long_way_which_carries_it_out(
    cast: Cast, hand_in: HandIn, session: Session
) -> None:
    first, _ = hand_in(cast.author), hand_in(cast.author)
    quick_hold(session, cast.reviewer.actor, first.id, Wish(Decision.APPROVED, 1, RATINGS), seconds=-1)
    session.commit()
    assert quick_take(session, cast.reviewer.actor, cast.project.id) is None
    assert cast.reviewer.api("POST", f"/api/v1/projects/{cast.project.id}/review/next").status_code == 200
    assert session.scalars(select(Review.submission_id)).all() == [first.id]


def test_programs_take_and_decide_in_two_statements_each(cast: Cast, waiting: Submission, session: Session) -> None:
    asked = heard(session)
    cast.reviewer.api("POST", f"/api/v1/projects/{cast.project.id}/review/next")
    assert len(asked) == 2, asked
    asked.clear()
    assert decided(cast.reviewer, waiting).status_code == 201
    assert len(asked) == 2, asked


TURN = text(f"WITH mine AS ({taking_turn(where='AND pg_advisory_xact_lock(7) IS NOT NULL')}) SELECT id FROM mine")


def test_what_somebody_touched_since_the_statement_began_is_left_to_the_long_way(
    own_database: str, own_sessions: sessionmaker[Session]
) -> None:
    submission_id = one_waiting(own_sessions)
    found: list[Any] = []

    def ask_for_it() -> None:
        with own_sessions.begin() as session:
            found.extend(ask(session, TURN, {"submission": submission_id}))

    with raw(own_database) as gate, raw(own_database) as other:
        gate.execute("SELECT pg_advisory_lock(7)")
        asks = threading.Thread(target=ask_for_it)
        asks.start()
        while not gate.execute("SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted").fetchall():
            pass
        other.execute("UPDATE submissions SET lease_expires_at = lease_expires_at WHERE id = %s", (submission_id,))
        gate.execute("SELECT pg_advisory_unlock(7)")
        asks.join()
        assert found == []
        asks = threading.Thread(target=ask_for_it)
        asks.start()
        asks.join()
        assert len(found) == 1, "untouched, it is given"


def test_what_is_somebody_elses_turn_is_left_to_the_long_way_at_once(own_sessions: sessionmaker[Session]) -> None:
    submission_id = one_waiting(own_sessions)
    with own_sessions.begin() as first, own_sessions.begin() as second:
        person = first.scalars(select(User).where(User.name == "Rae Reviewer")).one()
        lock_work(first, submission_id)
        actor = actor_for(second, person)
        assert quick_decide(second, actor, submission_id, Wish(Decision.APPROVED, 1, RATINGS)) is None


def test_the_prompt_is_waited_for_before_the_category_is_locked_as_the_long_way_does(
    own_database: str, own_sessions: sessionmaker[Session]
) -> None:
    submission_id = one_waiting(own_sessions, with_category=True)
    made: list[Any] = []

    def decide_quickly() -> None:
        with own_sessions.begin() as session:
            person = session.scalars(select(User).where(User.name == "Rae Reviewer")).one()
            wish = Wish(Decision.APPROVED, 1, RATINGS)
            made.append(quick_decide(session, actor_for(session, person), submission_id, wish))

    with raw(own_database) as other, raw(own_database) as looks, other.transaction():
        other.execute("UPDATE prompts SET status = status")
        decides = threading.Thread(target=decide_quickly)
        decides.start()
        while not looks.execute("SELECT FROM pg_locks WHERE NOT granted").fetchall():
            pass
        other.execute("SET LOCAL lock_timeout = '200ms'")
        other.execute("UPDATE categories SET name = name")
    decides.join()
    assert made != [None]


def one_waiting(sessions: sessionmaker[Session], *, with_category: bool = False) -> int:
    """A response that waits, and a reviewer for it."""
    with sessions.begin() as session:
        owner = factories.user(session, "Ada Admin")
        project = factories.project(session, owner)
        factories.member(session, project, factories.user(session, "Rae Reviewer"), Role.REVIEWER)
        category = session.scalars(select(Category.id)).first() if with_category else None
        prompt = factories.prompt(session, project, owner, status=PromptStatus.APPROVED, category_id=category)
        return factories.submission(session, prompt, owner).id
