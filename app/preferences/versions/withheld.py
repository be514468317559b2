"""What must not be told yet? Where answers come from, while answers to the same prompt are still judged (S47)."""

from collections.abc import Sequence

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from app.datasets.models import Version
from app.preferences.models import ComparisonPair, ComparisonPrompt, ComparisonSet, PairState, PreferenceRow, SetState
from app.preferences.ranking.models import Ranking, RankingState

NAMED = 3


def sets_before_judges(session: Session, prompt_ids: Select[int]) -> Sequence[str]:
    """The open sets, up to one more than are NAMED, of which something of these prompts waits for judges, or may come
    again."""
    of_it = (ComparisonPair.comparison_prompt_id == ComparisonPrompt.id, ComparisonPair.state == PairState.OPEN)
    pair = select(ComparisonPair.id).where(ComparisonPair.set_id == ComparisonSet.id, *of_it)
    of_ranking = (Ranking.comparison_prompt_id == ComparisonPrompt.id, Ranking.state == RankingState.OPEN)
    ranking = select(Ranking.id).where(Ranking.set_id == ComparisonSet.id, *of_ranking)
    waits = (
        select(ComparisonPrompt.id)
        .where(ComparisonPrompt.set_id == ComparisonSet.id, ComparisonPrompt.prompt_id.in_(prompt_ids))
        .where(or_(ComparisonSet.check_every > 0, pair.exists(), ranking.exists()))
    )
    found = select(ComparisonSet.name).where(ComparisonSet.state == SetState.OPEN, waits.exists())
    return session.scalars(found.order_by(ComparisonSet.id).limit(NAMED + 1)).all()


def why_withheld(session: Session, version: Version) -> str:
    """Why the files of a version, which name sources row by row, are given to nobody now; or nothing."""
    of_version = select(PreferenceRow.prompt_id).where(PreferenceRow.version_id == version.id)
    names = sets_before_judges(session, of_version)
    if not names:
        return ""
    listed = " and ".join([f"\u201c{name}\u201d" for name in names[:NAMED]] + ["others"] * (len(names) > NAMED))
    return (
        "The files name where each answer comes from, and some of their prompts are still judged blindly, in "
        f"{listed}. Close {'this set' if len(names) == 1 else 'these sets'} and the files are here. "
        "Runs can be started on the version meanwhile."
    )
