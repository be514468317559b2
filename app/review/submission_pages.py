"""What happened to one submission: its revisions, what changed between them, the decisions, and what may be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import CurrentActor, same_person
from app.accounts.models import User
from app.core.database import DB
from app.core.errors import NotFound
from app.core.web import pages, render, see_other
from app.projects.models import Project
from app.projects.queries import get_project_for
from app.review import example_pages, gold, my_work, queries
from app.review.comments import pages as comment_pages
from app.review.comments.threads import Thread, threads_for
from app.review.decided import Decided, decisions
from app.review.deciding.opinions import opinions_for, side_by_side
from app.review.desk import look
from app.review.desk.beside import typed
from app.review.models import GoldItem, Opinion, Part
from app.review.policy import can_decide, can_mark_gold, sees_reviewers
from app.review.schemas import PressedForm, RevisionNumber, View, WithdrawForForm
from app.writing import service as writing
from app.writing.models import Revision, Submission, SubmissionStatus, Withdrawal
from app.writing.policy import can_withdraw, can_withdraw_for
from app.writing.queries import get_submission_for
from app.writing.withdrawing import withdrawal_of

router = pages()
Number = Annotated[RevisionNumber | None, Query()]
WITHDRAWABLE = (SubmissionStatus.SUBMITTED, SubmissionStatus.CHANGES_REQUESTED, SubmissionStatus.APPROVED)


@dataclass(frozen=True)
class SubmissionPage:
    """One revision, as it is or against another, and everything that was decided."""

    project: Project
    submission: Submission
    revision: Revision
    against: int | None
    numbers: Sequence[tuple[int, str]]
    question: Sequence[look.Turn]
    response: Sequence[look.Turn]
    halves: Sequence[look.Halves]
    threads: Sequence[Thread]
    typed: dict[str, int] | None
    decisions: Sequence[Decided]
    gold: GoldItem | None
    may_mark_gold: bool
    opinions: Sequence[Opinion]
    opinion_rows: Sequence[tuple[str, Sequence[int | None]]]
    editor: str
    writer: str
    importer: str
    is_mine: bool
    is_open: bool
    may_recall: bool
    may_withdraw: bool
    may_withdraw_for: bool
    withdrawal: Withdrawal | None
    may_decide: bool


@router.get("/submissions/{submission_id:id}", name="review.submission")
def submission(
    request: Request,
    session: DB,
    actor: CurrentActor,
    submission_id: int,
    revision: Number = None,
    against: Number = None,
    side: bool = False,
) -> Response:
    """One submission, for its author and for reviewers; with `side` two revisions in columns."""
    shown = get_submission_for(session, actor, submission_id)
    project = get_project_for(session, actor, shown.project_id)
    return render(request, submission_page(session, actor, project, shown, revision, against, side=side))


@router.post("/submissions/{submission_id:id}/withdraw", name="review.withdraw")
def withdraw(
    request: Request, session: DB, actor: CurrentActor, submission_id: int, form: Annotated[PressedForm, Form()]
) -> Response:
    """Take back what nobody has decided on."""
    same_person(actor, form.user_id)
    writing.withdraw(session, actor, submission_id)
    return see_other(request, "review.submission", submission_id=submission_id)


@router.post("/submissions/{submission_id:id}/withdraw-for", name="review.withdraw_for")
def withdraw_for(
    request: Request, session: DB, actor: CurrentActor, submission_id: int, form: Annotated[WithdrawForForm, Form()]
) -> Response:
    """Withdraw what another member wrote; they are told why."""
    same_person(actor, form.user_id)
    writing.withdraw_for(session, actor, submission_id, reason=form.reason)
    return see_other(request, "review.submission", submission_id=submission_id)


def submission_page(
    session: Session,
    actor: Actor,
    project: Project,
    submission: Submission,
    number: int | None,
    against: int | None,
    *,
    side: bool = False,
) -> SubmissionPage:
    """The page for whoever looks: its author, or a reviewer, to whom the author is a pseudonym."""
    chosen = revision_of(submission, number or submission.current_revision)
    if number is None and against is None and chosen.author_id != submission.author_id:
        against = chosen.number - 1  # a reviewer edited it: the page opens with what they changed
    before = revision_of(submission, against) if against else None
    runs = bool(can_mark_gold(actor, submission))
    known = gold.item_of(session, submission.id) if runs else None
    given = opinions_for(session, actor, submission, chosen.id)
    view = View.CHANGES if before else View.RAW
    is_mine = submission.author_id == actor.user_id
    threads = threads_for(session, actor, project, submission, chosen)
    recalled = is_mine and writing.is_recalled(session, submission.id)
    return SubmissionPage(
        project=project,
        submission=submission,
        revision=chosen,
        against=against,
        numbers=[(one.number, f"revision {one.number}") for one in submission.revisions],
        question=look.shown(
            view, Part.PROMPT, chosen.prompt_messages, before.prompt_messages if before else (), threads
        ),
        response=look.shown(view, Part.RESPONSE, chosen.messages, before.messages if before else (), threads),
        halves=look.halves(before, chosen) if before and side else [],
        threads=threads,
        typed=typed(project, chosen),
        decisions=decisions(session, actor, project, submission),
        gold=known,
        may_mark_gold=runs and bool(gold.can_be_known(submission)),
        opinions=given,
        opinion_rows=side_by_side(chosen.guidelines.rubric, given),
        editor=editor(session, actor, project, submission, chosen),
        writer="you" if is_mine else queries.pseudonym_of(session, project.id, submission.author_id),
        importer=session.get_one(User, submission.imported_by).name if submission.imported_by else "",
        is_mine=is_mine,
        is_open=submission.status is SubmissionStatus.CHANGES_REQUESTED or recalled,
        may_recall=not recalled and writing.may_be_recalled(session, actor, project, submission),
        may_withdraw=bool(can_withdraw(actor, submission)) and submission.status in WITHDRAWABLE,
        may_withdraw_for=bool(can_withdraw_for(actor, submission)) and submission.status in WITHDRAWABLE,
        withdrawal=withdrawal_of(session, submission),
        may_decide=bool(can_decide(actor, submission)) and submission.status is SubmissionStatus.SUBMITTED,
    )


def revision_of(submission: Submission, number: int) -> Revision:
    """The revision of that number. NotFound where there is none."""
    for revision in submission.revisions:
        if revision.number == number:
            return revision
    raise NotFound("review.no_such_revision", "This submission has no such revision.")


def editor(session: Session, actor: Actor, project: Project, submission: Submission, revision: Revision) -> str:
    """Who put the writer's text right in this revision, as this reader may see it; nothing where nobody did."""
    if revision.author_id == submission.author_id:
        return ""
    named = sees_reviewers(actor, project.id, shown_to_writers=project.show_reviewer_names)
    return session.get_one(User, revision.author_id).name if named else "a reviewer"


router.routes += comment_pages.router.routes
router.routes += my_work.router.routes
router.routes += example_pages.router.routes
