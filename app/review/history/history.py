"""How does a project decide? How fast, how often it is settled otherwise, which rules returns name. Only reads."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app.accounts.models import Membership, User
from app.review.history.raters import Judged
from app.review.models import Decision, Review
from app.writing.models import Revision, Submission

LOOK_BACK = 1_000  # decisions
PAUSE = timedelta(minutes=30)  # between two decisions: who took longer did something else


@dataclass(frozen=True)
class Made:
    """One decision, with the moment at which its author had handed in."""

    submission_id: int
    revision_id: int
    reviewer_id: int
    decision: Decision
    missed: str
    at: datetime
    handed_in: datetime


@dataclass(frozen=True)
class Pace:
    """Over so many steps from one decision of a reviewer to their next: the median. None where there are none."""

    steps: int
    median: timedelta | None


@dataclass(frozen=True)
class Settled:
    """Of so many disputes so many are settled; of the opinions on these so many were overruled."""

    disputes: int
    settled: int
    opinions: int
    overruled: int


def list_made(session: Session, project_id: int) -> list[Made]:
    """The newest decisions of a project. Ask first whether they may be seen."""
    theirs = (
        select(func.max(Revision.created_at))
        .where(
            Revision.submission_id == Review.submission_id,
            Revision.id <= Review.revision_id,
            Revision.author_id == Submission.author_id,
        )
        .correlate(Review, Submission)
        .scalar_subquery()
    )
    newest = select(
        Review.submission_id,
        Review.revision_id,
        Review.reviewer_id,
        Review.decision,
        Review.missed,
        Review.created_at,
        theirs,
    ).join(Submission, Submission.id == Review.submission_id)
    newest = newest.where(Review.project_id == project_id).order_by(Review.id.desc()).limit(LOOK_BACK)
    return [Made(*row) for row in session.execute(newest)]


def reviewers_of(session: Session, project_id: int) -> list[tuple[int, str]]:
    """Ids and names of the members who have decided in a project, by name. Ask first whether they may be seen.

    Of each member one probe of an index: decisions grow without end, members do not.
    """
    decided = select(Review.id).where(Review.project_id == project_id, Review.reviewer_id == User.id).limit(1)
    people = select(User.id, User.name).join(Membership, Membership.user_id == User.id)
    people = people.where(Membership.project_id == project_id, decided.correlate(User).scalar_subquery().is_not(None))
    return [(user_id, name) for user_id, name in session.execute(people.order_by(User.name, User.id))]


def wait(made: Sequence[Made]) -> timedelta | None:
    """The median time from handing in to the decision."""
    waits = [(one.at - one.handed_in).total_seconds() for one in made]
    return timedelta(seconds=median(waits)) if waits else None


def pace(made: Iterable[Made], judged: Iterable[Judged], reviewer_id: int | None = None) -> Pace:
    """How long a decision or an opinion takes: from the one before of the same person, pauses left out.

    Of everybody, or of one reviewer. An opinion counts once the other one is there.
    """
    moments: defaultdict[int, set[datetime]] = defaultdict(set)
    for one in made:
        moments[one.reviewer_id].add(one.at)
    for both in judged:
        for said in both.both:
            moments[said.reviewer_id].add(said.at)
    steps = [
        (after - before).total_seconds()
        for who, theirs in moments.items()
        if reviewer_id in (None, who)
        for before, after in pairwise(sorted(theirs))
        if after - before <= PAUSE
    ]
    return Pace(len(steps), timedelta(seconds=median(steps)) if steps else None)


def lines(made: Iterable[Made]) -> list[tuple[str, int]]:
    """The parts of the guidelines that returns name, each with how many do; the part behind most returns first."""
    named = Counter(one.missed for one in made if one.missed)
    return sorted(named.items(), key=lambda one: (-one[1], one[0]))


def returns(made: Iterable[Made]) -> int:
    """How many of these decisions sent a response back, or turned it down."""
    return sum(one.decision is not Decision.APPROVED for one in made)


def settlements(session: Session, judged: Sequence[Judged], reviewer_id: int | None = None) -> Settled:
    """What became of the disputes among these; opinions of everybody, or of one reviewer."""
    disputes = [
        one
        for one in judged
        if one.disputed and (reviewer_id is None or reviewer_id in {said.reviewer_id for said in one.both})
    ]
    final = decided_on(session, {one.revision_id for one in disputes})
    settled = [one for one in disputes if one.revision_id in final]
    said = [
        opinion.decision is final[one.revision_id]
        for one in settled
        for opinion in one.both
        if reviewer_id in (None, opinion.reviewer_id)
    ]
    return Settled(len(disputes), len(settled), len(said), said.count(False))


def decided_on(session: Session, revision_ids: set[int]) -> dict[int, Decision]:
    """The decision on each of these revisions, or on what a reviewer has made of it, by the revision."""
    seen, decided = aliased(Revision), aliased(Revision)
    edited = (decided.number == seen.number + 1) & (decided.author_id != Submission.author_id)
    found = (
        select(seen.id, Review.decision)
        .join(Submission, Submission.id == seen.submission_id)
        .join(decided, (decided.submission_id == seen.submission_id) & ((decided.id == seen.id) | edited))
        .join(Review, Review.revision_id == decided.id)
        .where(seen.id.in_(revision_ids))
    )
    return {row[0]: row[1] for row in session.execute(found)}
