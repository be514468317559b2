"""Filling a comparison set: its job takes what there is to compare and stores the pairs, all of them or nothing."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session, undefer

from app.core.jobs import job_session
from app.preferences.lines import ImportedPair
from app.preferences.making.dealing import add_pairs, add_prompts, deal
from app.preferences.making.models import Making
from app.preferences.material import Asked, of_people, of_runs, stand_before_erasure, with_imported, without_test
from app.preferences.models import AT_WORK, ComparisonSet, GenerationState, SetState

PAIRS_LIMIT = 5_000
NOTHING = (
    "There is no prompt with two different responses in this: nothing was stored. Prompts of the test split, and those "
    "much like one, are left out unless runs are compared."
)
BROKEN = "Penset could not go on, and nothing was stored; the worker's log says why. Make the set anew."


class CannotFill(Exception):
    """Nothing comes of it. The message is for the page of the set."""


def carry_out(set_id: int) -> None:
    """Fill the set, or write down why it has nothing. Done again, also after a kill, it does what was not done."""
    try:
        with job_session() as session:
            begin(session, set_id)
        with job_session() as session:
            fill(session, set_id)
    except CannotFill as why:
        with job_session() as session:
            fail(session, set_id, str(why))
    except Exception:  # the edge of the job: the page must say so, and the log says what it was
        with job_session() as session:
            fail(session, set_id, BROKEN)
        raise


def begin(session: Session, set_id: int) -> None:
    """Let the page say that it is under way."""
    at_work = update(Making).where(Making.set_id == set_id, Making.state.in_(AT_WORK))
    session.execute(at_work.values(state=GenerationState.RUNNING))


def fill(session: Session, set_id: int) -> None:
    """Store the prompts, responses and pairs of a set that waits for them. CannotFill where nothing is to compare.

    Whoever closes the set does so before, and then it waits no longer, or closes these pairs, too.
    """
    stand_before_erasure(session, session.get_one(ComparisonSet, set_id).project_id)
    still_open = select(ComparisonSet).where(ComparisonSet.id == set_id, ComparisonSet.state == SetState.OPEN)
    made = session.scalar(still_open.with_for_update())
    waits = select(Making).where(Making.set_id == set_id, Making.state.in_(AT_WORK))
    making = session.scalar(waits.options(undefer(Making.pairs)).with_for_update())
    if made is None or making is None:
        return
    asked, made.left_out = take(session, making, made.ranks)
    add_pairs(session, made, add_prompts(session, made, asked), asked)
    making.state, making.pairs = GenerationState.DONE, None
    session.flush()


def take(session: Session, making: Making, ranks: int) -> tuple[Sequence[Asked], str]:
    """The prompts with at least two different responses, and in words what was left out."""
    if making.run_ids:
        taken = found = of_runs(session, making.project_id, making.run_ids)
    else:
        pairs = [ImportedPair(**one) for one in making.pairs or ()]
        found = with_imported(of_people(session, making.project_id) if making.people else {}, pairs)
        found = {key: one for key, one in found.items() if len(one.answers) > 1}
        taken = without_test(session, making.project_id, found)
    kept = [one for one in taken.values() if len(one.answers) > 1]
    pages = [page for one in kept for page in deal(len(one.answers), ranks, one.known)]
    many = sum(len(page) * (len(page) - 1) // 2 for page in pages)
    if not many:
        raise CannotFill(NOTHING)
    if many > PAIRS_LIMIT:
        raise CannotFill(f"That gives {many:,} pairs; a set has at most {PAIRS_LIMIT:,}. Nothing was stored.")
    lost = len(found) - len(taken)
    return kept, f"{lost} {'prompt' if lost == 1 else 'prompts'} of the test split, or much like one" if lost else ""


def fail(session: Session, set_id: int, why: str) -> None:
    """Write down why nothing came of it."""
    at_work = update(Making).where(Making.set_id == set_id, Making.state.in_(AT_WORK))
    session.execute(at_work.values(state=GenerationState.FAILED, failure=why, pairs=None))
