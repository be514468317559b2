"""Which pair comes next, and how does it lie before its judge? By chance, and the side is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Update, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.database import built_once, rows_of
from app.core.leases import claiming, lease_values, renew
from app.preferences import checks, queries
from app.preferences.models import Comparison, ComparisonPair, ComparisonSet, Purpose, Strength
from app.preferences.policy import can_compare
from app.projects.models import Project
from app.projects.queries import current_guidelines, get_project_for

ORDER = (
    "First come the pairs whose outcome the figures see as least certain, among these prompts that nobody here has "
    "answered yet."
)
STRENGTHS = ((Strength.SLIGHTLY, "a little", "l"), (Strength.CLEARLY, "clearly", "c"), (Strength.BY_FAR, "by far", "f"))


@dataclass(frozen=True)
class Desk:
    """A pair as its judge sees it: nothing in it says where a response comes from."""

    comparison_id: int
    version: int
    question: Sequence[dict[str, Any]]
    left: Sequence[dict[str, Any]]
    right: Sequence[dict[str, Any]]
    language: str
    asks_strength: bool
    reasons: Sequence[tuple[str, str]]


def take_next(session: Session, actor: Actor, project_id: int) -> Comparison | None:
    """Lay the next pair before this person, or go on with the one that lies there. None when nothing is left."""
    project = get_project_for(session, actor, project_id)
    can_compare(actor, project.id).require()
    mine = queries.on_desk(session, actor, project_id)
    if mine:
        if mine.purpose is Purpose.PLAIN:
            renew(session, ComparisonPair, mine.pair_id, holder_id=actor.user_id, minutes=project.lease_minutes)
        return mine
    check = checks.next_check(session, actor, project_id)
    if check:
        return offer(session, actor, check.pair, check.purpose, check.left_id)
    pair = claim_first(session, actor, project)
    return offer(session, actor, pair, Purpose.PLAIN, checks.toss(pair)) if pair else None


def claim_first(session: Session, actor: Actor, project: Project) -> ComparisonPair | None:
    """Lease the pair that comes first to this person."""
    values = {"person": actor.user_id, "project": project.id} | lease_values(actor.user_id, project.lease_minutes)
    taken = session.scalar(_claimed(), values)
    return session.get(ComparisonPair, taken, populate_existing=True) if taken else None


@built_once
def _claimed() -> Update:
    return claiming(ComparisonPair, queries.waiting()).returning(rows_of(ComparisonPair).c.id)


def offer(session: Session, actor: Actor, pair: ComparisonPair, purpose: Purpose, left_id: int) -> Comparison:
    """Keep that the pair lies before this person, and how. One that lay there before lies as it did."""
    laid = insert(Comparison).values(
        project_id=pair.project_id,
        set_id=pair.set_id,
        pair_id=pair.id,
        person_id=actor.user_id,
        purpose=purpose,
        left_id=left_id,
        reasons=[],
    )
    again = laid.on_conflict_do_update(
        index_elements=["pair_id", "person_id", "purpose"], set_={"offered_at": func.clock_timestamp()}
    )
    comparison_id = session.scalars(again.returning(Comparison.id)).one()
    return queries.get_own_comparison(session, actor, comparison_id)


def lay_out(session: Session, comparison: Comparison) -> Desk:
    """What its judge looks at."""
    pair = comparison.pair
    responses = queries.both_responses(session, pair)
    right_id = pair.second_id if comparison.left_id == pair.first_id else pair.first_id
    asked = queries.asked_in(session, pair.id)
    return Desk(
        comparison_id=comparison.id,
        version=comparison.undone,
        question=asked.messages,
        left=responses[comparison.left_id].messages,
        right=responses[right_id].messages,
        language=asked.language,
        asks_strength=session.get_one(ComparisonSet, pair.set_id).asks_strength,
        reasons=reasons_of(session, pair.project_id),
    )


def reasons_of(session: Session, project_id: int) -> list[tuple[str, str]]:
    """What a response can be better in: key and name of each line of the project's rubric."""
    return [(str(one["key"]), str(one["name"])) for one in current_guidelines(session, project_id).rubric]
