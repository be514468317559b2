"""What does a writer get after handing in or skipping? The next of what they were at, in the same transaction."""

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.errors import Conflict, Refused
from app.writing.assignments import start_pair, take_in_turn
from app.writing.models import Assignment


def next_prompt(
    session: Session, actor: Actor, project_id: int, *, category_id: int | None, begun: bool = True
) -> Assignment | None:
    """The next prompt, or None where nothing is open or nothing more may be begun now. Never a reason to fail.

    For whoever has called `one_at_a_time`, before they locked what they leave. What refuses has written nothing before,
    so what this transaction did until then stays as it is. `begun`: as in `take_in_turn`.
    """
    try:
        return take_in_turn(session, actor, project_id, category_id=category_id, begun=begun)
    except (Conflict, Refused):
        return None


def next_pair(session: Session, actor: Actor, project_id: int, *, category_id: int | None) -> Assignment | None:
    """Another pair, or None where nothing more may be begun now."""
    try:
        return start_pair(session, actor, project_id, category_id=category_id)
    except (Conflict, Refused):
        return None
