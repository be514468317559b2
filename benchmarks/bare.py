"""The yardstick: the rows of an act, written or read by one bare statement each, through the pool of the application.

Nothing is checked or remembered by them, and no answer is made; what a reviewer does is told and audited, since that is
most of what is written then. Beside the statement alone stands the same after the one that says who asks, which no
application can do without.
"""

import json
import time
from collections.abc import Collection
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
    SELECT %(project)s, prompt_id, id, %(writer)s, 'submitted', 1, false FROM assignment RETURNING id, prompt_id
)
INSERT INTO revisions (submission_id, number, author_id, prompt_messages, messages, guidelines_id, draft_revision)
SELECT s.id, 1, %(writer)s, p.messages, %(messages)s, (SELECT max(id) FROM guidelines), 1
FROM submission s JOIN prompts p ON p.id = s.prompt_id RETURNING id
"""
FIRST_FREE = """
SELECT id FROM submissions WHERE project_id = %(project)s AND status = 'submitted' AND lease_holder_id IS NULL
ORDER BY submitted_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
# What a reviewer has before them: the texts, the rubric, the category, the writer's pseudonym.
TEXTS = """
SELECT s.*, r.prompt_messages, r.messages, g.version, g.rubric, c.name, m.pseudonym
FROM {submissions} s JOIN revisions r ON r.submission_id = s.id AND r.number = s.current_revision
    JOIN guidelines g ON g.id = r.guidelines_id LEFT JOIN categories c ON c.id = s.category_id
    LEFT JOIN memberships m ON m.project_id = s.project_id AND m.user_id = s.author_id
"""
TAKE = f"""
WITH taken AS (
    UPDATE submissions SET lease_holder_id = %(reviewer)s, lease_expires_at = now() + interval '1 hour'
    WHERE id = ({FIRST_FREE})
    RETURNING id, project_id, author_id, category_id, current_revision, submitted_at, lease_expires_at
)
{TEXTS.format(submissions="taken")}
"""
AUDITED = """
INSERT INTO audit_log (action, subject, subject_id, project_id, actor_id, details)
SELECT '{action}', 'submission', id, project_id, %(reviewer)s, '{{"revision": 1}}' FROM {part}
"""
# The decision, the prompt that has its responses, who is told, the audit row; nothing of it is looked at before.
DECIDE = f"""
WITH decided AS (
    UPDATE submissions SET status = 'approved', decided_at = now(), lease_holder_id = NULL, lease_expires_at = NULL
    WHERE id = (SELECT id FROM submissions
                WHERE project_id = %(project)s AND status = 'submitted' AND lease_holder_id = %(reviewer)s
                LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, project_id, prompt_id, author_id
), completed AS (
    UPDATE prompts SET status = 'complete' FROM decided
    WHERE prompts.id = decided.prompt_id AND prompts.status = 'approved'
        AND NOT EXISTS (SELECT FROM slots WHERE slots.prompt_id = prompts.id AND filled_at IS NULL)
), told AS (
    INSERT INTO notices (user_id, project_id, kind, subject, subject_id, details)
    SELECT author_id, project_id, 'response_approved', 'submission', id, '{{}}' FROM decided
    ON CONFLICT (user_id, kind, subject, subject_id) WHERE read_at IS NULL DO UPDATE SET times = notices.times + 1
), noted AS ({AUDITED.format(action="review.approved", part="decided")})
INSERT INTO reviews (project_id, submission_id, revision_id, reviewer_id, decision, ratings, note)
SELECT d.project_id, d.id, r.id, %(reviewer)s, 'approved', %(ratings)s, ''
FROM decided d JOIN revisions r ON r.submission_id = d.id RETURNING id
"""
HELD = "SELECT submission_id FROM held_decisions WHERE reviewer_id = %(reviewer)s"
# The decision that can be taken back, its lease, its job, the audit row, and the lease of the next.
HOLD = f"""
WITH mine AS (
    SELECT s.id, s.project_id, r.id AS revision_id FROM submissions s JOIN revisions r ON r.submission_id = s.id
    WHERE s.lease_holder_id = %(reviewer)s AND s.status = 'submitted' AND s.id NOT IN ({HELD}) LIMIT 1 FOR UPDATE OF s
), held AS (
    INSERT INTO held_decisions (submission_id, revision_id, reviewer_id, decision, ratings, note, settles_at)
    SELECT id, revision_id, %(reviewer)s, 'approved', %(ratings)s, '', now() + interval '1 hour' FROM mine
    RETURNING submission_id, settles_at
), leased AS (
    UPDATE submissions SET lease_expires_at = settles_at + interval '1 hour' FROM held WHERE id = submission_id
), noted AS ({AUDITED.format(action="review.held", part="mine")}), next AS (
    UPDATE submissions SET lease_holder_id = %(reviewer)s, lease_expires_at = now() + interval '1 hour'
    WHERE id = ({FIRST_FREE})
)
SELECT procrastinate_defer_jobs_v1(ARRAY[ROW('default', 'review.settle', 0, NULL, NULL,
    jsonb_build_object('submission_id', submission_id), settles_at)::procrastinate_job_to_defer_v1]) FROM held
"""
# Gone is the decision, free the next, leased again what was decided; its texts are read, to be drawn.
UNDO = f"""
WITH gone AS (
    DELETE FROM held_decisions WHERE submission_id = ({HELD} ORDER BY settles_at DESC LIMIT 1)
    RETURNING submission_id, decision, note
), freed AS (
    UPDATE submissions SET lease_holder_id = NULL, lease_expires_at = NULL
    WHERE lease_holder_id = %(reviewer)s AND id NOT IN ({HELD})
), leased AS (
    UPDATE submissions SET lease_expires_at = now() + interval '1 hour' FROM gone WHERE id = submission_id
    RETURNING id, project_id
), noted AS ({AUDITED.format(action="review.undone", part="leased")})
{TEXTS.format(submissions="submissions")} JOIN gone ON gone.submission_id = s.id
"""
DESK = TEXTS.format(submissions="submissions") + f"WHERE s.lease_holder_id = %(reviewer)s AND s.id NOT IN ({HELD})"
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
        "decide at the desk, and take the next": (HOLD, whole),
        "the next on the desk, a page": (DESK, whole),
        "undo, a page": (UNDO, whole),
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


def reviewers_of(here: Site, people: int) -> list[int]:
    """The newest of the project's reviewers: nobody else's lease is in the way of anybody's statements."""
    newest = "SELECT user_id FROM memberships WHERE role = 'reviewer' ORDER BY user_id DESC LIMIT %s"
    with here.bare() as bare:
        return [row[0] for row in bare.execute(newest, (people,)).fetchall()]


def run(here: Site, statement: str, values: dict[str, Any], *, asks_who: bool) -> None:
    """A statement, alone or after the one that says who asks, in a transaction; its rows are read."""
    with here.engine.begin() as connection:
        if asks_who:
            connection.exec_driver_sql(WHO, values).one()
        found = connection.exec_driver_sql(statement, values)
        if found.returns_rows:
            found.all()


def repeated(
    here: Site, people: int, times: int, *, asks_who: bool, only: Collection[str] = ()
) -> dict[str, list[float]]:
    """Milliseconds of each act, by so many threads that go through all of them so many times, a transaction each.

    With `asks_who` it begins with who asks, as an application has to. `only`: these acts, of writers alone.
    """
    wanted = {name: act for name, act in acts(here).items() if not only or name in only}
    reviewers = [0] * people if only else reviewers_of(here, people)
    taken: dict[str, list[float]] = {name: [] for name in wanted}

    def go_through(person: int) -> None:
        for _ in range(times):
            for name, (statement, values) in wanted.items():
                asked = values | {"person": person, "reviewer": reviewers[person]}
                begun = time.perf_counter()
                run(here, statement, asked, asks_who=asks_who)
                taken[name].append((time.perf_counter() - begun) * 1000)

    with ThreadPoolExecutor(people) as threads:
        list(threads.map(go_through, range(people)))
    return taken
