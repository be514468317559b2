"""How far is a project? All that its overview tells, in one statement of SQL across rooms. Nothing here writes."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.hot import as_read, ask_one
from app.insights import pace
from app.insights.pace import Forecast, Growth
from app.insights.pipeline import COUNTED, CategoryCount, Counts
from app.projects.models import Project
from app.projects.queries import require_member
from app.prompts.policy import can_see_questions

QUESTIONS_LIMIT = 100
# Approvals are tallied by the hour (decision 0013), so a day or a week here is whole hours. `weekly` has a number for
# each whole week since the first approval, the newest first; weeks of nothing count.
STANDING = text(f"""
WITH approved AS MATERIALIZED (
    SELECT hour, n::int AS n, extract(epoch FROM now() - hour)::int / 604800 AS ago
    FROM tallies WHERE project_id = :project AND what = 'approved' AND hour > 'epoch'
), lived AS (
    SELECT max(ago) AS weeks, CASE WHEN max(hour) - min(hour) >= interval '60 days' THEN 'week'
        WHEN max(hour) - min(hour) >= interval '2 days' THEN 'day' ELSE 'hour' END AS step
    FROM approved WHERE n > 0
), grown AS (
    SELECT date_trunc(step, hour) AS at, sum(n) AS n FROM approved, lived GROUP BY 1 HAVING sum(n) <> 0
)
SELECT counted.*, j.reviews_per_response, j.gold_every, lived.step,
    ARRAY(SELECT at FROM grown ORDER BY at) AS moments, ARRAY(SELECT n FROM grown ORDER BY at) AS grew,
    ARRAY(
        SELECT coalesce(sum(n), 0)
        FROM generate_series(0, least({pace.WEEKS}, lived.weeks) - 1) AS week (ago) LEFT JOIN approved USING (ago)
        WHERE lived.weeks > 0 GROUP BY ago ORDER BY ago) AS weekly,
    (SELECT jsonb_agg(jsonb_build_array(id, name, target, approved) ORDER BY name, id)
        FROM categories WHERE project_id = j.id) AS categories,
    (SELECT count(*) FROM (
        SELECT FROM prompt_questions WHERE project_id = j.id AND parent_id IS NULL AND answered_at IS NULL
        LIMIT {QUESTIONS_LIMIT}) open) AS questions,
    EXISTS (SELECT FROM reports r JOIN runs u ON u.id = r.run_id WHERE u.project_id = j.id) AS is_reported
FROM ({COUNTED.format(which="= :project")}) counted JOIN projects j ON j.id = counted.project_id, lived
""")  # noqa: S608 - every part is a constant


@dataclass(frozen=True)
class Standing:
    """How far a project is. `weekly`: approvals in each of its last whole weeks, the newest first, six at most.

    `questions` are those open, up to 100, for who answers them. `is_reported`: a run of it has a report.
    """

    project: Project
    counts: Counts
    growth: Growth
    weekly: Sequence[int]
    categories: Sequence[CategoryCount]
    questions: int
    is_reported: bool

    def forecast(self, today: date) -> Forecast | None:
        """When the target is reached, at the pace of those weeks."""
        return pace.forecast_from(self.weekly, rest=self.counts.target - self.counts.approved, today=today)


def standing(session: Session, actor: Actor, project_id: int) -> Standing:
    """How far a project is. NotFound where it does not exist for this actor."""
    require_member(actor, project_id)
    found = ask_one(session, STANDING, {"project": project_id}, alone=True)
    now = Counts(**{field.name: getattr(found, field.name) for field in fields(Counts)})
    project = as_read(
        session, Project, project_id,
        id=project_id, name=now.name, target=now.target, reviews_per_response=found.reviews_per_response,
        gold_every=found.gold_every, archived_at=now.archived_at,
    )  # fmt: skip
    return Standing(
        project=project,
        counts=now,
        growth=pace.grown(found.step, found.moments, found.grew),
        weekly=found.weekly,
        categories=[CategoryCount(*one) for one in found.categories or ()],
        questions=found.questions if can_see_questions(actor, project_id) else 0,
        is_reported=found.is_reported,
    )
