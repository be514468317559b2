"""What was said of many texts at once, for whoever takes them away with it: people are pseudonyms. Only reads."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import Membership
from app.review.comments.anchors import Span
from app.review.comments.threads import place_in
from app.review.models import Comment, Opinion, Review
from app.writing.models import Revision


@dataclass(frozen=True)
class Talk:
    """What was said of one submission, oldest first: the decisions, and the comments with the answers to each.
    A decision that two opinions agreed on is these two, each with its own words.

    `places`: by comment where its words stand in the revision that is given away; None where they stand no more.
    """

    reviews: list[Review | Opinion] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    answers: defaultdict[int, list[Comment]] = field(default_factory=lambda: defaultdict(list))
    places: dict[int, Span | None] = field(default_factory=dict)

    @property
    def is_silent(self) -> bool:
        """Whether nobody said a word: there are ratings at most."""
        return not self.comments and not any(one.note for one in self.reviews)


def talks_of(session: Session, shown: Mapping[int, Revision]) -> dict[int, Talk]:
    """By submission what was said of it, as it stands in the revision `shown`.

    Ask first whether it may be seen: of what is not decided for good, some may not be told to everybody yet.
    """
    talks = {submission_id: Talk() for submission_id in shown}
    made = select(Review).where(Review.submission_id.in_(shown)).options(joinedload(Review.revision))
    given = _opinions_on(session, shown)
    for review in session.scalars(made.order_by(Review.id)):
        both = given[review.revision_id]
        agreed = any(one.reviewer_id == review.reviewer_id for one in both)
        talks[review.submission_id].reviews.extend(both if agreed else [review])
    said = select(Comment).where(Comment.submission_id.in_(shown)).options(joinedload(Comment.revision))
    for one in session.scalars(said.order_by(Comment.id)):
        talk = talks[one.submission_id]
        if one.parent_id is not None:
            talk.answers[one.parent_id].append(one)
            continue
        talk.comments.append(one)
        talk.places[one.id] = place_in(one, one.revision, shown[one.submission_id])
    return talks


def _opinions_on(session: Session, shown: Mapping[int, Revision]) -> defaultdict[int, list[Opinion]]:
    """By revision the opinions on it, in the order in which they were given."""
    given = select(Opinion).where(Opinion.submission_id.in_(shown)).options(joinedload(Opinion.revision))
    found: defaultdict[int, list[Opinion]] = defaultdict(list)
    for one in session.scalars(given.order_by(Opinion.id)):
        found[one.revision_id].append(one)
    return found


def speakers(talks: Iterable[Talk]) -> set[int]:
    """The ids of those who decided, commented or answered."""
    people: set[int] = set()
    for talk in talks:
        people |= {one.reviewer_id for one in talk.reviews} | {one.author_id for one in talk.comments}
        people |= {one.author_id for answers in talk.answers.values() for one in answers}
    return people


def pseudonyms(session: Session, project_id: int, people: Sequence[int]) -> dict[int, str]:
    """By person the name under which a project publishes what they wrote."""
    found = select(Membership.user_id, Membership.pseudonym)
    found = found.where(Membership.project_id == project_id, Membership.user_id.in_(people))
    return {row[0]: row[1] for row in session.execute(found)}
