"""What publishing costs: the whole job, against a bare COPY of the same rows with JSON encoding in the same run.

Run: .venv/bin/python -m benchmarks.publish [ROWS ...]
"""

import json
import tempfile
import time

from app.accounts.models import User
from app.accounts.sign_ins import actor_for
from app.core.worker import work
from app.datasets.models import Version
from app.datasets.service import create_dataset, publish
from benchmarks.fill import quickly
from benchmarks.measure import show, sizes
from benchmarks.site import Site, site

APPROVE_ALL = """
INSERT INTO assignments (project_id, writer_id, prompt_id, is_pair, status, skip_reason)
SELECT project_id, %(writer)s, id, false, 'handed_in', '' FROM prompts WHERE project_id = %(project)s;
INSERT INTO submissions (project_id, prompt_id, assignment_id, author_id, status, current_revision, decided_at,
                         from_newcomer)
SELECT project_id, prompt_id, id, writer_id, 'approved', 1, now(), false
FROM assignments WHERE project_id = %(project)s;
INSERT INTO revisions (submission_id, number, author_id, prompt_messages, messages, guidelines_id, draft_revision)
SELECT s.id, 1, s.author_id, p.messages,
       jsonb_build_array(jsonb_build_object('role', 'assistant', 'content',
           'The answer to ' || s.id || ' is ' || repeat(md5(s.id::text) || ' ', 12))),
       (SELECT id FROM guidelines WHERE project_id = %(project)s ORDER BY version DESC LIMIT 1), 1
FROM submissions s JOIN prompts p ON p.id = s.prompt_id WHERE s.project_id = %(project)s;
INSERT INTO reviews (project_id, submission_id, revision_id, reviewer_id, decision, ratings, note)
SELECT %(project)s, submission_id, id, %(admin)s, 'approved', '{"helpful": 4}', '' FROM revisions;
UPDATE slots SET filled_at = now() WHERE project_id = %(project)s
"""


def approve_all(here: Site) -> None:
    """Let every prompt have one approved response, by SQL: what is measured begins after it."""
    values = {"writer": here.writer_id, "project": here.project_id, "admin": here.admin_id}
    with here.bare() as bare, quickly(bare):
        for statement in APPROVE_ALL.split(";"):
            bare.execute(statement, values)


def published(here: Site, name: str) -> float:
    """Milliseconds from the enqueued job to the published version."""
    with here.sessions.begin() as session:
        admin = actor_for(session, session.get_one(User, here.admin_id))
        version_id = publish(session, admin, create_dataset(session, admin, here.project_id, name=name).id).id
    begun = time.perf_counter()
    work(here.url, queues=["default"], wait=False)
    taken = (time.perf_counter() - begun) * 1000
    with here.sessions.begin() as session:
        version = session.get_one(Version, version_id)
        assert version.status == "published", version.failure
    return taken


def bare_copy(here: Site) -> float:
    """Milliseconds of reading the same rows by COPY and writing them as JSON lines, with an fsync."""
    query = (
        "COPY (SELECT s.id, r.id, p.id, r.prompt_messages, r.messages FROM submissions s "
        "JOIN revisions r ON r.submission_id = s.id JOIN prompts p ON p.id = s.prompt_id ORDER BY p.id) TO STDOUT"
    )
    begun = time.perf_counter()
    with here.bare() as bare, tempfile.TemporaryFile("w+b") as file:
        with bare.cursor().copy(query) as copy:
            copy.set_types(["int8", "int8", "int8", "jsonb", "jsonb"])
            for submission, revision, prompt, asked, answered in copy.rows():
                row = {"messages": [*asked, *answered], "id": submission, "metadata": [revision, prompt]}
                file.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
        file.flush()
    return (time.perf_counter() - begun) * 1000


def main() -> None:
    """Measure at a thousand and at a hundred thousand approved responses, or at as many as are asked for."""
    results = {}
    for prompts in sizes((1_000, 100_000)):
        with site(prompts) as here:
            approve_all(here)
            tries = range(3 if prompts < 10_000 else 1)
            results[f"{prompts:,} rows"] = {
                "publish": [published(here, f"Benchmark {n}") for n in tries],
                "bare COPY": [bare_copy(here) for _ in tries],
            }
    show("Publish", results, yardstick="bare COPY")


if __name__ == "__main__":
    main()
