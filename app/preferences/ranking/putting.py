"""What a person does with the responses before them: put them in order, leave them to others, take their word back.

As with pairs a word is stored at once, as comparisons of all pairs, and read by nothing until it can no longer be taken
back. All who touch a ranking lock its row first, and its pairs after it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.errors import Conflict, Invalid, Place
from app.preferences.models import Choice, Comparison, ComparisonPair, ComparisonSet, Purpose, SetState
from app.preferences.opinions import check_version, clock, count_opinion, late, note, take_back
from app.preferences.ranking.models import Ordered, Ordering, Ranking
from app.preferences.ranking.queue import get_own_ordering, is_broken


@dataclass(frozen=True)
class Put:
    """The place of each response in the order in which they lay, 1 for the best, equal for as good; or none."""

    said: Ordered
    places: Sequence[int] = ()


def put_in_order(session: Session, actor: Actor, ordering_id: int, put: Put, *, version: int | None = None) -> Ordering:
    """Keep an order, and what it says of every pair. The same said twice is stored once; Conflict for another order, or
    where it came too late, or was said before the last undo (`version`).

    Who cannot judge, or leaves it to others, gives no opinion.
    """
    ordering = get_own_ordering(session, actor, ordering_id)
    places = checked(put, len(ordering.laid))
    ordering = _locked(session, actor, ordering)
    check_version(ordering, version)
    if ordering.said is not None:
        if (ordering.said, ordering.places) == (put.said, places):
            return ordering
        raise Conflict(
            "preferences.already_ordered", "You have put these in order already: what you said first stands."
        )
    if not _stands(session, ordering):
        raise late()
    if ordering.purpose is Purpose.PLAIN:
        count_opinion(session, actor, Ranking, ordering.ranking_id, int(put.said is Ordered.ORDERED))
    now = clock(session)
    ordering.said, ordering.places, ordering.answered_at = put.said, places, now
    ordering.seconds = max(0, int((now - ordering.offered_at).total_seconds()))
    if put.said is Ordered.ORDERED:
        pairs = session.scalars(select(ComparisonPair).where(ComparisonPair.ranking_id == ordering.ranking_id)).all()
        session.add_all(compared(ordering, pairs))
    session.flush()
    did = "preferences.skipped" if put.said is Ordered.SKIPPED else "preferences.ordered"
    note(session, actor, did, "ordering", ordering)
    return ordering


def checked(put: Put, many: int) -> list[int]:
    """The places without gaps. Invalid unless each response has one, from 1 to how many there are."""
    if put.said is Ordered.ORDERED:
        if len(put.places) != many or not all(1 <= place <= many for place in put.places):
            wrong = Place("/places", f"takes one place for each of the {many} responses, from 1 for the best to {many}")
            raise Invalid("preferences.places", "This order was not accepted; nothing was stored.", wrong)
    elif put.places:
        wrong = Place("/places", "are given, though nothing is put in order")
        raise Invalid("preferences.places", "This order was not accepted; nothing was stored.", wrong)
    given = sorted(set(put.places))
    return [given.index(place) + 1 for place in put.places]


def compared(ordering: Ordering, pairs: Sequence[ComparisonPair]) -> Iterator[Comparison]:
    """What an order says of every pair: left is what lay further up. A known pair is a check and counts as one."""
    place, height = dict(zip(ordering.laid, ordering.places, strict=True)), ordering.laid.index
    for pair in pairs:
        left, right = sorted((pair.first_id, pair.second_id), key=height)
        known = ordering.purpose is Purpose.PLAIN and pair.known_better_id is not None
        decided = Choice.LEFT if place[left] < place[right] else Choice.RIGHT
        yield Comparison(
            project_id=ordering.project_id,
            set_id=ordering.set_id,
            pair_id=pair.id,
            person_id=ordering.person_id,
            ordering_id=ordering.id,
            purpose=Purpose.KNOWN if known else ordering.purpose,
            left_id=left,
            choice=Choice.TIE if place[left] == place[right] else decided,
            seconds=ordering.seconds,
            offered_at=ordering.offered_at,
            answered_at=ordering.answered_at,
        )


def undo_order(
    session: Session, actor: Actor, ordering_id: int, *, seconds: int, version: int | None = None
) -> Ordering:
    """Take one's order back, as one takes back what one said of a pair (`judging.undo`)."""
    ordering = _locked(session, actor, get_own_ordering(session, actor, ordering_id))
    if ordering.said is None:
        return ordering
    check_version(ordering, version)
    counted = int(ordering.said is Ordered.ORDERED)
    take_back(session, actor, ordering, Ranking, ordering.ranking_id, opinions=counted, seconds=seconds)
    session.execute(delete(Comparison).where(Comparison.ordering_id == ordering.id))
    session.flush()
    note(session, actor, "preferences.undone", "ordering", ordering)
    return ordering


def _locked(session: Session, actor: Actor, ordering: Ordering) -> Ordering:
    """The ordering as it is once its ranking is locked."""
    session.execute(select(Ranking.id).where(Ranking.id == ordering.ranking_id).with_for_update())
    return get_own_ordering(session, actor, ordering.id)


def _stands(session: Session, ordering: Ordering) -> bool:
    """Whether the ranking can still be judged, whatever for."""
    there = select(Ranking.id).join(ComparisonSet, ComparisonSet.id == Ranking.set_id)
    there = there.where(Ranking.id == ordering.ranking_id, ComparisonSet.state == SetState.OPEN, ~is_broken())
    return session.scalar(there) is not None
