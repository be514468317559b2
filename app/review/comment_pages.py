"""The browser's door to comments: forms of the submission's page, and of the desk, which shows the same list."""

from typing import Annotated

from fastapi import Form, Request
from starlette.responses import Response

from app.accounts.doors import CurrentActor, same_person
from app.core.database import DB
from app.core.web import pages, see_other
from app.review import comments
from app.review.comment_schemas import AnswerForm, CommentForm, ResolveForm
from app.review.comments import Words
from app.review.models import Comment

router = pages()


@router.post("/submissions/{submission_id:id}/comments", name="review.comment")
def comment(
    request: Request, session: DB, actor: CurrentActor, submission_id: int, form: Annotated[CommentForm, Form()]
) -> Response:
    """Say something about a passage."""
    same_person(actor, form.user_id)
    words = Words(form.quote, form.part, form.turn, form.starts_at)
    made = comments.add(session, actor, submission_id, revision=form.revision, words=words, body=form.body)
    return back(request, made, form.revision)


@router.post("/comments/{comment_id:id}/answers", name="review.answer")
def answer(
    request: Request, session: DB, actor: CurrentActor, comment_id: int, form: Annotated[AnswerForm, Form()]
) -> Response:
    """Answer a comment in its place."""
    same_person(actor, form.user_id)
    return back(request, comments.answer(session, actor, comment_id, body=form.body), form.shown)


@router.post("/comments/{comment_id:id}/resolve", name="review.resolve")
def resolve(
    request: Request, session: DB, actor: CurrentActor, comment_id: int, form: Annotated[ResolveForm, Form()]
) -> Response:
    """Say that a comment is settled."""
    same_person(actor, form.user_id)
    return back(request, comments.resolve(session, actor, comment_id), form.shown)


def back(request: Request, said: Comment, shown: int) -> Response:
    """To the comment, beside the revision that was shown."""
    response = see_other(request, "review.submission", submission_id=said.submission_id)
    response.headers["location"] += f"?revision={shown}#comment-{said.parent_id or said.id}"
    return response
