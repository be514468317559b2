"""How far are the texts of a project? Counts of every room, read in SQL across rooms; nothing here writes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

# One row a project. "In the last week" looks at the newest 5,000 rows at most, so that its cost is bounded.
COUNTS = text("""
SELECT p.id AS project_id, p.name, p.target,
    (SELECT count(*) FROM prompts WHERE project_id = p.id AND status = 'proposed' AND NOT from_pair) AS proposed,
    (SELECT count(DISTINCT prompt_id) FROM slots WHERE project_id = p.id AND filled_at IS NULL) AS open,
    drafts.drafting, drafts.writers,
    waiting.in_review, waiting.oldest,
    (SELECT count(*) FROM submissions WHERE project_id = p.id AND status = 'approved') AS approved,
    (SELECT count(*) FROM (SELECT submitted_at FROM submissions WHERE project_id = p.id ORDER BY id DESC LIMIT 5000) s
        WHERE submitted_at > now() - interval '7 days') AS handed_in,
    (SELECT count(*) FROM (SELECT created_at FROM reviews WHERE project_id = p.id ORDER BY id DESC LIMIT 5000) r
        WHERE created_at > now() - interval '7 days') AS decided,
    version.id AS version_id, version.number AS version_number, version.rows AS version_rows, version.published_at,
    run.id AS run_id, run.number AS run_number, run.rows AS run_rows
FROM projects p
CROSS JOIN LATERAL (
    SELECT count(*) AS drafting, count(DISTINCT writer_id) AS writers
    FROM assignments WHERE project_id = p.id AND status = 'drafting') drafts
CROSS JOIN LATERAL (
    SELECT count(*) AS in_review, min(submitted_at) AS oldest
    FROM submissions WHERE project_id = p.id AND status = 'submitted') waiting
LEFT JOIN LATERAL (
    SELECT id, number, published_at, (SELECT count(*) FROM version_rows r WHERE r.version_id = v.id) AS rows
    FROM versions v WHERE project_id = p.id AND status = 'published' ORDER BY v.id DESC LIMIT 1) version ON true
LEFT JOIN LATERAL (
    SELECT u.id, u.number, (SELECT count(*) FROM version_rows r WHERE r.version_id = u.version_id) AS rows
    FROM runs u WHERE u.project_id = p.id AND u.status = 'done' ORDER BY u.id DESC LIMIT 1) run ON true
WHERE p.id = ANY(:projects)
ORDER BY p.id DESC
""")

BY_CATEGORY = text("""
SELECT c.id, c.name, c.target, count(s.id) AS approved
FROM categories c
LEFT JOIN submissions s ON s.project_id = c.project_id AND s.category_id = c.id AND s.status = 'approved'
WHERE c.project_id = :project
GROUP BY c.id
ORDER BY c.name, c.id
""")


@dataclass(frozen=True)
class Counts:
    """Where the texts of one project stand. `handed_in` and `decided` are of the last seven days."""

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
    handed_in: int
    decided: int
    version_id: int | None
    version_number: int | None
    version_rows: int | None
    published_at: datetime | None
    run_id: int | None
    run_number: int | None
    run_rows: int | None


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


def by_category(session: Session, project_id: int) -> list[CategoryCount]:
    """Every category of a project by name."""
    return [CategoryCount(**row) for row in session.execute(BY_CATEGORY, {"project": project_id}).mappings()]
