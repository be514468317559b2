"""The yardstick: the rows of an act, written or read by one bare statement each, through the pool of the application.

Nothing is checked, audited or remembered by them, and no answer is made. Beside the statement alone stands the same
after the one that says who asks, which no application can do without.
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
# Lists read the columns that their answers have, and what the reader may see of them.
PROMPTS = """
SELECT p.id, p.project_id, p.status, p.messages, c.id, c.name, p.language, p.licence, p.source, p.external_id, p.tags,
    p.from_pair, p.reason, p.imported_response, p.created_at, p.decided_at
FROM prompts p LEFT JOIN categories c ON c.id = p.category_id
WHERE p.project_id = %(project)s {narrowed} AND (NOT p.from_pair OR p.author_id = %(reviewer)s OR %(reviews)s)
ORDER BY p.id DESC LIMIT 21
"""
NEWEST = PROMPTS.format(narrowed="")
SEARCH = PROMPTS.format(narrowed="AND p.search @@ websearch_to_tsquery('simple', %(words)s)")
SUBMISSIONS = """
SELECT id, project_id, prompt_id, category_id, author_id, imported_by, status, current_revision, submitted_at,
    decided_at
FROM submissions WHERE project_id = %(project)s AND (author_id = %(reviewer)s OR %(reviews)s)
ORDER BY id DESC LIMIT 21
"""
# What an overview shows of a project in which there is no run: counts, drafts, what waits, the curve, categories.
OVERVIEW = """
SELECT p.name, p.target,
    (SELECT jsonb_object_agg(what, n) FROM (
        SELECT what, sum(n) AS n FROM tallies WHERE project_id = p.id
            AND (what NOT IN ('handed_in', 'decided') OR hour > now() - interval '7 days') GROUP BY what) kept),
    (SELECT jsonb_agg(jsonb_build_array(at, n)) FROM (
        SELECT date_trunc('day', hour) AS at, sum(n) AS n FROM tallies
        WHERE project_id = p.id AND what = 'approved' AND hour > 'epoch' GROUP BY 1 ORDER BY 1) grown),
    (SELECT jsonb_agg(jsonb_build_array(name, target, approved) ORDER BY name) FROM categories WHERE project_id = p.id),
    (SELECT jsonb_build_array(count(*), count(DISTINCT writer_id))
        FROM assignments WHERE project_id = p.id AND status = 'drafting'),
    (SELECT min(submitted_at) FROM submissions WHERE project_id = p.id AND status = 'submitted'),
    (SELECT max(number) FROM versions WHERE project_id = p.id AND status = 'published'),
    (SELECT max(number) FROM runs WHERE project_id = p.id AND status = 'done'),
    (SELECT count(*) FROM prompt_questions WHERE project_id = p.id AND answered_at IS NULL),
    (SELECT count(*) FROM (SELECT FROM prompts WHERE project_id = p.id AND status = 'proposed' LIMIT 100) proposed),
    (SELECT count(*) FROM (SELECT FROM submissions WHERE project_id = p.id AND status = 'submitted' LIMIT 100) waiting),
    (SELECT count(*) FROM assignments WHERE writer_id = %(reviewer)s AND project_id = p.id AND status = 'drafting')
FROM projects p WHERE p.id = %(project)s
"""
# Whoever answers a request has to know first who asks, and with which rights.
WHO = """
SELECT u.id, u.name, u.is_admin,
    (SELECT jsonb_agg(jsonb_build_array(project_id, role)) FROM memberships WHERE user_id = u.id AND left_at IS NULL)
FROM sign_ins s JOIN users u ON u.id = s.user_id
WHERE s.token_hash = %(token)s AND s.used_at > now() - interval '1 day' AND u.disabled_at IS NULL
"""


def acts(here: Site) -> dict[str, tuple[str, dict[str, Any]]]:
    """The statement of each act and its values, in the order in which a person does them."""
    whole: dict[str, Any] = {"project": here.project_id, "writer": here.writer_id, "reviewer": here.admin_id}
    whole |= {"reviews": True, "token": token_of(here)}
    whole |= {"messages": json.dumps([{"role": "assistant", "content": TEXT}]), "ratings": json.dumps(rated(here))}
    return {
        "next task": (CLAIM, whole),
        "draft save": (SAVE, whole),
        "hand in": (HAND_IN, whole),
        "claim for review": (TAKE, whole),
        "decide": (DECIDE, whole),
        "prompts, newest": (NEWEST, whole),
        "submissions, newest": (SUBMISSIONS, whole),
        "search, rare words": (SEARCH, whole | {"words": "ocean starch"}),
        "search, a common word": (SEARCH, whole | {"words": "the"}),
        "overview": (OVERVIEW, whole),
        "overview by the API": (OVERVIEW, whole),
    }


def token_of(here: Site) -> bytes:
    """What the newest sign-in is found by."""
    with here.bare() as bare:
        row = bare.execute("SELECT token_hash FROM sign_ins ORDER BY id DESC LIMIT 1").fetchone()
    assert row, "somebody is signed in"
    return bytes(row[0])


def run(here: Site, statement: str, values: dict[str, Any], *, asks_who: bool) -> None:
    """A statement, alone or after the one that says who asks, in a transaction; its rows are read."""
    with here.engine.begin() as connection:
        if asks_who:
            connection.exec_driver_sql(WHO, values).one()
        found = connection.exec_driver_sql(statement, values)
        if found.returns_rows:
            found.all()


def repeated(here: Site, people: int, times: int, *, asks_who: bool) -> dict[str, list[float]]:
    """Milliseconds of each act, by so many threads that go through all of them so many times, a transaction each.

    With `asks_who` it begins with who asks, as an application has to.
    """
    wanted = acts(here)
    taken: dict[str, list[float]] = {name: [] for name in wanted}

    def go_through(person: int) -> None:
        for _ in range(times):
            for name, (statement, values) in wanted.items():
                begun = time.perf_counter()
                run(here, statement, values | {"person": person}, asks_who=asks_who)
                taken[name].append((time.perf_counter() - begun) * 1000)

    with ThreadPoolExecutor(people) as threads:
        list(threads.map(go_through, range(people)))
    return taken
