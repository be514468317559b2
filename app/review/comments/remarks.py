"""What was said of earlier revisions, read where some decisions are known already: without a number, without a time.

Beside a known text stands what stood beside it while it waited: nothing said or settled since it was handed in, and
where two judge blind to each other, nothing that another reviewer said since its wait began.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.projects.models import Project
from app.review.comments.threads import begun_at, threads_for
from app.review.models import Comment
from app.review.policy import is_disputed, stands_while_waiting
from app.writing.models import Submission


@dataclass(frozen=True)
class Remark:
    """What somebody said of words of an earlier revision, and whether these still stand in the newest one."""

    revision: int
    quote: str
    body: str
    who: str
    stands: bool
    is_settled: bool
    answers: Sequence[tuple[str, str]]


def remarks_of(session: Session, actor: Actor, project: Project, submission: Submission) -> list[Remark]:
    """What was said before the newest revision was handed in, in the order of the text."""
    newest = submission.revisions[-1]
    before, begun = newest.created_at, begun_at(session, submission, before=newest.number)
    blind = project.reviews_per_response > 1 and not is_disputed(submission)

    def stood(comment: Comment) -> bool:
        fresh = comment.created_at >= begun
        return comment.created_at < before and stands_while_waiting(
            actor, submission, comment, fresh=fresh, blind=blind
        )

    return [
        Remark(
            revision=thread.revision,
            quote=thread.first.comment.quote,
            body=thread.first.comment.body,
            who=thread.first.who,
            stands=thread.place is not None,
            is_settled=thread.first.comment.resolved_at is not None and thread.first.comment.resolved_at < before,
            answers=[(one.who, one.comment.body) for one in thread.answers if stood(one.comment)],
        )
        for thread in threads_for(session, actor, project, submission, newest)
        if stood(thread.first.comment)
    ]
