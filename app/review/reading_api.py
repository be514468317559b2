"""The JSON door to what is read of review: figures of a project, decisions on one text, one's own work, examples."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Depends

from app.accounts.actor import Actor
from app.accounts.doors import AppSettings, CurrentActor, with_scope
from app.core.database import DB
from app.core.paging import CursorBook
from app.core.table_out import TableOut
from app.core.web import Out, api
from app.projects.queries import get_project_for
from app.review import examples as found_examples
from app.review import queries
from app.review.deciding.opinions import opinions_for
from app.review.history.evening import evening
from app.review.my_work import minutes_of, newest_notes
from app.review.policy import can_review, sees_reviewers
from app.review.schemas import ReviewOut, review_out
from app.writing import queries as work
from app.writing import weeks
from app.writing.lengths import usual
from app.writing.queries import get_submission_for
from app.writing.schemas import SubmissionLine
from app.writing.withdrawing import withdrawal_of

router = api("review")
ReviewReader = Annotated[Actor, Depends(with_scope("reviews:read"), scope="function")]


class FactOut(Out):
    """One figure: its name, what it is, the reader's own beside it, and how it is computed."""

    name: str
    value: str
    own: str
    how: str


class MissedOut(Out):
    """A part of the guidelines, and how many returns name it."""

    name: str
    returns: int


class FiguresOut(Out):
    """How a project decides, over its newest decisions. `agreed`: how far two reviewers agree, in a sentence.

    `agreement` and `pairs` hold that in numbers; they are null where nobody judged the same, or it is not to be seen.
    """

    shares: dict[str, int]
    facts: list[FactOut]
    missed: list[MissedOut]
    agreed: str
    agreement: TableOut | None
    pairs: TableOut | None


class WithdrawalOut(Out):
    """An administrator withdrew a response for its writer, and why."""

    reason: str
    created_at: datetime


class DecidedOut(Out):
    """What was decided on a submission, oldest first; `reviewer` is nobody's name where the reader may not know it.

    `opinions` are those on the newest revision, where a project asks for two, as far as the reader may see them.
    """

    reviews: list[ReviewOut]
    opinions: list[ReviewOut]
    withdrawal: WithdrawalOut | None


class MyLine(SubmissionLine):
    """What I handed in: `note` is what the newest decision says, `minutes` how long I typed, where that is kept."""

    note: str
    minutes: int | None


class WeekOut(Out):
    """What was first handed in in the week from `monday` on, and what has become of it."""

    monday: date
    handed_in: int
    decided: int
    approved: int


class MyWorkOut(Out):
    """A page of what I handed in, newest first; how much of the last eight weeks was accepted, in a sentence too."""

    submissions: list[MyLine]
    next_cursor: str | None
    acceptance: str
    weeks: list[WeekOut]


class UsualOut(Out):
    """How long the middle half of what was approved is, as the count below the sheet counts it."""

    counted: int
    lower: int
    upper: int
    unit: str


class ExampleOut(Out):
    """A good response, as it was approved; nobody is named."""

    prompt_messages: list[dict[str, Any]]
    messages: list[dict[str, Any]]


class ExamplesOut(Out):
    """What is usual in a category, once enough is approved, and at most two good responses of it."""

    usual: UsualOut | None
    examples: list[ExampleOut]


@router.get("/projects/{project_id:id}/review/figures", name="api.review.figures")
def figures(session: DB, actor: ReviewReader, project_id: int) -> FiguresOut:
    """How a project decides: how fast, how much alike, and which rules returns name."""
    project = get_project_for(session, actor, project_id)
    can_review(actor, project_id).require()
    now = evening(session, actor, project)
    return FiguresOut(
        shares={decision.value: many for decision, many in queries.latest_shares(session, actor, project_id).items()},
        facts=[FactOut.model_validate(one) for one in now.facts],
        missed=[MissedOut.model_validate(one) for one in now.lines],
        agreed=now.agreed,
        agreement=TableOut.model_validate(now.table) if now.table else None,
        pairs=TableOut.model_validate(now.pairs) if now.pairs else None,
    )


@router.get("/submissions/{submission_id:id}/reviews", name="api.review.decided")
def decided(session: DB, actor: ReviewReader, submission_id: int) -> DecidedOut:
    """What was decided on a submission, for its author and for reviewers."""
    submission = get_submission_for(session, actor, submission_id)
    project = get_project_for(session, actor, submission.project_id)
    named = sees_reviewers(actor, project.id, shown_to_writers=project.show_reviewer_names)
    newest = submission.revisions[-1]
    gone = withdrawal_of(session, submission)
    return DecidedOut(
        reviews=[
            review_out(one, one.revision.number, one.reviewer.name if named else "A reviewer")
            for one in queries.reviews_of(session, submission.id)
        ],
        opinions=[
            review_out(one, newest.number, one.reviewer.name)
            for one in opinions_for(session, actor, submission, newest.id)
        ],
        withdrawal=WithdrawalOut.model_validate(gone) if gone else None,
    )


@router.get("/my/submissions", name="api.review.my_work")
def my_work(session: DB, actor: CurrentActor, settings: AppSettings, cursor: str | None = None) -> MyWorkOut:
    """What became of your own work, in all projects, 20 submissions at a time."""
    book = CursorBook(settings.signing_keys, "api.my_submissions", actor.user_id)
    page = book.page(work.list_own_submissions(session, actor, before=book.read(cursor)), position=lambda one: one.id)
    notes = newest_notes(session, {one.id for one in page.rows})
    minutes = minutes_of(session, [one.id for one in page.rows])
    shown = weeks.weeks(session, actor)
    return MyWorkOut(
        submissions=[
            MyLine(
                **SubmissionLine.model_validate(one).model_dump(),
                note=notes.get(one.id, ""),
                minutes=minutes.get(one.id),
            )
            for one in page.rows
        ],
        next_cursor=page.next_cursor,
        acceptance=weeks.acceptance(shown),
        weeks=[WeekOut.model_validate(one) for one in shown],
    )


@router.get("/categories/{category_id:id}/examples", name="api.review.examples")
def examples(session: DB, actor: CurrentActor, category_id: int) -> ExamplesOut:
    """What a good response of a category looks like, where the project lets its writers see some."""
    project, category = found_examples.get_category_for(session, actor, category_id)
    now = usual(session, project.id, category.id)
    best = found_examples.best_rated(session, project, category)
    return ExamplesOut(
        usual=UsualOut.model_validate(now) if now else None,
        examples=[ExampleOut.model_validate(one) for one in best],
    )
