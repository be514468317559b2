"""The rooms that a text passes as stages of a picture, each leading to a page that this reader may open."""

from fastapi import Request

from app.accounts.actor import Actor
from app.core.figures import Stage
from app.core.web import ago
from app.insights.pipeline import Counts

# Where a stage leads; a writer is led to their own work instead of rooms that only reviewers enter.
FOR_REVIEWERS = {"review.index", "review.history", "datasets.index", "training.index"}
FOR_WRITERS = {"review.index": "review.my_work", "review.history": "review.my_work"}


def stages(request: Request, actor: Actor, now: Counts) -> list[Stage]:
    """Open, drafting, in review, approved, in a version, trained."""
    writers = f"by {now.writers:,} writer{'' if now.writers == 1 else 's'} now" if now.writers else "nobody now"
    part = f"{100 * now.approved // now.target} % of the target" if now.target else "no target set"
    version = f"version {now.version_number}, {ago(now.published_at)}" if now.published_at else "none published yet"
    run = f"run {now.run_number}" if now.run_number else "no run yet"

    def to(route: str) -> str:
        """Where the stage leads this reader."""
        return address(request, actor, now.project_id, route)

    return [
        Stage("open", now.open, "responses still wanted", to("prompts.index"), waiting=True),
        Stage("drafting", now.drafting, writers, to("writing.index")),
        Stage("in review", now.in_review, oldest(now), to("review.index")),
        Stage("approved", now.approved, part, to("review.history"), target=now.target or None),
        Stage("in a version", now.version_rows or 0, version, to("datasets.index")),
        Stage("trained", now.run_rows or 0, run, to("training.index")),
    ]


def oldest(now: Counts) -> str:
    """Since when the oldest waits."""
    return f"the oldest handed in {ago(now.oldest)}" if now.oldest else "nothing waits"


def address(request: Request, actor: Actor, project_id: int, route: str) -> str:
    """Where a route leads this reader: the page itself, their own work, or the overview."""
    if route in FOR_REVIEWERS and not actor.reviews(project_id):
        if route in FOR_WRITERS:
            return str(request.app.url_path_for(FOR_WRITERS[route]))
        route = "insights.overview"
    return str(request.app.url_path_for(route, project_id=project_id))


def way_on(request: Request, actor: Actor, project_id: int, route: str) -> str | None:
    """Where a route leads, or None where this reader has no business there."""
    if not route or (route in FOR_REVIEWERS and not actor.reviews(project_id)):
        return None
    return address(request, actor, project_id, route)
