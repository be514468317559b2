"""What comparing two versions costs: a page and the file of every change, and whether the web process stays small.

Run: .venv/bin/python -m benchmarks.diff [ROWS ...]
"""

import time

import httpx2 as httpx
import psutil

from app.accounts.models import Role
from benchmarks.measure import show, sizes
from benchmarks.publish import approve_all
from benchmarks.site import Site, site

# The older version holds four rows in five; of those in both, one in ten is in another split.
TWO_VERSIONS = """
INSERT INTO datasets (project_id, name, rule, created_by) VALUES (%(project)s, 'Benchmark', '{}', %(admin)s);
INSERT INTO versions (project_id, dataset_id, number, status, rule, counts, progress, failure, created_by, published_at)
SELECT %(project)s, max(id), number, 'published', '{}', '{}', '', '', %(admin)s, now()
FROM datasets, generate_series(1, 2) number GROUP BY number ORDER BY number;
INSERT INTO version_rows (version_id, position, split, submission_id, revision_id, prompt_id)
SELECT v.id, row_number() OVER (PARTITION BY v.id ORDER BY s.id),
       CASE WHEN v.number = 1 AND s.id %% 10 = 0 THEN 'validation' ELSE 'train' END, s.id, r.id, s.prompt_id
FROM versions v, submissions s JOIN revisions r ON r.submission_id = s.id
WHERE v.number = 2 OR s.id %% 5 > 0;
ANALYZE
"""


def two_versions(here: Site) -> tuple[int, int]:
    """Ids of the newer and of the older version, made by SQL: what is measured begins after it."""
    values = {"project": here.project_id, "admin": here.admin_id}
    with here.bare() as bare:
        for statement in TWO_VERSIONS.split(";"):
            bare.execute(statement, values if "%(" in statement else {})
        newer, older = (row[0] for row in bare.execute("SELECT id FROM versions ORDER BY number DESC"))
    return newer, older


def timed(reviewer: httpx.Client, address: str) -> float:
    """Milliseconds until the whole answer is here; it is read and let go, piece by piece."""
    begun = time.perf_counter()
    with reviewer.stream("GET", address) as answer:
        assert answer.status_code == 200, answer.status_code
        for _ in answer.iter_raw():
            pass
    return (time.perf_counter() - begun) * 1000


def main() -> None:
    """Measure at a thousand and at a hundred thousand rows, or at as many as are asked for."""
    results = {}
    for rows in sizes((1_000, 100_000)):
        with site(rows) as here, here.people(1, Role.REVIEWER) as (reviewer,):
            approve_all(here)
            newer, older = two_versions(here)
            page, web = f"/versions/{newer}/diff/{older}?kind=added", psutil.Process(here.webs[0].pid)
            timed(reviewer, page)
            before = web.memory_info().rss
            results[f"{rows:,} rows"] = {
                "a page of what was added": [timed(reviewer, page) for _ in range(5)],
                "every change, as a file": [timed(reviewer, f"/versions/{newer}/diff/{older}/changes.jsonl")],
            }
            print(f"{rows:,} rows: the web process grew by {(web.memory_info().rss - before) / 1e6:.0f} MB.")
    show("Diff", results, yardstick="a page of what was added")


if __name__ == "__main__":
    main()
