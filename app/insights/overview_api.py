"""The JSON door to how far a project is, and what holds it back."""

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import Depends

from app.accounts.actor import Actor
from app.accounts.doors import with_scope
from app.core.database import DB
from app.core.web import Out, api
from app.evaluation.queries import what_next_in
from app.insights import pace
from app.insights.narrow import narrow_place
from app.insights.pages import judged_twice
from app.insights.standing import standing
from app.review.deciding import stuck
from app.review.history.evening import in_short

router = api("insights")
Reader = Annotated[Actor, Depends(with_scope("projects:read"), scope="function")]


class CountsOut(Out):
    """Where the texts of a project stand. `open` are responses that are wanted; `imported` finished pairs, which no
    other count holds; `handed_in` and `decided` are of the last seven days; version and run are the newest."""

    target: int
    proposed: int
    open: int
    drafting: int
    writers: int
    in_review: int
    oldest: datetime | None
    approved: int
    imported: int
    handed_in: int
    decided: int
    version_id: int | None
    version_number: int | None
    version_rows: int | None
    published_at: datetime | None
    run_id: int | None
    run_number: int | None
    run_rows: int | None


class CategoryCountOut(Out):
    """A category, how many approved responses it has, and how many are wanted."""

    id: int
    name: str
    target: int
    approved: int


class NarrowOut(Out):
    """What holds the project back, and what that is told from."""

    finding: str
    because: str


class PointOut(Out):
    """How many responses were approved in all by the end of a step."""

    at: datetime
    total: int


class ForecastOut(Out):
    """When the target is reached at the pace of so many last weeks; `latest` is null where that may be never."""

    weeks: int
    earliest: date
    latest: date | None


class OverviewOut(Out):
    """How far a project is. Sentences are empty, and values null, where there is nothing to say."""

    counts: CountsOut
    categories: list[CategoryCountOut]
    narrow: NarrowOut
    stuck: str
    agreement: str
    growth_by: str
    growth: list[PointOut]
    forecast: ForecastOut | None
    said_of_forecast: str
    questions: int
    write_next: str


def may_read(actor: Actor, room: str) -> bool:
    """Whether a token, if it is one that asks, may read this room."""
    return actor.scopes is None or f"{room}:read" in actor.scopes


@router.get("/projects/{project_id:id}/overview", name="api.insights.overview")
def overview(session: DB, actor: Reader, project_id: int) -> OverviewOut:
    """How far the project is, and what holds it back.

    A token learns of `agreement` what it may read of reviews, and of `write_next` what it may of runs.
    """
    found, today = standing(session, actor, project_id), datetime.now(UTC)
    now, growing, ahead = found.counts, found.growth, found.forecast(today.date())
    may_follow = found.is_reported and may_read(actor, "runs")
    following = what_next_in(session, actor, project_id) if may_follow else None
    is_judged_twice = may_read(actor, "reviews") and judged_twice(actor, found.project)
    return OverviewOut(
        counts=CountsOut.model_validate(now),
        categories=[CategoryCountOut.model_validate(one) for one in found.categories],
        narrow=NarrowOut.model_validate(narrow_place(now, today)),
        stuck=stuck.in_words(stuck.stuck(session, actor, project_id)),
        agreement=in_short(session, project_id) if is_judged_twice else "",
        growth_by=growing.step,
        growth=[PointOut.model_validate(one) for one in growing.points],
        forecast=ForecastOut.model_validate(ahead) if ahead else None,
        said_of_forecast=pace.forecast_sentence(ahead, approved=now.approved, target=now.target),
        questions=found.questions,
        write_next=following.finding if following else "",
    )
