"""What the next task costs: the whole request, against the bare statement and against a route that does nothing.

Run: .venv/bin/python -m benchmarks.next_task
"""

from benchmarks.measure import rounds, show
from benchmarks.site import Site, site

BARE_CLAIM = """
UPDATE slots SET lease_holder_id = %(writer)s, lease_expires_at = now() + interval '1 hour'
WHERE id = (SELECT id FROM slots WHERE project_id = %(project)s AND filled_at IS NULL AND lease_holder_id IS NULL
            ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id
"""


def measured(here: Site, times: int = 100) -> dict[str, list[float]]:
    """Milliseconds of the next task by the API, of its one statement alone, and of an empty route."""
    with here.bare() as bare:

        def next_task() -> None:
            taken = here.client.post(f"/api/v1/projects/{here.project_id}/assignments", json={})
            assert taken.status_code in (200, 201), taken.text
            skipped = taken.json()["id"]
            with here.sessions.begin() as session:  # the writer has finished it: it is not offered again
                session.connection().exec_driver_sql(
                    f"UPDATE assignments SET status = 'handed_in' WHERE id = {skipped}"
                )

        return rounds(
            {
                "next task": next_task,
                "bare statement": lambda: bare.execute(
                    BARE_CLAIM, {"writer": here.admin_id, "project": here.project_id}
                ).fetchone(),
                "empty route": lambda: here.client.get("/health/live"),
            },
            times=times,
        )


def main() -> None:
    """Measure at a thousand and at a hundred thousand prompts."""
    results = {}
    for prompts in (1_000, 100_000):
        with site(prompts) as here:
            results[f"{prompts:,} prompts"] = measured(here)
    show("Next task", results, yardstick="empty route")


if __name__ == "__main__":
    main()
