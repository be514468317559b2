"""A reviewer puts a few words right and approves: the page on which they do so, and what it sends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Form, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts.doors import AppSettings, CurrentActor, same_person
from app.core.database import DB
from app.core.errors import Conflict, Invalid
from app.core.web import pages, render
from app.projects.consents import require_consent
from app.projects.models import Project
from app.review import gold, queries
from app.review.deciding.wishes import Wish, revision_seen
from app.review.desk import look
from app.review.desk.answers import Refusal, open_queue, refusal_of, to_queue, too_late
from app.review.desk.desk import in_words
from app.review.desk.sheets import unseal
from app.review.models import Decision, Part
from app.review.narrowing import ALL, Narrowed, narrowed
from app.review.policy import can_decide, can_edit
from app.review.schemas import DecisionForm, EditForm, View
from app.writing.models import Revision, Submission
from app.writing.queries import get_submission_for

router = pages()
WHO = {"assistant": "The response", "user": "What the user says next"}


@dataclass(frozen=True)
class Field:
    """One turn as it is edited, and as it is stored."""

    id: str
    label: str
    text: str
    stored: str


@dataclass(frozen=True)
class EditPage:
    """A response to put right, with all that an approval needs."""

    project: Project
    submission: Submission
    revision: Revision
    writer: str
    question: Sequence[look.Turn]
    sheet: str
    fields: Sequence[Field]
    criteria: Sequence[look.Criterion]
    note: str
    part: Narrowed
    refusal: Refusal | None


@router.get("/sheets/{sheet}/edit", name="review.edit")
def edit(request: Request, session: DB, actor: CurrentActor, settings: AppSettings, sheet: str) -> Response:
    """The newest revision, to be put right and approved."""
    submission = get_submission_for(session, actor, unseal(settings.signing_keys, sheet))
    project = open_queue(session, actor, submission.project_id)
    can_decide(actor, submission).require()
    can_edit(project, submission).require()
    require_consent(session, actor, project)
    return render(request, edit_page(session, project, submission, submission.revisions[-1], sheet))


@router.post("/sheets/{sheet}/edit", name="review.approve_edited")
def approve_edited(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    sheet: str,
    form: Annotated[EditForm, Form()],
) -> Response:
    """Approve the text as it was put right, as a revision of the reviewer's, and go on to the next submission."""
    same_person(actor, form.user_id)
    submission = get_submission_for(session, actor, unseal(settings.signing_keys, sheet))
    project = open_queue(session, actor, submission.project_id)
    can_decide(actor, submission).require()
    seen, part = revision_seen(submission, form.revision), narrowed(session, project, form, on_page=True)
    try:
        with session.begin_nested():
            wish = Wish(Decision.APPROVED, form.revision, form.ratings, form.note, put_right(seen, form.response))
            made = gold.decide(session, actor, submission.id, wish, seconds=settings.undo_seconds)
    except Invalid as error:
        page = edit_page(
            session, project, submission, seen, sheet, texts=form.response, note=form.note, ratings=form.ratings,
            part=part, refusal=refusal_of(request, error, seen.guidelines.rubric),
        )  # fmt: skip
        return render(request, page, template="review/edit.html", status=error.status)
    except Conflict as error:
        return too_late(request, project, submission, error, form.note, form.response)
    gold.go_on(session, actor, project.id, part)
    return to_queue(request, project.id, part, say=in_words(made, seen) if made and not settings.undo_seconds else "")


def edit_page(
    session: Session,
    project: Project,
    submission: Submission,
    seen: Revision,
    sheet: str,
    *,
    texts: Sequence[str] = (),
    note: str = "",
    ratings: Mapping[str, Any] | None = None,
    part: Narrowed = ALL,
    refusal: Refusal | None = None,
) -> EditPage:
    """The page with what was filled in before: `texts` are the turns, those that were seen where there are none."""
    shown = texts or [turn["content"] for turn in seen.messages]
    return EditPage(
        project=project,
        submission=submission,
        revision=seen,
        writer=queries.pseudonym_of(session, project.id, submission.author_id),
        question=look.shown(View.RAW, Part.PROMPT, seen.prompt_messages),
        sheet=sheet,
        fields=[
            Field(f"response-{at}", WHO.get(turn["role"], turn["role"]), text, turn["content"])
            for at, (turn, text) in enumerate(zip(seen.messages, shown, strict=False), 1)
        ],
        criteria=look.criteria(seen.guidelines.rubric, ratings or {}),
        note=note,
        part=part,
        refusal=refusal,
    )


def opened(session: Session, project: Project, submission: Submission, form: DecisionForm, sheet: str) -> EditPage:
    """The page as it opens from the desk, with what was filled in there."""
    seen = revision_seen(submission, form.revision)
    part = narrowed(session, project, form, on_page=True)
    return edit_page(session, project, submission, seen, sheet, note=form.note, ratings=form.ratings, part=part)


def undone(
    session: Session, project: Project, submission: Submission, wish: Wish, part: Narrowed, sheet: str
) -> EditPage:
    """The page after an undo, with the text as the reviewer had put it right."""
    texts = [turn["content"] for turn in wish.edited or ()]
    return edit_page(
        session, project, submission, submission.revisions[-1], sheet, texts=texts, note=wish.note,
        ratings=wish.ratings, part=part,
    )  # fmt: skip


def put_right(seen: Revision, texts: Sequence[str]) -> list[dict[str, Any]]:
    """The turns with their new texts. One that was not touched keeps the line ends that a browser cannot show."""
    if len(texts) != len(seen.messages):
        raise Invalid("review.turns", "Edit the turns that are there; none can be added or left out.")
    return [
        turn if text == as_browsers_send(turn["content"]) else {**turn, "content": text}
        for turn, text in zip(seen.messages, texts, strict=True)
    ]


def as_browsers_send(text: str) -> str:
    """A text as it comes back from a field in which nobody has typed."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
