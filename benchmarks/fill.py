"""A large project in little time: texts multiplied by SQL, with the indexes put back afterwards as they were."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import psycopg

from benchmarks.texts import mixed, prompts, written_responses

TABLES = ("prompts", "slots", "assignments", "drafts", "submissions", "revisions", "reviews", "audit_log")
DIFFERENT = 20_000  # texts that differ; a larger project holds them several times, each with its number
FOREIGN_KEYS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)
"""
INDEXES = """
SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexdef NOT LIKE 'CREATE UNIQUE%%'
"""
PROMPTS = """
WITH made AS (
    INSERT INTO prompts (project_id, author_id, messages, language, licence, source, from_pair, status, reason)
    SELECT %(project)s, %(author)s,
           jsonb_set(messages, '{0,content}', to_jsonb((messages #>> '{0,content}') || ' #' || number)),
           'en', '', '', false, 'approved', ''
    FROM generate_series(1, %(count)s) number JOIN written ON written.at = number %% %(different)s
    RETURNING id
)
INSERT INTO slots (project_id, prompt_id, number) SELECT %(project)s, id, 1 FROM made ORDER BY id
"""
# Every second response is approved, over the last 90 days; the others wait.
HAND_IN = """
WITH asked AS (
    SELECT number, id, messages, now() - interval '90 days' * (1 - number / %(count)s::float) AS at
    FROM (SELECT row_number() OVER (ORDER BY id) AS number, id, messages FROM prompts
          WHERE project_id = %(project)s ORDER BY id LIMIT %(count)s) first
), work AS (
    INSERT INTO assignments (project_id, writer_id, prompt_id, is_pair, status, skip_reason)
    SELECT %(project)s, %(writer)s, id, false, 'handed_in', '' FROM asked ORDER BY id RETURNING id, prompt_id
), handed AS (
    INSERT INTO submissions (project_id, prompt_id, assignment_id, author_id, status, current_revision, from_newcomer,
                             submitted_at, created_at, decided_at)
    SELECT %(project)s, a.id, w.id, %(writer)s, CASE WHEN a.number %% 2 = 0 THEN 'approved' ELSE 'submitted' END, 1,
           false, a.at, a.at, CASE WHEN a.number %% 2 = 0 THEN a.at END
    FROM work w JOIN asked a ON a.id = w.prompt_id ORDER BY a.id RETURNING id, prompt_id, created_at
), filled AS (
    UPDATE slots SET filled_at = asked.at FROM asked WHERE slots.prompt_id = asked.id
), noted AS (
    INSERT INTO audit_log (action, subject, subject_id, project_id, actor_id, address, request_id, details, at)
    SELECT 'writing.handed_in', 'submission', id, %(project)s, %(writer)s, '127.0.0.1', to_hex(id), '{"revision": 1}',
           created_at
    FROM handed ORDER BY id
)
INSERT INTO revisions (submission_id, number, author_id, prompt_messages, messages, guidelines_id, draft_revision)
SELECT h.id, 1, %(writer)s, a.messages, w.messages, (SELECT max(id) FROM guidelines), 1
FROM handed h JOIN asked a ON a.id = h.prompt_id JOIN written w ON w.at = a.number %% %(different)s ORDER BY h.id
"""
DECIDE = """
INSERT INTO reviews (project_id, submission_id, revision_id, reviewer_id, decision, ratings, note, created_at)
SELECT s.project_id, s.id, r.id, %(reviewer)s, 'approved', '{}', '', s.decided_at
FROM submissions s JOIN revisions r ON r.submission_id = s.id
WHERE s.project_id = %(project)s AND s.status = 'approved' ORDER BY s.id
"""


def open_prompts(connection: psycopg.Connection, project_id: int, author_id: int, count: int) -> None:
    """So many approved prompts, each with one open slot."""
    different = min(count, DIFFERENT)
    written(connection, (json.dumps(messages, ensure_ascii=False) for messages in prompts(different)))
    values = {"project": project_id, "author": author_id, "count": count, "different": different}
    with quickly(connection):
        connection.execute(PROMPTS, values)


def hand_in_all(connection: psycopg.Connection, project_id: int, writer_id: int, reviewer_id: int, count: int) -> None:
    """A response to the oldest so many prompts, every second of them approved: the demo's, half of the words exchanged.

    Handing in stands in the audit log."""
    different = min(count, DIFFERENT)
    texts = mixed(written_responses(), different)
    written(connection, (json.dumps([{"role": "assistant", "content": text}]) for text in texts))
    values = {"project": project_id, "writer": writer_id, "reviewer": reviewer_id, "count": count}
    with quickly(connection):
        connection.execute(HAND_IN, values | {"different": different})
        connection.execute(DECIDE, values)


def written(connection: psycopg.Connection, texts: Iterable[str]) -> None:
    """The texts that are to be multiplied, as the temporary table `written`, counted from 0."""
    connection.execute("DROP TABLE IF EXISTS written")
    connection.execute("CREATE TEMPORARY TABLE written (at int, messages jsonb)")
    with connection.cursor().copy("COPY written FROM STDIN") as copy:
        for row in enumerate(texts):
            copy.write_row(row)
    connection.execute("ANALYZE written")


@contextmanager
def quickly(connection: psycopg.Connection) -> Iterator[None]:
    """What every row would be checked and entered for is put back at the end, for all rows at once."""
    tables = (list(TABLES),)
    foreign = connection.execute(FOREIGN_KEYS, tables).fetchall()
    indexes = connection.execute(INDEXES, tables).fetchall()
    connection.execute("SET maintenance_work_mem = '512MB'")
    for table, name, _ in foreign:
        connection.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    for name, _ in indexes:
        connection.execute(f'DROP INDEX "{name}"')
    yield
    for _, definition in indexes:
        connection.execute(definition)
    for table, name, definition in foreign:
        connection.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
    connection.execute("VACUUM ANALYZE")
