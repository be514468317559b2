"""The rows of a hand-in, written by statements that are built once and take the texts from where they stand.

What is written is not read again: the ORM is told what the database has told us.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from app.accounts.actor import Actor
from app.core.database import as_written
from app.projects.queries import current_guidelines
from app.writing.models import Assignment, AssignmentStatus, Revision, Submission, SubmissionStatus
from app.writing.queries import NEWCOMER_APPROVALS

ENTERED = text("""
INSERT INTO submissions
    (project_id, prompt_id, assignment_id, author_id, category_id, status, current_revision, from_newcomer)
VALUES (:project_id, :prompt_id, :assignment_id, :author_id, :category_id, 'submitted', 1, (
    SELECT count(*) < :enough FROM (
        SELECT FROM submissions
        WHERE author_id = :author_id AND project_id = :project_id AND status = 'approved' LIMIT :enough) approved))
RETURNING id, from_newcomer, submitted_at, created_at
""")
# The draft is locked, and the question changes no more: their texts need not travel.
REVISED = text("""
WITH handed_in AS (
    UPDATE assignments SET status = 'handed_in' WHERE id = :assignment_id RETURNING id, prompt_id, is_pair
)
INSERT INTO revisions
    (submission_id, number, author_id, prompt_messages, messages, guidelines_id, draft_revision, provenance)
SELECT :submission_id, :number, :author_id, CASE WHEN a.is_pair THEN d.prompt_messages ELSE p.messages END, d.messages,
    :guidelines_id, d.revision, CASE WHEN :keeps_provenance THEN d.provenance END
FROM handed_in a JOIN drafts d ON d.assignment_id = a.id JOIN prompts p ON p.id = a.prompt_id
RETURNING id, created_at
""")


def enter(session: Session, actor: Actor, assignment: Assignment) -> Submission:
    """The submission of an assignment from which nothing was handed in before."""
    values = {
        "project_id": assignment.project_id,
        "prompt_id": assignment.prompt_id,
        "assignment_id": assignment.id,
        "author_id": actor.user_id,
        "category_id": assignment.category_id,
    }
    entered = session.execute(ENTERED, {**values, "enough": NEWCOMER_APPROVALS}).mappings().one()
    submission = Submission(
        **entered, **values, status=SubmissionStatus.SUBMITTED, current_revision=1,
        decided_at=None, disputed_at=None, lease_holder_id=None, lease_expires_at=None,
    )  # fmt: skip
    return as_written(session, submission)


def add_revision(session: Session, actor: Actor, assignment: Assignment, submission: Submission) -> Revision:
    """The draft as the submission's newest revision, with the guidelines of now; the assignment is handed in."""
    draft, rules = assignment.draft, current_guidelines(session, submission.project_id)
    values = {
        "submission_id": submission.id,
        "number": submission.current_revision,
        "author_id": actor.user_id,
        "guidelines_id": rules.id,
    }
    keeps = {"keeps_provenance": assignment.project.keeps_provenance, "assignment_id": assignment.id}
    revised = session.execute(REVISED, {**values, **keeps}).mappings().one()
    set_committed_value(assignment, "status", AssignmentStatus.HANDED_IN)
    asked = assignment.prompt.messages if assignment.prompt and not assignment.is_pair else draft.prompt_messages
    revision = Revision(
        **revised, **values, prompt_messages=asked, messages=draft.messages, draft_revision=draft.revision,
        provenance=draft.provenance if assignment.project.keeps_provenance else None,
    )  # fmt: skip
    set_committed_value(as_written(session, revision), "guidelines", rules)
    return revision
