"""What can be said about a passage: a comment on it, an answer in its place, and that it is settled."""

from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.audit import record
from app.core.database import change_one
from app.core.errors import Conflict
from app.review.comments.passages import Passage, passage_in
from app.review.comments.threads import comment_for
from app.review.deciding import told
from app.review.deciding.wishes import revision_seen
from app.review.models import Comment, Part
from app.review.policy import can_comment
from app.writing.models import Submission
from app.writing.queries import get_submission_for
from app.writing.service import lock_work

COMMENTS_LIMIT = 300


@dataclass(frozen=True)
class Words:
    """Where the commented words stand, as far as the one who comments says so: all but `quote` may be left out.

    Without a place the words are looked for in the response, then in the prompt; they must stand there once.
    """

    quote: str
    part: Part | None = None
    turn: int | None = None
    starts_at: int | None = None


def add(session: Session, actor: Actor, submission_id: int, *, revision: int, words: Words, body: str) -> Comment:
    """Say something about a passage of one revision. Invalid where the words do not stand there, or in many places."""
    submission = get_submission_for(session, actor, submission_id)
    can_comment(actor, submission).require()
    seen = revision_seen(submission, revision)
    passage = passage_in(seen, words.quote, words.part, words.turn, words.starts_at)
    return store(session, actor, submission, seen.id, passage, body, parent_id=None)


def answer(session: Session, actor: Actor, comment_id: int, *, body: str) -> Comment:
    """Answer a comment where it stands; an answer to an answer joins the same row."""
    said, submission = comment_for(session, actor, comment_id)
    can_comment(actor, submission).require()
    passage = Passage(said.part, said.turn, said.starts_at, said.ends_at, said.quote)
    return store(session, actor, submission, said.revision_id, passage, body, parent_id=said.parent_id or said.id)


def resolve(session: Session, actor: Actor, comment_id: int) -> Comment:
    """Say that a comment is settled. Conflict where somebody has said so already."""
    said, submission = comment_for(session, actor, comment_id)
    can_comment(actor, submission).require()
    first = said.parent_id or said.id
    still_open = update(Comment).where(Comment.id == first, Comment.resolved_at.is_(None))
    settled = Conflict("review.already_resolved", "Somebody has already settled this comment.")
    change_one(session, still_open.values(resolved_at=func.now(), resolved_by=actor.user_id), otherwise=settled)
    audit(session, actor, "review.comment_resolved", submission, first)
    return session.get_one(Comment, first, populate_existing=True)


def store(
    session: Session,
    actor: Actor,
    submission: Submission,
    revision_id: int,
    passage: Passage,
    body: str,
    *,
    parent_id: int | None,
) -> Comment:
    """Write it down; the caller has asked whether it may be. Conflict where a text has all the comments it can bear."""
    lock_work(session, submission.id)
    counted = select(func.count()).select_from(Comment).where(Comment.submission_id == submission.id)
    if (session.scalar(counted) or 0) >= COMMENTS_LIMIT:
        raise Conflict("review.too_many_comments", f"This text has {COMMENTS_LIMIT} comments; settle it by a decision.")
    made = Comment(
        project_id=submission.project_id,
        submission_id=submission.id,
        revision_id=revision_id,
        author_id=actor.user_id,
        parent_id=parent_id,
        part=passage.part,
        turn=passage.turn,
        starts_at=passage.starts_at,
        ends_at=passage.ends_at,
        quote=passage.quote,
        body=body,
        created_at=func.clock_timestamp(),  # now that it is this one's turn: after the revision that is newest
    )
    session.add(made)
    session.flush()
    audit(session, actor, "review.comment_answered" if parent_id else "review.commented", submission, made.id)
    told.commented(session, actor, submission)
    return made


def audit(session: Session, actor: Actor, action: str, submission: Submission, comment_id: int) -> None:
    """Who said something about which submission; never what."""
    record(
        session,
        action,
        "comment",
        comment_id,
        actor_id=actor.user_id,
        origin=actor.origin,
        project_id=submission.project_id,
        submission=submission.id,
    )
