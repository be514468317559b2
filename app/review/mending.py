"""What stands beside a draft of which changes were asked: the note, what was said of passages, what differs by now."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.review.comments.threads import Thread, open_threads
from app.review.decided import Decided, decisions
from app.review.desk.look import Turn, shown
from app.review.models import Part
from app.review.schemas import View
from app.writing.models import Assignment, Revision, Submission
from app.writing.queries import get_submission_for, submission_of


@dataclass(frozen=True)
class Mending:
    """The decision on the newest revision, what is still open on it, and the draft as it is saved against it.

    `asked` is the prompt against that of the revision, where the writer makes it up; `is_same`: nothing differs yet.
    """

    assignment_id: int
    submission: Submission
    revision: Revision
    decision: Decided
    threads: Sequence[Thread]
    asked: Sequence[Turn]
    response: Sequence[Turn]
    is_same: bool
    template: str = "review/_mending.html"


def mending(session: Session, actor: Actor, assignment: Assignment) -> Mending | None:
    """It, for the assignment's writer; that is loaded with its project, prompt and draft. None before a decision."""
    own = submission_of(session, assignment.id)
    if own is None:
        return None
    submission = get_submission_for(session, actor, own.id)
    newest, draft = submission.revisions[-1], assignment.draft
    made = decisions(session, actor, assignment.project, submission)
    if not made or made[-1].revision != newest.number:
        return None
    asked = draft.prompt_messages if assignment.is_pair else newest.prompt_messages
    changed = View.CHANGES
    return Mending(
        assignment_id=assignment.id,
        submission=submission,
        revision=newest,
        decision=made[-1],
        threads=open_threads(session, actor, assignment),
        asked=shown(changed, Part.PROMPT, asked, newest.prompt_messages) if asked != newest.prompt_messages else (),
        response=shown(changed, Part.RESPONSE, draft.messages, newest.messages),
        is_same=(asked, draft.messages) == (newest.prompt_messages, newest.messages),
    )
