"""Making and closing a comparison set: a job fills it with what is wished for."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.audit import record
from app.core.database import change_one
from app.core.errors import Conflict, Invalid, Place
from app.core.jobs import enqueue
from app.preferences.lines import ImportedPair
from app.preferences.making.models import Making
from app.preferences.models import (
    AT_WORK,
    ComparisonPair,
    ComparisonSet,
    Generation,
    GenerationState,
    PairState,
    SetState,
)
from app.preferences.policy import can_make
from app.preferences.queries import get_set_for
from app.preferences.ranking.models import Ranking, RankingState
from app.projects.queries import get_project_for
from app.training.queries import get_runs_for


@dataclass(frozen=True)
class Wish:
    """What a set is to be: responses of people, pairs of a file, or the answers of finished runs.

    `measures_only`: nothing of it is ever trained on; so it is always with the answers of runs.
    """

    name: str
    ranks: int = 0
    opinions: int = 1
    asks_strength: bool = True
    check_every: int = 0
    people: bool = False
    pairs: Sequence[ImportedPair] = ()
    run_ids: Sequence[int] = ()
    measures_only: bool = False


def make_set(session: Session, actor: Actor, project_id: int, wish: Wish) -> ComparisonSet:
    """Make a set of what the wish names; a job fills it, all at once. Invalid where the wish names nothing.

    Runs answer prompts of the test split, so what compares them only measures; what may be trained on leaves these out.
    """
    project = get_project_for(session, actor, project_id)
    can_make(actor, project.id).require()
    if wish.run_ids and (wish.people or wish.pairs):
        raise Invalid(
            "preferences.two_kinds",
            "Runs answer prompts that nothing may be trained on: compare them in a set of their own.",
            Place("/run_ids", "cannot stand beside people or pairs"),
        )
    if not (wish.run_ids or wish.people or wish.pairs):
        raise Invalid(
            "preferences.nothing_to_compare",
            "There is nothing to compare: nothing was stored.",
            Place("/pairs", "is empty: give pairs, people or runs"),
        )
    get_runs_for(session, actor, project.id, wish.run_ids)
    made = ComparisonSet(
        project_id=project_id,
        name=wish.name,
        rule=in_words(wish),
        ranks=wish.ranks,
        opinions=wish.opinions,
        asks_strength=wish.asks_strength and not wish.ranks,
        check_every=wish.check_every,
        measures_only=wish.measures_only or bool(wish.run_ids),
        created_by=actor.user_id,
    )
    add_set(session, actor, made)
    sent = [asdict(pair) for pair in wish.pairs] or None
    of_what = {"people": wish.people, "run_ids": list(wish.run_ids), "pairs": sent}
    session.add(Making(set_id=made.id, project_id=project.id, **of_what))
    session.flush()
    enqueue(session, "preferences.make", lock=f"make-{made.id}", set_id=made.id)
    record_set(session, actor, "preferences.set_made", made)
    return made


def forget_failed(session: Session, actor: Actor, project_id: int, name: str) -> None:
    """Remove the set of this name that could not be made: it holds nothing, and the next one may have its name."""
    named = select(ComparisonSet.id).where(ComparisonSet.project_id == project_id, ComparisonSet.name == name)
    failed = delete(Making).where(Making.set_id.in_(named), Making.state == GenerationState.FAILED)
    for set_id in session.scalars(failed.returning(Making.set_id)).all():
        gone = session.get_one(ComparisonSet, set_id)
        record_set(session, actor, "preferences.set_forgotten", gone)
        session.delete(gone)
    session.flush()


def add_set(session: Session, actor: Actor, made: ComparisonSet) -> None:
    """Store a set. Conflict where its project has one of that name that could be made."""
    forget_failed(session, actor, made.project_id, made.name)
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:
        raise Conflict("preferences.name_taken", "This project has a comparison set of that name already.") from None


def in_words(wish: Wish) -> str:
    """What was taken."""
    if wish.run_ids:
        many = len(wish.run_ids)
        runs = f"{many} {'run' if many == 1 else 'runs'}"
        return f"What {runs}, and the models that they began with, said to prompts never seen"
    taken = ["approved responses of people"] if wish.people else []
    if wish.pairs:
        taken.append(f"{len(wish.pairs)} imported {'pair' if len(wish.pairs) == 1 else 'pairs'}")
    return " and ".join(taken).capitalize()


def close_set(session: Session, actor: Actor, set_id: int) -> ComparisonSet:
    """Let nothing of a set be judged any more; what was said stays. Conflict where it is closed."""
    found = get_set_for(session, actor, set_id)
    can_make(actor, found.project_id).require()
    still_open = update(ComparisonSet).where(ComparisonSet.id == set_id, ComparisonSet.state == SetState.OPEN)
    late = Conflict("preferences.closed_already", "This set was closed already.")
    change_one(session, still_open.values(state=SetState.CLOSED), otherwise=late)
    # Rankings before their pairs, as with whoever puts one in order.
    rankings = select(Ranking.id).where(Ranking.set_id == set_id)
    session.execute(rankings.order_by(Ranking.id).with_for_update())
    # Done ones as well: an undo that came first has opened one, and one that comes later finds the set closed.
    all_of_it = select(ComparisonPair.id).where(ComparisonPair.set_id == set_id)
    session.execute(all_of_it.order_by(ComparisonPair.id).with_for_update())
    given_back = {"lease_holder_id": None, "lease_expires_at": None}
    waiting = update(Ranking).where(Ranking.set_id == set_id, Ranking.state == RankingState.OPEN)
    session.execute(
        waiting.values({"state": RankingState.CLOSED, **given_back}),
        execution_options={"synchronize_session": False},
    )
    ended = {"state": PairState.CLOSED, **given_back}
    waits = (ComparisonPair.set_id == set_id, ComparisonPair.state.in_((PairState.OPEN, PairState.KNOWN)))
    session.execute(
        update(ComparisonPair).where(*waits).values(ended), execution_options={"synchronize_session": False}
    )
    asked = update(Generation).where(Generation.set_id == set_id, Generation.state.in_(AT_WORK))
    session.execute(asked.values(state=GenerationState.CANCELLED))
    made = update(Making).where(Making.set_id == set_id, Making.state.in_(AT_WORK))
    session.execute(made.values(state=GenerationState.CANCELLED, pairs=None))
    record_set(session, actor, "preferences.set_closed", found)
    session.refresh(found)
    return found


def record_set(session: Session, actor: Actor, action: str, made: ComparisonSet) -> None:
    """Who did what with a set."""
    record(
        session, action, "comparison_set", made.id,
        actor_id=actor.user_id, origin=actor.origin, project_id=made.project_id,
    )  # fmt: skip
