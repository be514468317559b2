"""The JSON door of comments."""

from typing import Annotated

from fastapi import Depends, Query
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.doors import CurrentActor, with_scope
from app.core.database import DB
from app.core.web import api
from app.projects.queries import get_project_for
from app.review.comments import comments
from app.review.comments.comments import Words
from app.review.comments.schemas import AnswerIn, CommentIn, CommentOut, CommentsOut, comment_out
from app.review.comments.threads import comment_for, threads_for
from app.review.deciding.wishes import revision_seen
from app.review.models import Comment
from app.review.schemas import RevisionNumber
from app.writing.queries import get_submission_for

router = api("review")
Reader = Annotated[Actor, Depends(with_scope("submissions:read"), scope="function")]


@router.get("/submissions/{submission_id:id}/comments", name="api.review.comments", response_model=CommentsOut)
def listed(
    session: DB, actor: Reader, submission_id: int, revision: Annotated[RevisionNumber | None, Query()] = None
) -> CommentsOut:
    """The comments on a submission, each with its place in one revision, the newest unless another is asked for."""
    submission = get_submission_for(session, actor, submission_id)
    project = get_project_for(session, actor, submission.project_id)
    shown = revision_seen(submission, revision or submission.current_revision)
    threads = threads_for(session, actor, project, submission, shown)
    return CommentsOut(revision=shown.number, comments=[comment_out(thread) for thread in threads])


@router.post(
    "/submissions/{submission_id:id}/comments", name="api.review.comment", response_model=CommentOut, status_code=201
)
def comment(session: DB, actor: CurrentActor, submission_id: int, given: CommentIn) -> CommentOut:
    """Say something about a passage."""
    words = Words(given.quote, given.part, given.turn, given.starts_at)
    made = comments.add(session, actor, submission_id, revision=given.revision, words=words, body=given.body)
    return whole(session, actor, made)


@router.post("/comments/{comment_id:id}/answers", name="api.review.answer", response_model=CommentOut, status_code=201)
def answer(session: DB, actor: CurrentActor, comment_id: int, given: AnswerIn) -> CommentOut:
    """Answer a comment; what comes back is the comment with all its answers."""
    return whole(session, actor, comments.answer(session, actor, comment_id, body=given.body))


@router.post("/comments/{comment_id:id}/resolve", name="api.review.resolve", response_model=CommentOut)
def resolve(session: DB, actor: CurrentActor, comment_id: int) -> CommentOut:
    """Say that a comment is settled."""
    return whole(session, actor, comments.resolve(session, actor, comment_id))


def whole(session: Session, actor: Actor, said: Comment) -> CommentOut:
    """The comment to which something was said, with its answers, placed in the newest revision."""
    first = said.parent_id or said.id
    _, submission = comment_for(session, actor, first)
    project = get_project_for(session, actor, submission.project_id)
    threads = threads_for(session, actor, project, submission, submission.revisions[-1])
    return next(comment_out(thread) for thread in threads if thread.first.comment.id == first)
