"""How does a draft or a submission look in a list? Short forms for pages; the texts themselves are not altered."""

from dataclasses import dataclass
from datetime import datetime

from app.core.excerpts import beginning, end
from app.writing.models import Assignment, Submission, SubmissionStatus
from app.writing.turns import question_of, words

UNNAMED_PAIR = "A pair without a question yet"


@dataclass(frozen=True)
class DraftCard:
    """A draft in a list: what is asked, where the writer stopped, how much there is."""

    assignment_id: int
    project_id: int
    question: str
    language: str
    tail: str
    words: int
    saved_at: datetime
    is_begun: bool


@dataclass(frozen=True)
class SubmissionCard:
    """A submission in a list: what was asked, and what became of it."""

    submission_id: int
    assignment_id: int | None
    question: str
    language: str
    category: str
    status: SubmissionStatus
    revision: int
    submitted_at: datetime
    decided_at: datetime | None


def draft_card(assignment: Assignment) -> DraftCard:
    """The card of an assignment with its prompt and draft loaded."""
    draft = assignment.draft
    asked = assignment.prompt.messages if assignment.prompt and not assignment.is_pair else draft.prompt_messages
    return DraftCard(
        assignment_id=assignment.id,
        project_id=assignment.project_id,
        question=beginning(question_of(asked)) or UNNAMED_PAIR,
        language=assignment.prompt.language if assignment.prompt else "",
        tail=end(draft.messages[-1]["content"]) if draft.messages else "",
        words=words(draft.messages),
        saved_at=draft.saved_at,
        is_begun=draft.revision > 0,
    )


def submission_card(submission: Submission) -> SubmissionCard:
    """The card of a submission with its prompt and category loaded."""
    return SubmissionCard(
        submission_id=submission.id,
        assignment_id=submission.assignment_id,
        question=beginning(question_of(submission.prompt.messages)),
        language=submission.prompt.language,
        category=submission.category.name if submission.category else "",
        status=submission.status,
        revision=submission.current_revision,
        submitted_at=submission.submitted_at,
        decided_at=submission.decided_at,
    )
