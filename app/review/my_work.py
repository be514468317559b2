"""What became of one's own work: states, what reviewers said, what they changed, and how much is accepted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import Request
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts.doors import AppSettings, CurrentActor
from app.core.charts import Drawing, Table
from app.core.database import DB
from app.core.paging import CursorBook
from app.core.web import pages, render
from app.review.models import Review
from app.writing import queries, weeks
from app.writing.cards import SubmissionCard, submission_card
from app.writing.models import Revision, Submission

router = pages()


@dataclass(frozen=True)
class MyWorkPage:
    """What became of the actor's work, in all projects.

    By submission: `notes` are what the newest decision says, `minutes` how long it was typed at, where that is kept.
    """

    asked_to_mend: Sequence[SubmissionCard]
    submissions: Sequence[SubmissionCard]
    notes: Mapping[int, str]
    minutes: Mapping[int, int]
    older: str | None
    is_first: bool
    acceptance: str
    chart: Drawing
    chart_table: Table


@router.get("/my/submissions", name="review.my_work")
def my_work(
    request: Request, session: DB, actor: CurrentActor, settings: AppSettings, cursor: str | None = None
) -> Response:
    """What became of one's own work."""
    book = CursorBook(settings.signing_keys, "my_submissions", actor.user_id)
    rows = queries.list_own_submissions(session, actor, before=book.read(cursor))
    page = book.page(rows, position=lambda one: one.id)
    mend = queries.changes_asked_of(session, actor)
    here = str(request.app.url_path_for("review.my_work"))
    shown = weeks.weeks(session, actor)
    return render(
        request,
        MyWorkPage(
            asked_to_mend=[submission_card(one) for one in mend],
            submissions=[submission_card(one) for one in page.rows],
            notes=newest_notes(session, {one.id for one in (*mend, *page.rows)}),
            minutes=minutes_of(session, [one.id for one in page.rows]),
            older=f"{here}?cursor={page.next_cursor}" if page.next_cursor else None,
            is_first=cursor is None,
            acceptance=weeks.acceptance(shown),
            chart=weeks.drawing(shown),
            chart_table=weeks.table(shown),
        ),
    )


def newest_notes(session: Session, submission_ids: set[int]) -> dict[int, str]:
    """What the newest decision on each submission says to its author. Ask first whether they may be seen."""
    newest = select(func.max(Review.id)).where(Review.submission_id.in_(submission_ids)).group_by(Review.submission_id)
    said = select(Review.submission_id, Review.note).where(Review.id.in_(newest), Review.note != "")
    return {row.submission_id: row.note for row in session.execute(said)}


def minutes_of(session: Session, submission_ids: Sequence[int]) -> dict[int, int]:
    """For how many minutes, at least one, each was typed at up to its newest revision, where its project kept that."""
    newest = (Submission.id == Revision.submission_id) & (Submission.current_revision == Revision.number)
    seconds = Revision.provenance["active_seconds"].as_integer()
    kept = select(Submission.id, seconds).join(Revision, newest)
    kept = kept.where(Submission.id.in_(submission_ids), Revision.provenance.is_not(None))
    return {one: max(1, round(active / 60)) for one, active in session.execute(kept)}
