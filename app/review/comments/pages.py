"""The browser's door to comments: forms of the submission's page, the desk and the draft, which show the same list."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Form, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts.doors import CurrentActor, same_person
from app.core.database import DB
from app.core.web import pages, render, see_other
from app.projects.models import Project
from app.review.comments import comments
from app.review.comments.comments import Words
from app.review.comments.schemas import AnswerForm, ComingBackForm, CommentForm, ResolveForm
from app.review.mending import Mending, mending
from app.review.models import Comment
from app.review.narrowing import Wanted
from app.writing.models import Submission
from app.writing.queries import get_assignment_for

router = pages()


@dataclass(frozen=True)
class DraftCommentsPage:
    """What was said of what its writer puts right; nothing before a decision."""

    project: Project
    assignment_id: int
    beside: Mending | None


@router.get("/write/{assignment_id:id}/comments", name="review.draft_comments")
def draft_comments(request: Request, session: DB, actor: CurrentActor, assignment_id: int) -> Response:
    """What reviewers said of the words that are in the draft still, and of those that are gone; and what differs."""
    assignment = get_assignment_for(session, actor, assignment_id)
    beside = mending(session, actor, assignment)
    return render(request, DraftCommentsPage(assignment.project, assignment.id, beside))


@router.post("/submissions/{submission_id:id}/comments", name="review.comment")
def comment(
    request: Request, session: DB, actor: CurrentActor, submission_id: int, form: Annotated[CommentForm, Form()]
) -> Response:
    """Say something about a passage."""
    same_person(actor, form.user_id)
    words = Words(form.quote, form.part, form.turn, form.starts_at)
    made = comments.add(session, actor, submission_id, revision=form.revision, words=words, body=form.body)
    return back(request, session, made, form, form.revision)


@router.post("/comments/{comment_id:id}/answers", name="review.answer")
def answer(
    request: Request, session: DB, actor: CurrentActor, comment_id: int, form: Annotated[AnswerForm, Form()]
) -> Response:
    """Answer a comment in its place."""
    same_person(actor, form.user_id)
    return back(request, session, comments.answer(session, actor, comment_id, body=form.body), form, form.shown)


@router.post("/comments/{comment_id:id}/resolve", name="review.resolve")
def resolve(
    request: Request, session: DB, actor: CurrentActor, comment_id: int, form: Annotated[ResolveForm, Form()]
) -> Response:
    """Say that a comment is settled."""
    same_person(actor, form.user_id)
    return back(request, session, comments.resolve(session, actor, comment_id), form, form.shown)


def back(request: Request, session: Session, said: Comment, form: ComingBackForm, shown: int) -> Response:
    """To the comment, on the page from which it was said: the desk, the draft, or the revision that was shown."""
    query: dict[str, object] = {"revision": shown}
    if form.back == "desk":
        response = see_other(request, "review.index", project_id=said.project_id)
        query = {"view": form.view, **form.model_dump(include={*Wanted.model_fields})}
    elif form.back == "draft":
        assignment_id = session.get_one(Submission, said.submission_id).assignment_id
        response, query = see_other(request, "review.draft_comments", assignment_id=assignment_id), {}
    else:
        response = see_other(request, "review.submission", submission_id=said.submission_id)
    asked = urlencode({name: value for name, value in query.items() if value})
    response.headers["location"] += f"{'?' if asked else ''}{asked}#comment-{said.parent_id or said.id}"
    return response
