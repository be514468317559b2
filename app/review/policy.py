"""Who may decide on what others wrote. Pure: no session, no clock, no request."""

from app.accounts.actor import Actor
from app.core.errors import YES, Verdict
from app.projects.models import Project
from app.review.models import Comment
from app.writing.models import Submission, SubmissionStatus


def can_review(actor: Actor, project_id: int) -> Verdict:
    """Whether the actor decides in this project at all."""
    if not actor.reviews(project_id):
        return Verdict("review.not_a_reviewer", "Only reviewers of this project decide.")
    return YES


def can_decide(actor: Actor, submission: Submission) -> Verdict:
    """Whether the actor may decide on this submission: a reviewer of its project, and not its author."""
    verdict = can_review(actor, submission.project_id)
    if verdict and submission.author_id == actor.user_id:
        return Verdict("review.own_submission", "Somebody else decides on what you wrote.")
    if verdict and submission.author_id is None:
        return Verdict("review.imported", "This pair was imported as it stands. Nobody here wrote it, or judges it.")
    return verdict


def can_mark_gold(actor: Actor, submission: Submission) -> Verdict:
    """Whether the actor may vouch for the right decision on this: an administrator of the project, not its author."""
    if not actor.administers(submission.project_id):
        return Verdict("review.not_an_admin", "Only administrators of this project say which decisions are known.")
    return can_decide(actor, submission)


def can_edit(project: Project, submission: Submission) -> Verdict:
    """Whether a reviewer may put the text right: where two judge the same text, only the one who settles a dispute."""
    if project.reviews_per_response > 1 and not is_disputed(submission):
        return Verdict(
            "review.two_opinions",
            "Two opinions are asked for here, on the same text: approve it as it is, or ask for changes.",
        )
    return YES


def is_disputed(submission: Submission) -> bool:
    """Whether two opinions on it differ, and nobody has settled it yet."""
    return submission.disputed_at is not None and submission.status is SubmissionStatus.SUBMITTED


def sees_pairs(actor: Actor, project_id: int) -> bool:
    """Whether the actor may know which two reviewers agree how far: administrators of the project."""
    return actor.administers(project_id)


def is_open_book(project: Project) -> bool:
    """Whether a reviewer's desk may tell what else is known of a text: not where some are decided already, unmarked."""
    return project.gold_every == 0


def sees_reviewers(actor: Actor, project_id: int, *, shown_to_writers: bool) -> bool:
    """Whether the actor may know who decided: those who decide do; writers where the project says so."""
    return actor.reviews(project_id) or shown_to_writers


def can_read_comments(actor: Actor, submission: Submission) -> Verdict:
    """Whether the actor may know what is said of this text: its author, and reviewers of its project."""
    if submission.author_id == actor.user_id:
        return YES
    return can_review(actor, submission.project_id)


def can_comment(actor: Actor, submission: Submission) -> Verdict:
    """Whether the actor may speak about this text: whoever reads what is said, where somebody here wrote it."""
    verdict = can_read_comments(actor, submission)
    if verdict and submission.author_id is None:
        return Verdict("review.nobody_to_read", "This pair was imported: nobody here wrote it, to read a comment.")
    return verdict


def sees_comment(actor: Actor, submission: Submission, comment: Comment, *, fresh: bool, blind: bool) -> bool:
    """Whether the actor may read a comment on a text that they may see.

    `fresh`: it was made since a decision is waited for. While there is none, the author sees of it
    only what they said themselves, and a reviewer who is still `blind` to the other one only that and the author's.
    """
    undecided = submission.status in (SubmissionStatus.SUBMITTED, SubmissionStatus.WITHDRAWN)
    return not undecided or stands_while_waiting(actor, submission, comment, fresh=fresh, blind=blind)


def stands_while_waiting(actor: Actor, submission: Submission, comment: Comment, *, fresh: bool, blind: bool) -> bool:
    """The same while a decision is waited for, and of what is decided already, as if it still were."""
    if comment.author_id == actor.user_id or not fresh:
        return True
    if submission.author_id == actor.user_id:
        return False
    return comment.author_id == submission.author_id or not blind
