"""What a decision does to the work that it is about, as parts of one statement of the room `review`.

It is what `lock_work` and `record_decision` do, for what decisions nearly always are. The others go by those.
"""

from app.projects.service import counting_approved
from app.prompts import slots
from app.writing.models import SubmissionStatus

# Of a pair its prompt is decided on as well, and where writers qualify it is counted who now has. Who recalled what
# they handed in has its draft open.
IS_PLAIN = "AND NOT a.is_pair AND p.qualification = 0 AND a.status = 'handed_in'"


def taking_turn(*, where: str, joins: str = "") -> str:
    """The newest revision of a `submission` that waits, and that its author has not recalled, with its work locked.

    `where`: what else must be so, of the assignment `a`, submission `s`, revision `r`, guidelines `g` and project `p`,
    and of what a later room `joins`.
    No row where it is somebody's turn, or was since the statement began: what it looks at besides what is locked is
    from then, and whoever touches a submission writes its row.
    """
    return f"""
    SELECT s.id, s.project_id, s.prompt_id, s.assignment_id, s.category_id, s.author_id, s.current_revision AS revision,
        r.id AS revision_id, p.lease_minutes
    FROM submissions s JOIN assignments a ON a.id = s.assignment_id JOIN projects p ON p.id = s.project_id
        JOIN revisions r ON r.submission_id = s.id AND r.number = s.current_revision
        JOIN guidelines g ON g.id = r.guidelines_id {joins}
    WHERE s.id = :submission AND s.status = 'submitted' AND s.lease_holder_id IS DISTINCT FROM s.author_id
        AND s.xmin = (SELECT seen.xmin FROM submissions seen WHERE seen.id = s.id) {where}
    FOR UPDATE OF a SKIP LOCKED FOR NO KEY UPDATE OF s SKIP LOCKED"""  # noqa: S608 - a constant of ours


def deciding(part: str, status: SubmissionStatus) -> str:
    """Parts of a statement that decide on what its `part` has locked: approved, or to be mended by its writer."""
    decided = f"""
    decided AS (
        UPDATE submissions SET status = '{status.value}', decided_at = now(),
            lease_holder_id = NULL, lease_expires_at = NULL
        FROM {part} WHERE submissions.id = {part}.id)"""  # noqa: S608 - names of ours
    if status is SubmissionStatus.APPROVED:
        counted = counting_approved(part, after="completed")  # as `record_decision` does: else two would wait for ever
        return f"{decided}, completed AS ({slots.completing(part)}), counted AS ({counted})"
    assert status is SubmissionStatus.CHANGES_REQUESTED, "a rejection opens a place, by `record_decision`"
    return f"""{decided}, opened AS (
        UPDATE assignments SET status = 'drafting' FROM {part} WHERE assignments.id = {part}.assignment_id)"""  # noqa: S608


def holding(part: str, *, holder: str, since: str = "now()") -> str:
    """A part of a statement that leases what its `part` has locked: from now, or from when another part says."""
    return f"""
    UPDATE submissions SET lease_holder_id = :{holder},
        lease_expires_at = {since} + make_interval(mins => {part}.lease_minutes::int)
    FROM {part} WHERE submissions.id = {part}.id"""  # noqa: S608 - names of ours


def freeing_others(part: str, *, holder: str, kept: str) -> str:
    """A part of a statement that gives back what somebody holds besides, in the project of what its `part` has locked.

    `kept`: a SELECT of what of it is not given back, nor is what they recalled themselves.
    """
    return f"""
    UPDATE submissions SET lease_holder_id = NULL, lease_expires_at = NULL FROM {part}
    WHERE submissions.lease_holder_id = :{holder} AND submissions.project_id = {part}.project_id
        AND submissions.author_id <> :{holder} AND submissions.id <> {part}.id AND submissions.id NOT IN ({kept})"""  # noqa: S608 - names of ours
