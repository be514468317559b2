"""Does everything hold together? What must always be true of the stored rows, each as a named question in SQL."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.database import set_statement_timeout
from app.insights import tallies

LISTED = 20
TIMEOUT_MS = 10 * 60 * 1000


@dataclass(frozen=True)
class Check:
    """One invariant: its name, what is true when it holds, and a SELECT of what breaks it, a phrase a row.

    What SQL alone cannot answer has no SELECT. What is not grave is told and leaves the exit code alone.
    """

    name: str
    sentence: str
    broken: str = ""
    is_grave: bool = True


@dataclass(frozen=True)
class Result:
    """How a check went: up to 20 phrases of what breaks it, and how many there are in all."""

    check: Check
    broken: Sequence[str]
    in_all: int

    @property
    def word(self) -> str:
        """How the line begins."""
        return "holds  " if not self.in_all else "BROKEN " if self.check.is_grave else "careful"


CHECKS = (
    Check(
        "submissions-have-revisions",
        "Every submission has its revisions, numbered from 1 to its newest without a gap.",
        """
        SELECT 'submission ' || s.id || ' has ' || count(r.id) || ' revisions, its newest is ' || s.current_revision
        FROM submissions s LEFT JOIN revisions r ON r.submission_id = s.id
        GROUP BY s.id
        HAVING count(r.id) = 0 OR count(r.id) <> s.current_revision OR max(r.number) <> s.current_revision
        """,
    ),
    Check(
        "one-decision-a-revision",
        "A revision is decided on once, by somebody else than its author, as part of its own submission.",
        """
        SELECT 'revision ' || r.revision_id || ' of submission ' || r.submission_id
        FROM reviews r JOIN revisions v ON v.id = r.revision_id
        GROUP BY r.revision_id, r.submission_id
        HAVING count(*) > 1 OR bool_or(r.reviewer_id = v.author_id) OR bool_or(r.submission_id <> v.submission_id)
        """,
    ),
    Check(
        "states-agree-with-decisions",
        "A submission is in the state that the decision on its newest revision gave it.",
        """
        SELECT 'submission ' || s.id || ' is ' || s.status || ', its newest revision was '
            || coalesce(r.decision, 'not decided on')
        FROM submissions s
        LEFT JOIN revisions v ON v.submission_id = s.id AND v.number = s.current_revision
        LEFT JOIN reviews r ON r.revision_id = v.id
        WHERE (s.status IN ('approved', 'rejected', 'changes_requested') AND r.decision IS DISTINCT FROM s.status
                AND s.imported_by IS NULL)
            OR (s.status = 'submitted' AND r.id IS NOT NULL)
        """,
    ),
    Check(
        "approved-within-slots",
        "A prompt has no more approved responses than were wanted, and none in a slot that counts as open.",
        """
        SELECT 'prompt ' || p.id || ' has ' || coalesce(t.approved, 0) || ' approved and ' || coalesce(t.placed, 0)
            || ' placed responses for ' || coalesce(l.slots, 0) || ' slots, ' || coalesce(l.filled, 0) || ' filled'
        FROM prompts p
        LEFT JOIN (
            SELECT prompt_id, count(*) FILTER (WHERE status = 'approved') AS approved,
                count(*) FILTER (WHERE status IN ('submitted', 'changes_requested', 'approved')) AS placed
            FROM submissions GROUP BY prompt_id) t ON t.prompt_id = p.id
        LEFT JOIN (
            SELECT prompt_id, count(*) AS slots, count(filled_at) AS filled
            FROM slots GROUP BY prompt_id) l ON l.prompt_id = p.id
        WHERE (p.from_pair AND t.approved > 1)
            OR (NOT p.from_pair AND (t.approved > coalesce(l.slots, 0) OR t.placed > coalesce(l.filled, 0)))
        """,
    ),
    Check(
        "categories-count-what-is-approved",
        "A category says as many approved responses as there are. `penset doctor --mend` counts anew.",
        """
        SELECT 'category ' || c.id || ' says ' || c.approved || ', approved are ' || count(s.id)
        FROM categories c
        LEFT JOIN submissions s ON s.category_id = c.id AND s.status = 'approved' AND s.imported_by IS NULL
        GROUP BY c.id HAVING c.approved <> count(s.id)
        """,
    ),
    Check(
        "tallies-agree-with-rows",
        "The overview says of every room as much as there is. `penset doctor --mend` counts anew.",
        tallies.DIFFERENT,
    ),
    Check(
        "one-lease-a-person-and-prompt",
        "A person holds one open slot of a prompt at most, and no slot that is filled.",
        """
        SELECT 'prompt ' || prompt_id || ', person ' || lease_holder_id
        FROM slots WHERE lease_holder_id IS NOT NULL
        GROUP BY prompt_id, lease_holder_id HAVING count(*) > 1 OR bool_or(filled_at IS NOT NULL)
        """,
    ),
    Check(
        "nobody-is-passed-over",
        "Who need not be offered what is open or waits has had to do with it.",
        """
        SELECT 'submission ' || s.id || ', person ' || p
        FROM submissions s CROSS JOIN unnest(s.never_for) p
        WHERE s.status = 'submitted' AND p <> s.author_id
            AND NOT EXISTS (SELECT FROM review_skips k WHERE k.submission_id = s.id AND k.reviewer_id = p)
        UNION ALL
        SELECT 'submission ' || s.id || ', person ' || p
        FROM submissions s CROSS JOIN unnest(s.judged_by) p
        WHERE s.status = 'submitted' AND NOT EXISTS (
            SELECT FROM opinions o JOIN revisions r ON r.id = o.revision_id
            WHERE o.submission_id = s.id AND o.reviewer_id = p AND r.number = s.current_revision)
        UNION ALL
        SELECT 'slot ' || s.id || ', person ' || p
        FROM slots s JOIN prompts q ON q.id = s.prompt_id CROSS JOIN unnest(s.never_for) p
        WHERE s.filled_at IS NULL AND p IS DISTINCT FROM q.author_id
            AND NOT EXISTS (SELECT FROM assignments a WHERE a.prompt_id = s.prompt_id AND a.writer_id = p)
        """,
    ),
    Check(
        "drafts-have-owners",
        "Every assignment has its draft, and belongs to somebody who is or was a member of its project.",
        """
        SELECT 'assignment ' || a.id
        FROM assignments a
        LEFT JOIN drafts d ON d.assignment_id = a.id
        LEFT JOIN memberships m ON m.project_id = a.project_id AND m.user_id = a.writer_id
        WHERE d.assignment_id IS NULL OR m.user_id IS NULL
        """,
    ),
    Check(
        "version-counts-agree",
        "A published version counts in each split the rows that it has, and its manifest is there.",
        """
        SELECT 'version ' || v.id || ' counts ' || v.counts || ', its rows are ' || coalesce(r.rows, '{}')
        FROM versions v
        LEFT JOIN (
            SELECT version_id, jsonb_object_agg(split, rows) AS rows
            FROM (SELECT version_id, concat_ws('_', split, held_out) AS split, count(*) AS rows
                FROM (SELECT version_id, split, held_out FROM version_rows
                    UNION ALL SELECT version_id, split, held_out FROM preference_rows) every
                GROUP BY version_id, concat_ws('_', split, held_out)) s
            GROUP BY version_id) r ON r.version_id = v.id
        WHERE v.status = 'published' AND (
            v.manifest IS NULL OR v.content_hash IS NULL
            OR coalesce((v.counts ->> 'train')::bigint, 0) <> coalesce((r.rows ->> 'train')::bigint, 0)
            OR coalesce((v.counts ->> 'validation')::bigint, 0) <> coalesce((r.rows ->> 'validation')::bigint, 0)
            OR coalesce((v.counts ->> 'test')::bigint, 0) <> coalesce((r.rows ->> 'test')::bigint, 0)
            OR coalesce((v.counts ->> 'test_writers')::bigint, 0) <> coalesce((r.rows ->> 'test_writers')::bigint, 0)
            OR coalesce((v.counts ->> 'test_categories')::bigint, 0)
                <> coalesce((r.rows ->> 'test_categories')::bigint, 0))
        """,
    ),
    Check(
        "rows-are-of-approved-revisions",
        "A published row is a revision of its own submission and prompt that was approved, or imported.",
        """
        SELECT 'version ' || w.version_id || ', row ' || w.position
        FROM version_rows w
        JOIN submissions s ON s.id = w.submission_id
        JOIN revisions v ON v.id = w.revision_id
        LEFT JOIN reviews r ON r.revision_id = w.revision_id AND r.decision = 'approved'
        WHERE v.submission_id <> s.id OR s.prompt_id <> w.prompt_id
            OR (r.id IS NULL AND s.imported_by IS NULL)
        """,
    ),
    Check(
        "test-rows-never-move",
        "A prompt that stood in a test split stands in no other split of a later version.",
        """
        WITH held AS (
            SELECT prompt_id, split, version_id FROM version_rows
            UNION ALL SELECT prompt_id, split, version_id FROM preference_rows),
        every AS (SELECT held.*, v.published_at FROM held JOIN versions v ON v.id = held.version_id)
        SELECT DISTINCT 'prompt ' || later.prompt_id || ' is ' || later.split || ' in version ' || later.version_id
            || ', and was test in version ' || earlier.version_id
        FROM every earlier
        JOIN every later ON later.prompt_id = earlier.prompt_id AND later.published_at > earlier.published_at
        WHERE earlier.split = 'test' AND later.split <> 'test'
        """,
    ),
    Check(
        "what-is-held-out-is-never-trained-on",
        "A writer or a category that a version held out has no row to train on in that version or a later one.",
        """
        SELECT DISTINCT 'submission ' || s.id || ' is ' || w.split || ' in version ' || w.version_id
        FROM kept_out k
        JOIN submissions s ON s.project_id = k.project_id AND (s.author_id = k.user_id OR s.category_id = k.category_id)
        JOIN versions since ON since.id = k.settled_in
        JOIN version_rows w ON w.submission_id = s.id
        JOIN versions v ON v.id = w.version_id AND v.published_at >= since.published_at
        WHERE w.split <> 'test'
        """,
    ),
    Check(
        "audit-has-no-gap",
        "Every decision and every hand-in stands in the audit log, and every import of pairs.",
        """
        SELECT 'review ' || r.id || ' of submission ' || r.submission_id
        FROM reviews r JOIN revisions v ON v.id = r.revision_id
        WHERE NOT EXISTS (
            SELECT FROM audit_log a WHERE a.subject = 'submission' AND a.subject_id = r.submission_id
                AND a.action = 'review.' || r.decision AND a.details @> jsonb_build_object('revision', v.number))
        UNION ALL
        SELECT 'revision ' || v.number || ' of submission ' || v.submission_id
        FROM revisions v JOIN submissions s ON s.id = v.submission_id
        WHERE s.imported_by IS NULL AND NOT EXISTS (
            SELECT FROM audit_log a WHERE a.subject = 'submission' AND a.subject_id = v.submission_id
                AND a.action = 'writing.handed_in' AND a.details @> jsonb_build_object('revision', v.number))
        UNION ALL
        SELECT DISTINCT 'pairs that person ' || s.imported_by || ' imported into project ' || s.project_id
        FROM submissions s
        WHERE s.imported_by IS NOT NULL AND NOT EXISTS (
            SELECT FROM audit_log a WHERE a.subject = 'project' AND a.subject_id = s.project_id
                AND a.action = 'writing.imported' AND a.actor_id = s.imported_by)
        """,
    ),
    Check(
        "history-is-guarded",
        "Tables of history refuse every change by trigger, and the role of daily work has no right to one.",
        """
        SELECT 'table ' || t.name || ' has no guard ' || t.guard
        FROM (VALUES ('audit_log', 'append_only'), ('guidelines', 'append_only'), ('revisions', 'append_only'),
            ('reviews', 'append_only'), ('version_rows', 'append_only'), ('run_events', 'append_only'),
            ('reports', 'append_only'), ('kept_out', 'append_only'), ('preference_rows', 'append_only'),
            ('versions', 'keep_published'), ('prompt_splits', 'once_test')) t (name, guard)
        WHERE NOT EXISTS (
            SELECT FROM pg_trigger g
            WHERE g.tgrelid = to_regclass(t.name) AND g.tgname = t.guard AND g.tgenabled IN ('O', 'A'))
        UNION ALL
        SELECT r.rolname || ' may change ' || c.relname
        FROM pg_roles r, pg_class c JOIN pg_trigger g ON g.tgrelid = c.oid AND g.tgname = 'append_only'
        WHERE r.rolname = 'penset_app' AND has_table_privilege(r.oid, c.oid, 'UPDATE, DELETE, TRUNCATE')
        """,
    ),
    Check(
        "daily-work-has-a-lesser-role",
        "The role penset_app is there, so that not triggers alone guard history.",
        "SELECT 'create the role penset_app (no login), and grant it to the owner of the tables' "
        "WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'penset_app')",
        is_grave=False,
    ),
)


COUNT_ANEW = """
    UPDATE categories c SET approved = t.approved
    FROM (
        SELECT c.id, count(s.id) AS approved
        FROM categories c
        LEFT JOIN submissions s ON s.category_id = c.id AND s.status = 'approved' AND s.imported_by IS NULL
        GROUP BY c.id) t
    WHERE t.id = c.id AND c.approved <> t.approved
    RETURNING c.id
"""


def mend(session: Session) -> int:
    """Count anew what categories say of their approved responses, and the tallies. How many categories were wrong.

    Nothing else mends itself. The categories are locked before they are counted, so that what is being approved
    meanwhile is counted after it, and once. The tallies come first: so does a decision.
    """
    set_statement_timeout(session, TIMEOUT_MS)
    tallies.count_anew(session)
    session.execute(text("SELECT id FROM categories ORDER BY id FOR UPDATE"))
    return len(session.scalars(text(COUNT_ANEW)).all())


def examine(session: Session, checks: Sequence[Check] = CHECKS) -> list[Result]:
    """Ask every question, on one snapshot of the database. Nothing is changed or mended."""
    session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
    set_statement_timeout(session, TIMEOUT_MS)
    return [ask(session, check) for check in checks]


def ask(session: Session, check: Check) -> Result:
    """One question and what breaks it."""
    found = session.scalars(text(check.broken)).all()
    return Result(check, found[:LISTED], len(found))


def report(results: Sequence[Result]) -> tuple[list[str], bool]:
    """Lines for a person, and whether all is well."""
    lines = []
    for result in results:
        lines.append(f"{result.word} {result.check.name}: {result.check.sentence}")
        lines += [f"        {phrase}" for phrase in result.broken]
        if result.in_all > len(result.broken):
            lines.append(f"        and {result.in_all - len(result.broken):,} more")
    return lines, not any(result.in_all and result.check.is_grave for result in results)
