"""What comes next, a pair or a ranking? Which of the two is looked for first is drawn by chance."""

import secrets

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.preferences import queries
from app.preferences.desk import take_next
from app.preferences.models import Comparison
from app.preferences.ranking import queue
from app.preferences.ranking.desk import take_ranking
from app.preferences.ranking.models import Ordering


def take_any(session: Session, actor: Actor, project_id: int) -> Comparison | Ordering | None:
    """Lay the next pair or ranking before this person, or go on with what lies there. None when nothing is left."""
    lies = lying(session, actor, project_id)
    ways = [take_next, take_ranking]
    if isinstance(lies, Ordering) or (lies is None and secrets.randbelow(2)):
        ways.reverse()
    return ways[0](session, actor, project_id) or ways[1](session, actor, project_id)


def lying(session: Session, actor: Actor, project_id: int) -> Comparison | Ordering | None:
    """What lies before this person; of a pair and a ranking that which was offered last."""
    pair, ranking = queries.on_desk(session, actor, project_id), queue.on_desk(session, actor, project_id)
    if pair and ranking:
        return pair if pair.offered_at > ranking.offered_at else ranking
    return pair or ranking
