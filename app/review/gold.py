"""Submissions whose right decision is known: a reviewer meets them now and then, unmarked, and learns afterwards.

What a reviewer decides on one is kept in `gold_answers` and never carried out. An open answer is what lies on the desk.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, bindparam, cast, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload

from app.accounts.actor import Actor
from app.core.database import change_one
from app.core.errors import Conflict, Invalid, NotFound, Place
from app.core.text import is_blank
from app.projects.queries import get_project_for
from app.review import queries, service, skips
from app.review.deciding import held
from app.review.deciding.making import DID, audit, just_decided
from app.review.deciding.quick_take import quick_take
from app.review.deciding.wishes import Wish, weigh
from app.review.models import Decision, GoldAnswer, GoldItem, Opinion, Review
from app.review.narrowing import ALL, Narrowed
from app.review.policy import can_mark_gold
from app.writing.models import Revision, Submission, SubmissionStatus
from app.writing.queries import get_submission_for

SHOWN = 20
DECIDED = (SubmissionStatus.APPROVED, SubmissionStatus.REJECTED)  # for good: no new revision can follow


@dataclass(frozen=True)
class Calibration:
    """How a reviewer's decisions agree with the known ones: so many of so many, and the latest of them."""

    agreed: int
    answered: int
    latest: Sequence[tuple[GoldAnswer, GoldItem, Submission]]


def mark(session: Session, actor: Actor, submission_id: int, *, decision: Decision, note: str) -> GoldItem:
    """Vouch for the right decision on a submission that was decided, and say why; or say it anew."""
    submission = get_submission_for(session, actor, submission_id)
    can_mark_gold(actor, submission).require()
    if is_blank(note):
        raise Invalid("review.no_explanation", "Say why this is the right decision.", Place("/note", "is empty"))
    if not can_be_known(submission):
        raise Conflict(
            "review.undecided", "Only what was approved or rejected as its author wrote it can have a known decision."
        )
    said = {"decision": decision, "note": note, "made_by": actor.user_id, "retired_at": None, "is_example": False}
    newest = submission.revisions[-1]
    marked = insert(GoldItem).values(
        submission_id=submission_id, project_id=submission.project_id, revision_id=newest.id, **said
    )
    session.execute(marked.on_conflict_do_update(index_elements=["submission_id"], set_=said))
    audit(session, actor, "review.gold_marked", submission, decision=decision.value)
    return session.get_one(GoldItem, submission_id, populate_existing=True)


def can_be_known(submission: Submission) -> bool:
    """Whether it was decided on for good, and as its author wrote it: an edited one would look edited."""
    return submission.status in DECIDED and submission.revisions[-1].author_id == submission.author_id


def retire(session: Session, actor: Actor, submission_id: int) -> None:
    """Let reviewers meet it no more. What was answered stays."""
    submission = get_submission_for(session, actor, submission_id)
    can_mark_gold(actor, submission).require()
    live = update(GoldItem).where(GoldItem.submission_id == submission_id, GoldItem.retired_at.is_(None))
    gone = NotFound("review.not_gold", "This is no submission with a known decision.")
    change_one(session, live.values(retired_at=func.now()), otherwise=gone)
    audit(session, actor, "review.gold_retired", submission)


def item_of(session: Session, submission_id: int) -> GoldItem | None:
    """The known decision on a submission, for who runs its project: one that reviewers meet, or a worked example."""
    known = or_(GoldItem.retired_at.is_(None), GoldItem.is_example.is_(True))
    return session.scalar(select(GoldItem).where(GoldItem.submission_id == submission_id, known))


def take_next(session: Session, actor: Actor, project_id: int, part: Narrowed = ALL) -> None:
    """Put the next submission on the reviewer's desk: of `gold_every` new ones, on average one with a known decision.

    The look for one is made every time, so that the time an answer takes tells nothing.
    """
    project = get_project_for(session, actor, project_id)
    if not project.gold_every:
        service.take_next(session, actor, project_id, part)
        return
    if fits(on_desk(session, actor, project_id), part):
        return
    put_away(session, actor, project_id)
    if not fits(queries.on_desk(session, actor, project_id), part):
        known = queries.gold_for(actor, project_id)
        if part.category_id is not None:
            known = known.where(Submission.category_id == part.category_id)
        found = session.scalar(known.order_by(GoldItem.submission_id).limit(1))
        if found and secrets.randbelow(project.gold_every) == 0:
            offered = insert(GoldAnswer).values(submission_id=found, reviewer_id=actor.user_id, ratings={}, note="")
            session.execute(offered.on_conflict_do_nothing())
            return
    service.take_next(session, actor, project_id, part)


def go_on(session: Session, actor: Actor, project_id: int, part: Narrowed = ALL) -> None:
    """The same, and what the reviewer decided and no worker has come to is carried out."""
    session.flush()  # the quick way does not
    if part.is_all and not queries.meets_known(session, project_id) and quick_take(session, actor, project_id):
        return
    take_next(session, actor, project_id, part)
    held.settle_own(session, actor)


def fits(submission: Submission | None, part: Narrowed) -> bool:
    """Whether there is something on the desk, of the part of the queue that is asked for."""
    return submission is not None and part.holds(submission)


def on_desk(session: Session, actor: Actor, project_id: int) -> Submission | None:
    """The known submission that lies before the reviewer, if one does."""
    if not queries.meets_known(session, project_id):
        return None
    found = session.scalar(queries.gold_for(actor, project_id, offered=True, unmet=False).limit(1))
    return get_submission_for(session, actor, found) if found else None


def is_open() -> ColumnElement[bool]:
    """Answers that a reviewer still owes."""
    return and_(GoldAnswer.decision.is_(None), GoldAnswer.answered_at.is_(None))


def decide(
    session: Session, actor: Actor, submission_id: int, wish: Wish, *, seconds: int
) -> Review | Opinion | Wish | None:
    """Decide on what lies on the desk: what is known is answered, everything else as `held.decide` does."""
    offered = answer_of(session, actor, submission_id)
    if offered is None:
        return held.decide(session, actor, submission_id, wish, seconds=seconds)
    wish = weigh(session, actor, submission_id, wish).wish
    if offered.decision is None:  # what was left to others may be decided on all the same, as any other
        answer(session, actor, offered, wish)
    elif said_of(offered) != (wish.decision, wish.ratings, wish.note, wish.missed):
        refuse_new(session, offered, seconds)
        did = DID[offered.decision]
        raise Conflict("review.already_decided", f"You have already {did}. Nothing of yours was stored.")
    return wish


def refuse_new(session: Session, offered: GoldAnswer, seconds: int) -> None:
    """Conflict while the answer can still be taken back, in the words in which it is said of any other decision."""
    if offered.decision and offered.answered_at and offered.answered_at + timedelta(seconds=seconds) > now(session):
        raise just_decided()


def answer_of(session: Session, actor: Actor, submission_id: int) -> GoldAnswer | None:
    """What the actor was offered and has answered or not; locked, so that a double click is answered once."""
    mine = select(GoldAnswer).where(GoldAnswer.submission_id == submission_id, GoldAnswer.reviewer_id == actor.user_id)
    return session.scalar(mine.with_for_update().execution_options(populate_existing=True))


def said_of(offered: GoldAnswer) -> tuple[object, ...]:
    """What was answered."""
    return offered.decision, offered.ratings, offered.note, offered.missed


def answer(session: Session, actor: Actor, offered: GoldAnswer, wish: Wish) -> None:
    """Keep what the reviewer decides. Nothing else comes of it."""
    offered.decision, offered.ratings, offered.note = wish.decision, dict(wish.ratings), wish.note
    offered.edited_messages, offered.missed, offered.answered_at = wish.edited, wish.missed, now(session)
    session.flush()
    submission = get_submission_for(session, actor, offered.submission_id)
    audit(session, actor, "review.gold_answered", submission, decision=wish.decision.value)


def skip(session: Session, actor: Actor, submission_id: int, *, seconds: int) -> None:
    """Leave what lies on the desk to others. What is known does not come again, and counts for nothing."""
    offered = answer_of(session, actor, submission_id)
    if offered is None:
        service.skip(session, actor, submission_id)
        return
    refuse_new(session, offered, seconds)
    if offered.answered_at is None:
        offered.answered_at = now(session)
        session.flush()


def undo(session: Session, actor: Actor, submission: Submission, *, seconds: int) -> Wish | None:
    """Take a decision back while that can be done: it lies on the desk again, and what lay there is put away.

    What was decided, rated, noted and edited; None where it was left to others, or taken back before.
    """
    offered = answer_of(session, actor, submission.id)
    if offered is None and skips.was_left(session, actor, submission.id):
        skips.undo(session, actor, submission.id, seconds=seconds)
        put_away(session, actor, submission.project_id)
        return None
    if offered is None:
        wish = held.undo(session, actor, submission.id)
        if wish is not None:
            put_away(session, actor, submission.project_id)
        return wish
    if offered.answered_at is None:
        return None
    if offered.answered_at + timedelta(seconds=seconds) <= now(session):
        raise held.carried_out() if offered.decision else skips.too_late()
    put_away(session, actor, submission.project_id)
    held.clear_desk(session, actor, submission.project_id)
    wish = None
    if offered.decision is not None:
        wish = Wish(offered.decision, 0, offered.ratings, offered.note, offered.edited_messages, offered.missed)
    offered.decision, offered.ratings, offered.note = None, {}, ""
    offered.edited_messages, offered.missed, offered.answered_at = None, "", None
    session.flush()
    audit(session, actor, "review.gold_undone", submission)
    return wish


def put_away(session: Session, actor: Actor, project_id: int) -> None:
    """Take what is known from the desk, unanswered; it may come again."""
    here = select(GoldItem.submission_id).where(GoldItem.project_id == project_id)
    unanswered = and_(GoldAnswer.reviewer_id == actor.user_id, GoldAnswer.submission_id.in_(here), is_open())
    session.execute(delete(GoldAnswer).where(unanswered))


def newest_answer() -> Select[datetime, Decision | None, int, list[dict[str, Any]], int]:
    """The latest answer, or skip, of a `person` that can be taken back for so many `seconds`: as `newest_held`."""
    until = GoldAnswer.answered_at + func.make_interval(0, 0, 0, 0, 0, 0, bindparam("seconds"))
    left = func.ceil(func.extract("epoch", until - func.clock_timestamp()))
    mine = select(
        until.label("until"),
        GoldAnswer.decision,
        GoldAnswer.submission_id,
        Revision.prompt_messages,
        cast(left, BigInteger).label("seconds"),
    )
    mine = mine.join(GoldItem, GoldItem.submission_id == GoldAnswer.submission_id)
    mine = mine.join(Revision, Revision.id == GoldItem.revision_id)
    mine = mine.where(GoldItem.project_id == bindparam("project"), GoldAnswer.reviewer_id == bindparam("person"))
    return mine.where(left > 0).order_by(GoldAnswer.answered_at.desc()).limit(1)


def calibration(session: Session, actor: Actor, project_id: int, *, seconds: int) -> Calibration:
    """How the actor did, told only of what can no longer be taken back."""
    over = func.clock_timestamp() - timedelta(seconds=seconds)
    mine = and_(
        GoldItem.project_id == project_id,
        GoldAnswer.reviewer_id == actor.user_id,
        GoldAnswer.decision.is_not(None),
        GoldAnswer.answered_at <= over,
    )
    both = GoldItem.submission_id == GoldAnswer.submission_id
    agreed = func.count().filter(GoldAnswer.decision == GoldItem.decision)
    counted = session.execute(select(agreed, func.count()).select_from(GoldAnswer).join(GoldItem, both).where(mine))
    latest = select(GoldAnswer, GoldItem, Submission).join(GoldItem, both)
    latest = latest.join(Submission, Submission.id == GoldItem.submission_id).where(mine)
    latest = latest.options(joinedload(Submission.prompt)).order_by(GoldAnswer.answered_at.desc()).limit(SHOWN)
    return Calibration(*counted.one(), latest=[(one[0], one[1], one[2]) for one in session.execute(latest)])


def now(session: Session) -> datetime:
    """The clock of the database, also within a long transaction."""
    read: datetime = session.scalars(select(func.clock_timestamp())).one()
    return read
