"""Pairs and rankings of which a text is gone are closed: they wait for nobody any more. What was said of them stays."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.preferences.models import ComparisonPair, PairState
from app.preferences.queries import is_gone
from app.preferences.ranking.models import Ranking, RankingState
from app.preferences.ranking.queue import is_broken

ENDED = {"lease_holder_id": None, "lease_expires_at": None}


def close_gone(session: Session, set_id: int) -> None:
    """Close those of a set: else they would be counted as open, and hold back reports and files, until the set is
    closed. A text that was withdrawn, erased or has lost its consent never comes back. Again changes nothing."""
    broken = select(Ranking.id).where(Ranking.set_id == set_id, Ranking.state == RankingState.OPEN, is_broken())
    # Rankings before pairs, each in the order of their ids, as with whoever closes the set.
    ids = session.scalars(broken.order_by(Ranking.id).with_for_update()).all()
    session.execute(
        update(Ranking).where(Ranking.id.in_(ids)).values({"state": RankingState.CLOSED, **ENDED}),
        execution_options={"synchronize_session": False},
    )
    waits = ComparisonPair.state.in_((PairState.OPEN, PairState.KNOWN))
    gone = select(ComparisonPair.id).where(ComparisonPair.set_id == set_id, waits, is_gone())
    ids = session.scalars(gone.order_by(ComparisonPair.id).with_for_update()).all()
    session.execute(
        update(ComparisonPair).where(ComparisonPair.id.in_(ids)).values({"state": PairState.CLOSED, **ENDED}),
        execution_options={"synchronize_session": False},
    )
