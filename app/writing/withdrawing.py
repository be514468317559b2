"""An administrator withdraws a response on behalf of whoever wrote it: with a reason, of which the writer is told."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.notices import tell
from app.writing.consent import forget_reasons as forget_consent_reasons
from app.writing.models import Submission, Withdrawal
from app.writing.policy import can_withdraw_for
from app.writing.queries import get_submission_for
from app.writing.submissions import take_back


def withdraw_for(session: Session, actor: Actor, submission_id: int, *, reason: str) -> Submission:
    """Withdraw what another member handed in, as they could themselves."""
    submission = get_submission_for(session, actor, submission_id)
    can_withdraw_for(actor, submission).require()
    take_back(session, actor, submission, "writing.withdrawn_for")
    session.add(Withdrawal(submission_id=submission.id, withdrawn_by=actor.user_id, reason=reason))
    session.flush()
    tell(
        session, submission.author_id, "response_withdrawn",
        project_id=submission.project_id, subject="submission", subject_id=submission.id, by=actor.user_id,
    )  # fmt: skip
    return submission


def withdrawal_of(session: Session, submission: Submission) -> Withdrawal | None:
    """Who withdrew it for its author, and why, if somebody did. For who has already been shown the submission."""
    return session.get(Withdrawal, submission.id)


def forget_reasons(session: Session, user_id: int) -> None:
    """Drop the reasons that somebody gave, and those for withdrawing what they wrote: they are being erased."""
    own = select(Submission.id).where(Submission.author_id == user_id)
    theirs = (Withdrawal.withdrawn_by == user_id) | Withdrawal.submission_id.in_(own)
    session.execute(delete(Withdrawal).where(theirs))
    forget_consent_reasons(session, user_id)
