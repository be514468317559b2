"""What a person does with the pair before them: say which is better, leave it to others, take their word back.

A judgement is stored at once and read by nothing until it can no longer be taken back: figures look only at what is
older than that. So an undo undoes, though nothing is held back by a job. All who touch a pair lock its row first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.errors import Conflict, Invalid, Place
from app.preferences.desk import reasons_of
from app.preferences.models import Choice, Comparison, ComparisonPair, ComparisonSet, Purpose, SetState, Strength
from app.preferences.opinions import check_version, clock, count_opinion, late, note, take_back
from app.preferences.queries import get_own_comparison, is_gone

DECIDED = (Choice.LEFT, Choice.RIGHT)
NO_OPINION = (Choice.CANNOT_JUDGE, Choice.SKIPPED)


@dataclass(frozen=True)
class Said:
    """Which is better, by how much, and in what."""

    choice: Choice
    strength: Strength | None = None
    reasons: Sequence[str] = ()


def answer(session: Session, actor: Actor, comparison_id: int, said: Said, *, version: int | None = None) -> Comparison:
    """Judge the pair. The same said twice is stored once; Conflict for another word, or where it came too late, or was
    said before the last undo (`version`).

    Who cannot judge it, or leaves it to others, gives no opinion: the pair waits for somebody else.
    """
    comparison = get_own_comparison(session, actor, comparison_id)
    check_said(session, comparison, said)
    comparison = _locked(session, actor, comparison)
    check_version(comparison, version)
    if comparison.choice is not None:
        if told(comparison) == (said.choice, said.strength, sorted(said.reasons)):
            return comparison
        raise Conflict("preferences.already_judged", "You have judged this pair already: what you said first stands.")
    if not _stands(session, comparison):
        raise late()
    if comparison.purpose is Purpose.PLAIN:
        count_opinion(session, actor, ComparisonPair, comparison.pair_id, int(said.choice not in NO_OPINION))
    now = clock(session)
    comparison.choice, comparison.strength, comparison.reasons = said.choice, said.strength, sorted(said.reasons)
    comparison.answered_at, comparison.seconds = now, max(0, int((now - comparison.offered_at).total_seconds()))
    session.flush()
    did = "preferences.skipped" if said.choice is Choice.SKIPPED else "preferences.compared"
    note(session, actor, did, "comparison", comparison)
    return comparison


def check_said(session: Session, comparison: Comparison, said: Said) -> None:
    """Invalid for a strength without a better one or where none is asked for, and for reasons that nobody knows."""
    wrong = []
    if said.strength is not None and said.choice not in DECIDED:
        wrong.append(Place("/strength", "is given, but no response is called the better one"))
    if said.strength is not None and not session.get_one(ComparisonSet, comparison.set_id).asks_strength:
        wrong.append(Place("/strength", "is not asked for in this set"))
    known = {key for key, _ in reasons_of(session, comparison.project_id)}
    if not set(said.reasons) <= known or len(set(said.reasons)) != len(said.reasons):
        wrong.append(Place("/reasons", "holds what is no line of the project's rubric, or one twice"))
    if wrong:
        raise Invalid("preferences.judgement", "This judgement was not accepted; nothing was stored.", *wrong)


def told(comparison: Comparison) -> tuple[Choice | None, Strength | None, list[str]]:
    """What was said of it."""
    return comparison.choice, comparison.strength, sorted(comparison.reasons)


def undo(session: Session, actor: Actor, comparison_id: int, *, seconds: int, version: int | None = None) -> Comparison:
    """Take one's word back, for so many seconds: the pair lies before its judge again, and what lay there waits.

    Nothing happens where it was taken back before. Conflict once it is too late, the set was closed, or another word
    was said since (`version`).
    """
    comparison = _locked(session, actor, get_own_comparison(session, actor, comparison_id))
    if comparison.choice is None:
        return comparison
    check_version(comparison, version)
    counted = int(comparison.choice not in NO_OPINION)
    take_back(session, actor, comparison, ComparisonPair, comparison.pair_id, opinions=counted, seconds=seconds)
    session.flush()
    note(session, actor, "preferences.undone", "comparison", comparison)
    return comparison


def _locked(session: Session, actor: Actor, comparison: Comparison) -> Comparison:
    """The comparison as it is once its pair is locked."""
    session.execute(select(ComparisonPair.id).where(ComparisonPair.id == comparison.pair_id).with_for_update())
    return get_own_comparison(session, actor, comparison.id)


def _stands(session: Session, comparison: Comparison) -> bool:
    """Whether the pair can still be judged, whatever it is judged for: nobody may tell one purpose from another."""
    pair = select(ComparisonPair.id).join(ComparisonSet, ComparisonSet.id == ComparisonPair.set_id)
    there = pair.where(ComparisonPair.id == comparison.pair_id, ComparisonSet.state == SetState.OPEN, ~is_gone())
    return session.scalar(there) is not None
