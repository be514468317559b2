"""Which ranking lies before a person, which waits for them, and how far are those of a set? Nothing here writes."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, Integer, Select, and_, any_, cast, func, or_, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session, aliased, joinedload
from sqlalchemy.types import BigInteger

from app.accounts.actor import Actor
from app.core.database import built_once
from app.core.errors import NotFound
from app.preferences.checks import REPEAT_AFTER
from app.preferences.models import ComparedResponse, ComparisonPrompt, ComparisonSet, Purpose, SetState
from app.preferences.queries import PERSON, PROJECT, emptied_prompts, emptied_responses
from app.preferences.ranking.models import Ordered, Ordering, Ranking, RankingState
from app.writing.models import Submission, SubmissionStatus


def get_own_ordering(session: Session, actor: Actor, ordering_id: int) -> Ordering:
    """What was laid before this very actor, with its ranking. NotFound for anybody else's."""
    own = select(Ordering).where(
        Ordering.id == ordering_id, Ordering.person_id == actor.user_id, Ordering.project_id.in_(list(actor.roles))
    )
    own = own.options(joinedload(Ordering.ranking)).execution_options(populate_existing=True)
    if found := session.scalar(own):
        return found
    raise NotFound("preferences.no_ordering", "There is no such ranking.")


def is_broken() -> ColumnElement[bool]:
    """Whether a text of a ranking is there no longer: withdrawn, or emptied when somebody was erased."""
    of_it = ComparedResponse.id == any_(Ranking.response_ids)
    withdrawn = select(ComparedResponse.id).join(Submission, Submission.id == ComparedResponse.submission_id)
    gone = (
        withdrawn.where(of_it, Submission.status != SubmissionStatus.APPROVED),
        emptied_responses().where(of_it),
        emptied_prompts().where(ComparisonPrompt.id == Ranking.comparison_prompt_id),
    )
    return or_(*(one.correlate(Ranking).offset(0).exists() for one in gone))


def may_rank() -> ColumnElement[bool]:
    """Rankings of a project that this person may be given at all, of an open set."""
    mine = Ranking.not_for.contains(array([PERSON], type_=BigInteger))
    of_open_set = select(ComparisonSet.id).where(
        ComparisonSet.id == Ranking.set_id, ComparisonSet.state == SetState.OPEN
    )
    is_open = of_open_set.correlate(Ranking).offset(0).exists()
    return and_(Ranking.project_id == PROJECT, ~mine, ~is_broken(), is_open)


def met(purpose: Purpose) -> ColumnElement[bool]:
    """Whether this person has answered or left a ranking, for this purpose."""
    said = select(Ordering.id).where(
        Ordering.ranking_id == Ranking.id,
        Ordering.person_id == PERSON,
        Ordering.purpose == purpose,
        Ordering.answered_at.is_not(None),
    )
    return said.correlate(Ranking).offset(0).exists()


@built_once
def waiting() -> Select[int]:
    """Ids of open rankings for a `person` in a `project`, in the order of pairs."""
    ids = select(Ranking.id).where(Ranking.state == RankingState.OPEN, may_rank(), ~met(Purpose.PLAIN))
    return ids.order_by(Ranking.certainty, Ranking.answered, Ranking.id)


@built_once
def to_repeat() -> Select[Ranking, Sequence[int]]:
    """The first ranking of a `person`'s own that may come again, with the order in which it lay."""
    said = aliased(Ordering)
    later = (
        select(Ordering.id)
        .where(
            Ordering.person_id == PERSON,
            Ordering.project_id == PROJECT,
            Ordering.answered_at > said.answered_at,
            Ordering.said != Ordered.SKIPPED,
        )
        .offset(REPEAT_AFTER - 1)
        .limit(1)
    )
    found = (
        select(Ranking, said.laid)
        .join(said, said.ranking_id == Ranking.id)
        .join(ComparisonSet, ComparisonSet.id == Ranking.set_id)
        .where(
            said.person_id == PERSON,
            said.purpose == Purpose.PLAIN,
            said.said == Ordered.ORDERED,
            Ranking.state != RankingState.CLOSED,
            ComparisonSet.check_every > 0,
            later.correlate(said).exists(),
            may_rank(),
            ~met(Purpose.REPEAT),
        )
    )
    return found.order_by(said.answered_at).limit(1)


def on_desk(session: Session, actor: Actor, project_id: int) -> Ordering | None:
    """The ranking that lies before this person: offered, not answered, and nobody else has taken it."""
    return session.scalar(_on_desk(), {"person": actor.user_id, "project": project_id})


@built_once
def _on_desk() -> Select[Ordering]:
    theirs = and_(
        Ordering.purpose == Purpose.PLAIN,
        Ranking.state == RankingState.OPEN,
        Ranking.lease_holder_id == PERSON,
    )
    again = and_(Ordering.purpose == Purpose.REPEAT, Ranking.state != RankingState.CLOSED)
    found = (
        select(Ordering)
        .join(Ranking, Ranking.id == Ordering.ranking_id)
        .where(Ordering.person_id == PERSON, Ordering.answered_at.is_(None), may_rank(), or_(theirs, again))
    )
    newest = found.order_by(Ordering.offered_at.desc(), Ordering.id.desc()).limit(1)
    return newest.options(joinedload(Ordering.ranking)).execution_options(populate_existing=True)


def newest_ordering(session: Session, actor: Actor, project_id: int, *, seconds: int) -> tuple[Ordering, int] | None:
    """What this person put in order last and can still take back, and for how many seconds yet."""
    moment = func.clock_timestamp()
    left = func.ceil(func.extract("epoch", Ordering.answered_at - moment)) + seconds
    mine = select(Ordering, cast(left, Integer)).where(
        Ordering.person_id == actor.user_id,
        Ordering.project_id == project_id,
        Ordering.said != Ordered.SKIPPED,
        Ordering.answered_at > moment - timedelta(seconds=seconds),
    )
    mine = mine.options(joinedload(Ordering.ranking)).order_by(Ordering.answered_at.desc()).limit(1)
    found = session.execute(mine).one_or_none()
    return None if found is None else (found[0], found[1])


def count_rankings(session: Session, set_ids: Sequence[int]) -> dict[int, dict[RankingState, int]]:
    """By set, how many rankings are in each state."""
    counted = select(Ranking.set_id, Ranking.state, func.count()).where(Ranking.set_id.in_(set_ids))
    found: dict[int, dict[RankingState, int]] = {set_id: {} for set_id in set_ids}
    for set_id, state, many in session.execute(counted.group_by(Ranking.set_id, Ranking.state)):
        found[set_id][state] = many
    return found
