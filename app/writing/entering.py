"""The rows of a hand-in, written by statements that are built once and take the texts from where they stand.

What is written is not read again: the ORM is told what the database has told us.
"""

from typing import Any

from sqlalchemy import BigInteger, Boolean, DateTime, TextualSelect, column, text
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from app.accounts.actor import Actor
from app.core import audit
from app.core.hot import as_read, ask_one
from app.core.jobs import enqueuing
from app.projects.consents import none_withdrawn
from app.projects.models import Guidelines
from app.prompts import slots
from app.writing.models import Assignment, AssignmentStatus, Revision, Submission, SubmissionStatus
from app.writing.queries import NEWCOMER_APPROVALS

NONE_WITHDRAWN = none_withdrawn("project_id", "author_id")


def _entering(submission: str, *, filled: str = "", where: str = "") -> TextualSelect:
    """Hand an assignment in: its submission as this statement writes it, and the newest revision of that.

    Nothing is written `where` that is not so, of what was `filled` before.

    The draft is locked, and the question changes no more: their texts need not travel.
    """
    statement = text(f"""
WITH {filled} handed_in AS (
    UPDATE assignments SET status = 'handed_in'
    WHERE id = :assignment_id AND {NONE_WITHDRAWN} {where}
    RETURNING id, project_id, prompt_id, category_id, is_pair
), entered AS ({submission} RETURNING *), rules AS (
    SELECT id, version FROM guidelines WHERE project_id = :project_id ORDER BY version DESC LIMIT 1
), revised AS (
    INSERT INTO revisions
        (submission_id, number, author_id, prompt_messages, messages, guidelines_id, draft_revision, provenance)
    SELECT s.id, s.current_revision, :author_id, CASE WHEN a.is_pair THEN d.prompt_messages ELSE p.messages END,
        d.messages, rules.id, d.revision, CASE WHEN :keeps_provenance THEN d.provenance END
    FROM entered s JOIN handed_in a ON a.id = s.assignment_id JOIN drafts d ON d.assignment_id = a.id
        JOIN prompts p ON p.id = a.prompt_id CROSS JOIN rules
    RETURNING id, created_at
), enqueued AS (
    SELECT {enqueuing("writing.remember", "submission_id", "entered.id")} FROM entered
), noted AS ({audit.recording("entered", "writing.handed_in", "submission", details="revision", of="current_revision")})
SELECT s.id, s.current_revision, s.from_newcomer, s.submitted_at, s.created_at,
    r.id AS revision_id, r.created_at AS revised_at, rules.id AS guidelines_id, rules.version
FROM entered s, revised r, rules, enqueued
""")  # noqa: S608 - every part is a constant
    return statement.columns(
        column("id", BigInteger), column("current_revision", BigInteger), column("from_newcomer", Boolean),
        column("submitted_at", DateTime), column("created_at", DateTime), column("revision_id", BigInteger),
        column("revised_at", DateTime), column("guidelines_id", BigInteger), column("version", BigInteger),
    )  # fmt: skip


# A range, in the order of the index by author: of an unknown author PostgreSQL expects as much as of any, which is all
# if few write, and would read the table to find it.
IS_NEWCOMER = f"""
    SELECT count(*) < {NEWCOMER_APPROVALS} FROM (
        SELECT FROM submissions
        WHERE author_id BETWEEN :author_id AND :author_id AND project_id = :project_id AND status = 'approved'
        ORDER BY author_id, id LIMIT {NEWCOMER_APPROVALS}) approved"""  # noqa: S608 - numbers of ours
FIRST = _entering(
    f"""
    INSERT INTO submissions
        (project_id, prompt_id, assignment_id, author_id, category_id, status, current_revision, never_for,
        from_newcomer)
    SELECT project_id, prompt_id, id, :author_id, category_id, 'submitted', 1,
        CASE WHEN :reviews THEN ARRAY[CAST(:author_id AS bigint)] ELSE '{{}}' END, ({IS_NEWCOMER})
    FROM handed_in""",  # noqa: S608 - every part is a constant
    filled=f"""
    filled AS ({slots.filling("slot_id", "author_id", where=NONE_WITHDRAWN)}),
    passed AS ({slots.passing("slot_id", "author_id")}),""",
    where="""
    AND (is_pair OR EXISTS (SELECT FROM filled))
    AND NOT EXISTS (SELECT FROM submissions WHERE assignment_id = :assignment_id)""",
)
AGAIN = _entering("""
    UPDATE submissions SET status = 'submitted', current_revision = current_revision + 1, submitted_at = now(),
        decided_at = NULL, disputed_at = NULL, judged_by = '{}', lease_holder_id = NULL, lease_expires_at = NULL
    WHERE assignment_id = :assignment_id AND EXISTS (SELECT FROM handed_in) AND (status = 'changes_requested' OR
        status = 'submitted' AND judged_by = '{}' AND disputed_at IS NULL
            AND (lease_holder_id IS NULL OR lease_holder_id = author_id OR lease_expires_at < now()))""")


def enter(session: Session, actor: Actor, assignment: Assignment) -> Submission | None:
    """The submission of an assignment from which nothing was handed in before, with its first revision.

    It takes the place of a response in the prompt. None where the actor does not hold it: then nothing was written.
    """
    values = {**_values(actor, assignment), "slot_id": assignment.slot_id}
    values["reviews"] = actor.reviews(assignment.project_id)  # then it would stand in the author's own way
    entered = ask_one(session, FIRST, values)
    if entered is None:
        return None
    submission = as_read(
        session, Submission, entered.id,
        id=entered.id, project_id=assignment.project_id, prompt_id=assignment.prompt_id, assignment_id=assignment.id,
        author_id=actor.user_id, imported_by=None, category_id=assignment.category_id,
        from_newcomer=entered.from_newcomer,
        created_at=entered.created_at, lease_holder_id=None, lease_expires_at=None,
    )  # fmt: skip
    set_committed_value(submission, "revisions", [])
    return _told(session, actor, assignment, submission, entered)


def enter_again(session: Session, actor: Actor, assignment: Assignment, submission: Submission) -> Submission | None:
    """The same submission, mended, with its next revision. None, for its caller to undo all, unless changes are asked
    of it still, or its writer has recalled it and nobody has begun with it; or where texts are being withdrawn."""
    entered = ask_one(session, AGAIN, _values(actor, assignment))
    if entered is None:
        return None
    return _told(session, actor, assignment, submission, entered)


def _values(actor: Actor, assignment: Assignment) -> dict[str, Any]:
    return {
        "assignment_id": assignment.id,
        "project_id": assignment.project_id,
        "author_id": actor.user_id,
        **audit.recorded_as(actor.user_id, actor.origin),
        "keeps_provenance": assignment.project.keeps_provenance,
    }


def _told(session: Session, actor: Actor, assignment: Assignment, submission: Submission, entered: Any) -> Submission:
    """What the database has written, told to the ORM."""
    set_committed_value(assignment, "status", AssignmentStatus.HANDED_IN)
    of_now = {"status": SubmissionStatus.SUBMITTED, "decided_at": None, "disputed_at": None}
    of_now |= {"lease_holder_id": None, "lease_expires_at": None}
    of_now |= {"current_revision": entered.current_revision, "submitted_at": entered.submitted_at}
    for name, value in of_now.items():
        set_committed_value(submission, name, value)
    draft, keeps = assignment.draft, assignment.project.keeps_provenance
    asked = assignment.prompt.messages if assignment.prompt and not assignment.is_pair else draft.prompt_messages
    revision = as_read(
        session, Revision, entered.revision_id,
        id=entered.revision_id, submission_id=submission.id, number=entered.current_revision, author_id=actor.user_id,
        prompt_messages=asked, messages=draft.messages, guidelines_id=entered.guidelines_id,
        draft_revision=draft.revision, provenance=draft.provenance if keeps else None, created_at=entered.revised_at,
    )  # fmt: skip
    rules = as_read(
        session, Guidelines, entered.guidelines_id,
        id=entered.guidelines_id, project_id=assignment.project_id, version=entered.version,
    )  # fmt: skip
    set_committed_value(revision, "guidelines", rules)
    set_committed_value(submission, "revisions", [*submission.revisions, revision])
    return submission
