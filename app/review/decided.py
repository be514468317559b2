"""What was decided on a submission, as one reader may see it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.projects.models import Project
from app.review import queries
from app.review.deciding.missed import anchor_of
from app.review.models import Review
from app.review.policy import sees_reviewers
from app.writing.models import Submission


@dataclass(frozen=True)
class Decided:
    """One decision as this reader may see it: `who` is a name, or just "A reviewer"; `place` and `anchor` lead to
    the part of the guidelines that it names."""

    review: Review
    revision: int
    who: str
    place: str
    anchor: str
    ratings: Sequence[tuple[str, int | float]]


def decisions(session: Session, actor: Actor, project: Project, submission: Submission) -> list[Decided]:
    """What was decided, oldest first, with the criteria by the names they had then."""
    named = sees_reviewers(actor, project.id, shown_to_writers=project.show_reviewer_names)
    rules = {revision.id: revision.guidelines for revision in submission.revisions}
    return [
        Decided(
            review=review,
            revision=review.revision.number,
            who=review.reviewer.name if named else "A reviewer",
            place=f"?version={rules[review.revision_id].version}",
            anchor=anchor_of(rules[review.revision_id], review.missed),
            ratings=[
                (one["name"], review.ratings[one["key"]])
                for one in rules[review.revision_id].rubric
                if one["key"] in review.ratings
            ],
        )
        for review in queries.reviews_of(session, submission.id)
    ]
