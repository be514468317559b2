"""Which ranking comes next, and in which order does it lie before its judge? By chance, and the order is kept."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Update, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.database import built_once, rows_of
from app.core.leases import claiming, lease_values, renew
from app.preferences.models import ComparedResponse, ComparisonPrompt, ComparisonSet, Purpose
from app.preferences.policy import can_compare
from app.preferences.ranking import queue
from app.preferences.ranking.models import Ordering, Ranking
from app.projects.models import Project
from app.projects.queries import get_project_for

LETTERS = "abcdefghi"
Turns = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class RankingDesk:
    """Responses as their judge sees them, each with its letter: nothing in it says where one comes from."""

    ordering_id: int
    version: int
    question: Turns
    responses: Sequence[tuple[str, Turns]]
    places: Sequence[int]
    language: str


def take_ranking(session: Session, actor: Actor, project_id: int) -> Ordering | None:
    """Lay the next ranking before this person, or go on with the one that lies there. None when nothing is left."""
    project = get_project_for(session, actor, project_id)
    can_compare(actor, project.id).require()
    mine = queue.on_desk(session, actor, project_id)
    if mine:
        if mine.purpose is Purpose.PLAIN:
            renew(session, Ranking, mine.ranking_id, holder_id=actor.user_id, minutes=project.lease_minutes)
        return mine
    if again := next_repeat(session, actor, project_id):
        return again
    ranking = claim_first(session, actor, project)
    return offer(session, actor, ranking, Purpose.PLAIN, shuffled(ranking.response_ids)) if ranking else None


def next_repeat(session: Session, actor: Actor, project_id: int) -> Ordering | None:
    """One of their own again, in reverse, so that each pair has its sides swapped; of `check_every` times once."""
    found = session.execute(queue.to_repeat(), {"person": actor.user_id, "project": project_id}).one_or_none()
    if found is None:
        return None
    ranking, laid = found
    every = session.get_one(ComparisonSet, ranking.set_id).check_every
    if secrets.randbelow(every):
        return None
    return offer(session, actor, ranking, Purpose.REPEAT, laid[::-1])


def claim_first(session: Session, actor: Actor, project: Project) -> Ranking | None:
    """Lease the ranking that comes first to this person."""
    values = {"person": actor.user_id, "project": project.id} | lease_values(actor.user_id, project.lease_minutes)
    taken = session.scalar(_claimed(), values)
    return session.get(Ranking, taken, populate_existing=True) if taken else None


@built_once
def _claimed() -> Update:
    return claiming(Ranking, queue.waiting()).returning(rows_of(Ranking).c.id)


def shuffled(ids: Sequence[int]) -> list[int]:
    """These in an order drawn by chance."""
    drawn = list(ids)
    secrets.SystemRandom().shuffle(drawn)
    return drawn


def offer(session: Session, actor: Actor, ranking: Ranking, purpose: Purpose, laid: Sequence[int]) -> Ordering:
    """Keep that the ranking lies before this person, and how. One that lay there before lies as it did."""
    values = {"project_id": ranking.project_id, "set_id": ranking.set_id, "ranking_id": ranking.id, "purpose": purpose}
    made = insert(Ordering).values(**values, person_id=actor.user_id, laid=list(laid), places=[])
    again = made.on_conflict_do_update(
        index_elements=["ranking_id", "person_id", "purpose"], set_={"offered_at": func.clock_timestamp()}
    )
    return queue.get_own_ordering(session, actor, session.scalars(again.returning(Ordering.id)).one())


def lay_out_ranking(session: Session, ordering: Ordering) -> RankingDesk:
    """What its judge looks at."""
    asked = session.get_one(ComparisonPrompt, ordering.ranking.comparison_prompt_id)
    found = session.scalars(select(ComparedResponse).where(ComparedResponse.id.in_(ordering.laid)))
    words = {one.id: one.messages for one in found}
    return RankingDesk(
        ordering_id=ordering.id,
        version=ordering.undone,
        question=asked.messages,
        responses=[(LETTERS[at], words[response_id]) for at, response_id in enumerate(ordering.laid)],
        places=range(1, len(ordering.laid) + 1),
        language=asked.language,
    )
