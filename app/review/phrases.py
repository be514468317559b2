"""A reviewer's own phrases for notes: short texts that they put in with a key. Nobody else sees them."""

from collections.abc import Sequence

from sqlalchemy import Select, bindparam, delete, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import User
from app.core.audit import record
from app.core.database import built_once
from app.core.errors import Conflict, NotFound
from app.review.models import Phrase

MOST = 20


def list_phrases(session: Session, actor: Actor) -> Sequence[Phrase]:
    """The actor's own, in the order in which they were written."""
    return session.scalars(_phrases_of(), {"person": actor.user_id}).all()


@built_once
def _phrases_of() -> Select[Phrase]:
    return select(Phrase).where(Phrase.user_id == bindparam("person")).order_by(Phrase.id)


def phrase_of(session: Session, actor: Actor, phrase_id: int | None) -> str:
    """The words of one of the actor's own. NotFound for any other."""
    mine = select(Phrase.text).where(Phrase.id == phrase_id, Phrase.user_id == actor.user_id)
    if (words := session.scalar(mine)) is None:
        raise no_phrase()
    return words


def no_phrase() -> NotFound:
    """What who asks for another's phrase hears."""
    return NotFound("review.no_phrase", "You keep no such phrase.")


def add(session: Session, actor: Actor, text: str) -> Phrase:
    """Keep one more, up to 20. Conflict beyond that."""
    session.execute(select(User.id).where(User.id == actor.user_id).with_for_update())
    kept = session.scalar(select(func.count()).select_from(Phrase).where(Phrase.user_id == actor.user_id)) or 0
    if kept >= MOST:
        raise Conflict("review.phrases_full", f"You keep {MOST} phrases already. Remove one first.")
    phrase = Phrase(user_id=actor.user_id, text=text)
    session.add(phrase)
    session.flush()
    record(session, "review.phrase_added", "phrase", phrase.id, actor_id=actor.user_id, origin=actor.origin)
    return phrase


def remove(session: Session, actor: Actor, phrase_id: int) -> None:
    """Keep it no longer. NotFound for what is not one's own."""
    mine = delete(Phrase).where(Phrase.id == phrase_id, Phrase.user_id == actor.user_id).returning(Phrase.id)
    if session.scalar(mine) is None:
        raise no_phrase()
    record(session, "review.phrase_removed", "phrase", phrase_id, actor_id=actor.user_id, origin=actor.origin)


def put_in(note: str, phrase: str) -> str:
    """A note with a phrase at its end, on a line of its own."""
    return f"{note}\n{phrase}" if note and not note.endswith("\n") else note + phrase
