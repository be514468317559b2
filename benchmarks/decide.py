"""What a reviewer waits for: taking the next submission and approving it, against their bare statements.

Run: .venv/bin/python -m benchmarks.decide [submissions …]
"""

import json
from collections.abc import Callable

from app.accounts.models import Role
from benchmarks.measure import rounds, show
from benchmarks.site import Site, at_sizes, rated

BARE_TAKE = """
UPDATE submissions SET lease_holder_id = %(reviewer)s, lease_expires_at = now() + interval '1 hour'
WHERE id = (SELECT id FROM submissions
            WHERE project_id = %(project)s AND status = 'submitted' AND lease_holder_id IS NULL
            ORDER BY submitted_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id
"""
BARE_APPROVE = """
WITH decided AS (
    UPDATE submissions SET status = 'approved', decided_at = now(), lease_holder_id = NULL, lease_expires_at = NULL
    WHERE id = %(id)s AND status = 'submitted' RETURNING id, project_id
)
INSERT INTO reviews (project_id, submission_id, revision_id, reviewer_id, decision, ratings, note)
SELECT d.project_id, d.id, r.id, %(reviewer)s, 'approved', %(ratings)s, ''
FROM decided d JOIN revisions r ON r.submission_id = d.id
"""


def measured(here: Site, times: int = 100) -> dict[str, list[float]]:
    """Milliseconds of taking and approving by the API, of the bare statements, and of an empty route."""
    taken: dict[str, int] = {}
    with here.bare() as bare, here.people(1, Role.REVIEWER) as (reviewer,):

        def take() -> None:
            answer = reviewer.post(f"/api/v1/projects/{here.project_id}/review/next")
            assert answer.status_code == 200, answer.text
            taken.update(ours=answer.json()["submission"]["submission_id"])

        def approve() -> None:
            body = {"decision": "approved", "revision": 1, "ratings": ratings}
            answer = reviewer.post(f"/api/v1/submissions/{taken['ours']}/reviews", json=body)
            assert answer.status_code == 201, answer.text

        def bare_take() -> None:
            row = bare.execute(BARE_TAKE, {"reviewer": here.admin_id, "project": here.project_id}).fetchone()
            assert row, "enough is waiting"
            taken.update(bare=row[0])

        def bare_approve() -> None:
            bare.execute(BARE_APPROVE, {"id": taken["bare"], "reviewer": here.admin_id, "ratings": json.dumps(ratings)})

        ratings = rated(here)
        actions: dict[str, Callable[[], object]] = {
            "take": take,
            "approve": approve,
            "bare take": bare_take,
            "bare approve": bare_approve,
            "empty route": lambda: reviewer.get("/health/live"),
        }
        return rounds(actions, times=times)


def main() -> None:
    """Measure at the sizes that are asked for, else at a thousand and at a hundred thousand submissions."""
    results = at_sizes(measured)
    show("Review", results, yardstick="empty route")


if __name__ == "__main__":
    main()
