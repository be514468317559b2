"""The yardstick: the rows of an act, written or read by one bare statement each, through the pool of the application.

Nothing is checked, audited or remembered by them, and no answer is made.
"""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.site import Site, rated

TEXT = "Bread is soft because baking swells its starch with water. " * 20
CLAIM = """
UPDATE slots SET lease_holder_id = %(writer)s, lease_expires_at = now() + interval '1 hour'
WHERE id = (SELECT id FROM slots WHERE project_id = %(project)s AND filled_at IS NULL AND lease_holder_id IS NULL
            ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id
"""
SAVE = """
UPDATE drafts SET messages = %(messages)s, revision = revision + 1
WHERE assignment_id = (SELECT max(assignment_id) - %(person)s FROM drafts)
"""
HAND_IN = """
WITH slot AS (
    UPDATE slots SET filled_at = now() WHERE id = (
        SELECT id FROM slots WHERE project_id = %(project)s AND filled_at IS NULL
        ORDER BY id DESC LIMIT 1 FOR UPDATE SKIP LOCKED
    ) RETURNING id, prompt_id
), assignment AS (
    INSERT INTO assignments (project_id, writer_id, prompt_id, slot_id, is_pair, status, skip_reason)
    SELECT %(project)s, %(writer)s, prompt_id, id, false, 'handed_in', '' FROM slot RETURNING id, prompt_id
), submission AS (
    INSERT INTO submissions (project_id, prompt_id, assignment_id, author_id, status, current_revision, from_newcomer)
    SELECT %(project)s, prompt_id, id, %(writer)s, 'submitted', 1, false FROM assignment RETURNING id
)
INSERT INTO revisions (submission_id, number, author_id, prompt_messages, messages, guidelines_id, draft_revision)
SELECT id, 1, %(writer)s, '[]', %(messages)s, (SELECT max(id) FROM guidelines), 1 FROM submission RETURNING id
"""
TAKE = """
UPDATE submissions SET lease_holder_id = %(reviewer)s, lease_expires_at = now() + interval '1 hour'
WHERE id = (SELECT id FROM submissions
            WHERE project_id = %(project)s AND status = 'submitted' AND lease_holder_id IS NULL
            ORDER BY submitted_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id
"""
DECIDE = """
WITH decided AS (
    UPDATE submissions SET status = 'approved', decided_at = now(), lease_holder_id = NULL, lease_expires_at = NULL
    WHERE id = (SELECT id FROM submissions
                WHERE project_id = %(project)s AND status = 'submitted' AND lease_holder_id = %(reviewer)s
                LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, project_id
)
INSERT INTO reviews (project_id, submission_id, revision_id, reviewer_id, decision, ratings, note)
SELECT d.project_id, d.id, r.id, %(reviewer)s, 'approved', %(ratings)s, ''
FROM decided d JOIN revisions r ON r.submission_id = d.id RETURNING id
"""
PROMPTS = "SELECT * FROM prompts WHERE project_id = %(project)s ORDER BY id DESC LIMIT 21"
SUBMISSIONS = "SELECT * FROM submissions WHERE project_id = %(project)s ORDER BY id DESC LIMIT 21"
SEARCH = """
SELECT * FROM prompts WHERE project_id = %(project)s AND search @@ websearch_to_tsquery('simple', %(words)s)
ORDER BY id DESC LIMIT 21
"""
OVERVIEW = "SELECT what, sum(n) FROM tallies WHERE project_id = %(project)s GROUP BY what"


def acts(here: Site) -> dict[str, tuple[str, dict[str, Any]]]:
    """The statement of each act and its values, in the order in which a person does them."""
    whole: dict[str, Any] = {"project": here.project_id, "writer": here.writer_id, "reviewer": here.admin_id}
    whole |= {"messages": json.dumps([{"role": "assistant", "content": TEXT}]), "ratings": json.dumps(rated(here))}
    return {
        "next task": (CLAIM, whole),
        "draft save": (SAVE, whole),
        "hand in": (HAND_IN, whole),
        "claim for review": (TAKE, whole),
        "decide": (DECIDE, whole),
        "prompts, newest": (PROMPTS, whole),
        "submissions, newest": (SUBMISSIONS, whole),
        "search, rare words": (SEARCH, whole | {"words": "ocean starch"}),
        "search, a common word": (SEARCH, whole | {"words": "the"}),
        "overview": (OVERVIEW, whole),
    }


def repeated(here: Site, people: int, times: int) -> dict[str, list[float]]:
    """Milliseconds of each act, by so many threads that go through all of them so many times, a transaction each."""
    wanted = acts(here)
    taken: dict[str, list[float]] = {name: [] for name in wanted}

    def go_through(person: int) -> None:
        for _ in range(times):
            for name, (statement, values) in wanted.items():
                begun = time.perf_counter()
                with here.engine.begin() as connection:
                    found = connection.exec_driver_sql(statement, values | {"person": person})
                    if found.returns_rows:
                        found.all()
                taken[name].append((time.perf_counter() - begun) * 1000)

    with ThreadPoolExecutor(people) as threads:
        list(threads.map(go_through, range(people)))
    return taken
