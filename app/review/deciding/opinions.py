"""Two opinions on one revision, blind to each other: equal ones are the decision, of unequal ones a third judges.

A project asks for two by `reviews_per_response`. Whoever has given one sees both once there are two, and so does the
third person; nobody else, and never the author.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, bindparam, func, select, text, update
from sqlalchemy.orm import Session, joinedload

from app.accounts.actor import Actor
from app.core.database import built_once
from app.core.errors import Conflict
from app.core.leases import give_back
from app.core.passing import with_person
from app.projects.queries import get_project_for
from app.review.deciding import told
from app.review.deciding.making import audit, make_review, same_again, still_waits
from app.review.deciding.wishes import Weighed
from app.review.models import Opinion, Review
from app.writing.models import Submission

JUDGED = text(f"UPDATE submissions SET judged_by = {with_person('judged_by', 'person')} WHERE id = :submission")  # noqa: S608


def decide(session: Session, actor: Actor, weighed: Weighed) -> Review | Opinion:
    """Make the decision, or where two opinions are asked for, give one; the caller has its turn at the work."""
    submission, wish = weighed.submission, weighed.wish
    project = get_project_for(session, actor, submission.project_id)
    given = opinions_on(session, weighed.seen.id)
    disputed = session.scalar(select(Submission.disputed_at).where(Submission.id == submission.id)) is not None
    if project.reviews_per_response == 1 or (disputed and not own(actor, given)):
        return make_review(session, actor, weighed, ratings=wish.ratings, note=wish.note, missed=wish.missed)
    if not still_waits(session, weighed):
        return own_again(actor, weighed, given) or same_again(session, actor, weighed)
    if own(actor, given):
        return own_again(actor, weighed, given) or refuse_second()
    return give(session, actor, weighed, given)


def give(session: Session, actor: Actor, weighed: Weighed, given: Sequence[Opinion]) -> Review | Opinion:
    """The actor's opinion; the second one makes the decision, or a dispute."""
    submission, wish = weighed.submission, weighed.wish
    made = Opinion(
        project_id=submission.project_id,
        submission_id=submission.id,
        revision_id=weighed.seen.id,
        reviewer_id=actor.user_id,
        decision=wish.decision,
        ratings=dict(wish.ratings),
        note=wish.note,
        missed=wish.missed,
    )
    session.add(made)
    session.flush()
    session.execute(JUDGED, {"submission": submission.id, "person": actor.user_id})
    audit(session, actor, "review.opinion_given", submission, revision=weighed.seen.number)
    give_back(session, Submission, submission.id, holder_id=actor.user_id)
    if not given:
        return made
    if given[0].decision is made.decision:
        both = [given[0], made]
        return make_review(
            session,
            actor,
            weighed,
            ratings=mean_ratings(both),
            note=notes_of(both),
            missed=given[0].missed or made.missed,
        )
    dispute = update(Submission).where(Submission.id == submission.id)
    session.execute(dispute.values(disputed_at=func.now(), lease_holder_id=None, lease_expires_at=None))
    audit(session, actor, "review.disputed", submission, revision=weighed.seen.number)
    told.disputed(session, submission, [given[0].reviewer_id, made.reviewer_id])
    return made


def opinions_on(session: Session, revision_id: int) -> Sequence[Opinion]:
    """The opinions on one revision in the order in which they were given, each with its reviewer. For verbs alone."""
    return session.scalars(_opinions_on(), {"revision": revision_id}).all()


@built_once
def _opinions_on() -> Select[Opinion]:
    given = select(Opinion).where(Opinion.revision_id == bindparam("revision")).order_by(Opinion.id)
    return given.options(joinedload(Opinion.reviewer))


def opinions_for(session: Session, actor: Actor, submission: Submission, revision_id: int) -> Sequence[Opinion]:
    """What this actor may see of the opinions on a revision: none before they gave their own, or there are two."""
    if not actor.reviews(submission.project_id) or submission.author_id == actor.user_id:
        return []
    given = opinions_on(session, revision_id)
    return given if len(given) > 1 or own(actor, given) else []


def revisions_judged(session: Session, actor: Actor, submission_id: int) -> set[int]:
    """The ids of the revisions of a submission on which the actor has given an opinion."""
    mine = select(Opinion.revision_id).where(
        Opinion.submission_id == submission_id, Opinion.reviewer_id == actor.user_id
    )
    return set(session.scalars(mine))


def own(actor: Actor, given: Sequence[Opinion]) -> Opinion | None:
    """The actor's own opinion among these."""
    return next((one for one in given if one.reviewer_id == actor.user_id), None)


def has_given(session: Session, actor: Actor, weighed: Weighed) -> bool:
    """Whether the actor has given an opinion on this revision: another decision of theirs comes to nothing."""
    return own(actor, opinions_on(session, weighed.seen.id)) is not None


def own_again(actor: Actor, weighed: Weighed, given: Sequence[Opinion]) -> Opinion | None:
    """The actor's own opinion, if it was the same that is sent again."""
    mine, wish = own(actor, given), weighed.wish
    if mine is None:
        return None
    said = (mine.decision, mine.ratings, mine.note, mine.missed)
    return mine if said == (wish.decision, wish.ratings, wish.note, wish.missed) else None


def refuse_second() -> Opinion:
    """Conflict: two opinions are two persons', and a dispute is a third one's."""
    raise Conflict(
        "review.opinion_given", "You have given your opinion on this; the rest is up to others. Nothing new was stored."
    )


def mean_ratings(both: Sequence[Opinion]) -> dict[str, int | float]:
    """Criterion by criterion the mean of what was rated: two people's judgement counts as much as each other's."""
    keys = dict.fromkeys(key for one in both for key in one.ratings)
    return {key: mean([one.ratings[key] for one in both if key in one.ratings]) for key in keys}


def mean(ratings: Sequence[int]) -> int | float:
    """The mean, whole where it is."""
    value = sum(ratings) / len(ratings)
    return int(value) if value.is_integer() else value


def notes_of(both: Sequence[Opinion]) -> str:
    """What both wrote to the author, the first one's first; each opinion keeps its own."""
    return "\n\n".join(one.note for one in both if one.note)


def side_by_side(rubric: Sequence[Mapping[str, Any]], given: Sequence[Opinion]) -> list[tuple[str, list[int | None]]]:
    """Row by row of the rubric what each has rated, None where they have not."""
    return [(one["name"], [opinion.ratings.get(one["key"]) for opinion in given]) for one in rubric]
