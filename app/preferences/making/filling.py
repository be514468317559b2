"""Filling a comparison set: its job takes what there is to compare and stores the pairs, all of them or nothing."""

from collections.abc import Mapping

from sqlalchemy import Select, select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, undefer

from app.core.jobs import job_session
from app.preferences.fitting import PATIENT
from app.preferences.lines import ImportedPair
from app.preferences.making.dealing import Pages, add_pairs, add_prompts, deal_all
from app.preferences.making.models import Making
from app.preferences.material import (
    Asked,
    of_people,
    of_runs,
    stand_before_erasure,
    with_imported,
    without_learned,
    without_test,
)
from app.preferences.models import AT_WORK, ComparisonSet, GenerationState, SetState

PAIRS_LIMIT = 5_000
NOTHING = (
    "There is no prompt with two different responses in this: nothing was stored. Prompts of the test split, and those "
    "much like one, are left out; of a set for measurement only those that versions learn from."
)
BROKEN = "Penset could not go on, and nothing was stored; the worker's log says why. Make the set anew."
# One whose job is gone: its tries are used up, or it was lost.
WITHOUT_JOB = text("""
SELECT set_id FROM makings WHERE state IN ('queued', 'running') AND NOT EXISTS (
    SELECT FROM procrastinate_jobs
    WHERE task_name = 'preferences.make' AND status IN ('todo', 'doing') AND args->>'set_id' = set_id::text
)
""")


class CannotFill(Exception):
    """Nothing comes of it. The message is for the page of the set."""


def carry_out(set_id: int) -> None:
    """Fill the set, or write down why it has nothing. Done again, also after a kill, it does what was not done.

    What passes, a lock that was not got or a database that is away, goes on to the queue, which tries again.
    """
    try:
        with job_session() as session:
            begin(session, set_id)
        with job_session() as session:
            session.execute(PATIENT)
            stands = compare(session, set_id)
        with job_session() as session:
            keep(session, set_id, stands)
    except CannotFill as why:
        with job_session() as session:
            fail(session, set_id, str(why))
    except OperationalError:
        raise
    except Exception:  # the edge of the job: the page must say so, and the log says what it was
        with job_session() as session:
            fail(session, set_id, BROKEN)
        raise


def fill(session: Session, set_id: int) -> None:
    """The same in the caller's transaction, for whoever waits for no worker."""
    keep(session, set_id, compare(session, set_id))


def end_lost(session: Session) -> None:
    """Write down of sets whose job is gone that nothing came of them."""
    for set_id in session.scalars(WITHOUT_JOB).all():
        fail(session, set_id, BROKEN)


def begin(session: Session, set_id: int) -> None:
    """Let the page say that it is under way."""
    at_work = update(Making).where(Making.set_id == set_id, Making.state.in_(AT_WORK))
    session.execute(at_work.values(state=GenerationState.RUNNING))


def compare(session: Session, set_id: int) -> dict[str, bool]:
    """By prompt, whether it may be taken: not of the test split, nor much like one that is; of a set that only measures
    not of those that are learned from. What runs said, they said to prompts that they never saw.

    Comparing texts takes a while, in which nothing is locked.
    """
    making = session.scalar(_at_work(set_id))
    if making is None:
        return {}
    found = material(session, making)
    if making.run_ids:
        return dict.fromkeys(found, True)
    without = without_learned if session.get_one(ComparisonSet, set_id).measures_only else without_test
    taken = without(session, making.project_id, found)
    return {key: key in taken for key in found}


def keep(session: Session, set_id: int, stands: Mapping[str, bool]) -> None:
    """Store the prompts that stand, as they are now, with their responses and pairs. CannotFill where these are none.

    Whoever closes the set does so before, and then it is made no more, or closes these pairs, too.
    """
    stand_before_erasure(session, session.get_one(ComparisonSet, set_id).project_id)
    still_open = select(ComparisonSet).where(ComparisonSet.id == set_id, ComparisonSet.state == SetState.OPEN)
    made = session.scalar(still_open.with_for_update())
    making = session.scalar(_at_work(set_id).with_for_update())
    if making is None:
        return
    if made is None:  # closed by a process of before there were makings
        making.state, making.pairs = GenerationState.CANCELLED, None
        return
    found = material(session, making)
    asked = [one for key, one in found.items() if stands.get(key)]
    pages = deal_all(asked, made.ranks)
    check_many(pages)
    lost = sum(not may for may in stands.values())
    of = "that versions learn from" if made.measures_only else "of the test split"
    made.left_out = f"{lost} {'prompt' if lost == 1 else 'prompts'} {of}, or much like one" if lost else ""
    add_pairs(session, made, add_prompts(session, made, asked), asked, pages)
    making.state, making.pairs = GenerationState.DONE, None
    session.flush()


def material(session: Session, making: Making) -> dict[str, Asked]:
    """The prompts with at least two different responses, as they stand now."""
    if making.run_ids:
        found = of_runs(session, making.project_id, making.run_ids)
    else:
        pairs = [ImportedPair(**one) for one in making.pairs or ()]
        found = with_imported(of_people(session, making.project_id) if making.people else {}, pairs)
    return {key: one for key, one in found.items() if len(one.answers) > 1}


def check_many(pages: Pages) -> None:
    """CannotFill where these make no pair, or more than a set may have."""
    many = sum(len(page) * (len(page) - 1) // 2 for of_prompt in pages for page in of_prompt)
    if not many:
        raise CannotFill(NOTHING)
    if many > PAIRS_LIMIT:
        raise CannotFill(f"That gives {many:,} pairs; a set has at most {PAIRS_LIMIT:,}. Nothing was stored.")


def fail(session: Session, set_id: int, why: str) -> None:
    """Write down why nothing came of it."""
    at_work = update(Making).where(Making.set_id == set_id, Making.state.in_(AT_WORK))
    session.execute(at_work.values(state=GenerationState.FAILED, failure=why, pairs=None))


def _at_work(set_id: int) -> Select[Making]:
    waits = select(Making).where(Making.set_id == set_id, Making.state.in_(AT_WORK))
    return waits.options(undefer(Making.pairs)).execution_options(populate_existing=True)
