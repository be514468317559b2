"""How far are the texts of a project? What every room has, read in SQL across rooms; nothing here writes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

# One row a project. What may be many is not counted but read from its tallies (decision 0013); drafts are as many as
# people have open, and their index holds no others.
COUNTED = """
SELECT p.id AS project_id, p.name, p.target, p.archived_at,
    kept.proposed, kept.open, drafts.drafting, drafts.writers, kept.in_review,
    (SELECT submitted_at FROM submissions WHERE project_id = p.id AND status = 'submitted'
        ORDER BY submitted_at LIMIT 1) AS oldest,
    kept.approved, kept.imported, kept.handed_in, kept.decided,
    version.id AS version_id, version.number AS version_number, version.rows AS version_rows, version.published_at,
    run.id AS run_id, run.number AS run_number, run.rows AS run_rows
FROM projects p
CROSS JOIN LATERAL (
    SELECT coalesce(sum(n) FILTER (WHERE what = 'proposed'), 0)::bigint AS proposed,
        coalesce(sum(n) FILTER (WHERE what = 'open'), 0)::bigint AS open,
        coalesce(sum(n) FILTER (WHERE what = 'in_review'), 0)::bigint AS in_review,
        coalesce(sum(n) FILTER (WHERE what = 'approved'), 0)::bigint AS approved,
        coalesce(sum(n) FILTER (WHERE what = 'imported'), 0)::bigint AS imported,
        coalesce(sum(n) FILTER (WHERE what = 'handed_in'), 0)::bigint AS handed_in,
        coalesce(sum(n) FILTER (WHERE what = 'decided'), 0)::bigint AS decided
    FROM tallies WHERE project_id = p.id
        AND (what NOT IN ('handed_in', 'decided') OR hour > now() - interval '7 days')) kept
CROSS JOIN LATERAL (
    SELECT count(*) AS drafting, count(DISTINCT writer_id) AS writers
    FROM assignments WHERE project_id = p.id AND status = 'drafting') drafts
LEFT JOIN LATERAL (
    SELECT v.id, v.number, v.published_at, counted.rows
    FROM versions v JOIN datasets d ON d.id = v.dataset_id AND d.kind = 'responses',
        LATERAL (SELECT sum(value::bigint)::bigint AS rows FROM jsonb_each_text(v.counts)) counted
    WHERE v.project_id = p.id AND v.status = 'published' ORDER BY v.id DESC LIMIT 1) version ON true
LEFT JOIN LATERAL (
    SELECT u.id, u.number, counted.rows
    FROM runs u JOIN versions v ON v.id = u.version_id
        JOIN datasets d ON d.id = v.dataset_id AND d.kind = 'responses',
        LATERAL (SELECT sum(value::bigint)::bigint AS rows FROM jsonb_each_text(v.counts)) counted
    WHERE u.project_id = p.id AND u.status = 'done' ORDER BY u.id DESC LIMIT 1) run ON true
WHERE p.id {which}
"""
COUNTS = text(COUNTED.format(which="= ANY(:projects)") + "ORDER BY p.id DESC")


@dataclass(frozen=True)
class Counts:
    """Where the texts of one project stand. `open` are responses that are wanted; `imported` are finished pairs,
    which no other count holds; `handed_in` and `decided` are of the last seven days, to the hour; the version and
    the run are the newest of responses, since pairs are no texts on this way."""

    project_id: int
    name: str
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
    archived_at: datetime | None = None


@dataclass(frozen=True)
class CategoryCount:
    """How many approved responses a category has, of how many that are wanted."""

    id: int
    name: str
    target: int
    approved: int


def counts(session: Session, project_ids: Collection[int]) -> list[Counts]:
    """The counts of these projects, the newest project first. For who has already been shown them."""
    rows = session.execute(COUNTS, {"projects": list(project_ids)})
    return [Counts(**row) for row in rows.mappings()]
