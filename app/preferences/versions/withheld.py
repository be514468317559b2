"""What must not be told yet? Where answers come from, while answers to the same prompt are still judged (S47)."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from app.datasets.models import Version
from app.preferences.models import (
    AT_WORK,
    ComparedResponse,
    ComparisonPair,
    ComparisonPrompt,
    ComparisonSet,
    Generation,
    PairState,
    PreferenceRow,
    SetState,
    SourceKind,
)
from app.preferences.ranking.models import Ranking, RankingState
from app.training.blind import Blind, Turns, words_of

NAMED = 3


def answers_before_judges(session: Session, project_id: int, asked: Sequence[Turns]) -> Blind:
    """Those of these prompts to which answers of runs are on their way to judges, wait for them, or may come again as a
    check."""
    plain = [[{"role": one["role"], "content": one["content"]} for one in messages] for messages in asked]
    of_set = Generation.set_id == ComparisonSet.id
    on_their_way = select(Generation.set_id).where(of_set, Generation.state.in_(AT_WORK))
    said = select(ComparedResponse.id).where(
        ComparedResponse.comparison_prompt_id == ComparisonPrompt.id, ComparedResponse.kind == SourceKind.RUN
    )
    found = (
        select(ComparisonPrompt.messages, ComparisonSet.name)
        .join(ComparisonSet, ComparisonSet.id == ComparisonPrompt.set_id)
        .where(ComparisonSet.project_id == project_id, ComparisonSet.state == SetState.OPEN)
        .where(ComparisonPrompt.messages.in_(plain))
        .where(or_(on_their_way.exists(), and_(said.correlate(ComparisonPrompt).offset(0).exists(), _waits())))
        .order_by(ComparisonSet.id)
    )
    rows = session.execute(found).all()
    return Blind(
        frozenset(words_of(messages) for messages, _ in rows), _listed(list(dict.fromkeys(n for _, n in rows)))
    )


def sets_before_judges(session: Session, prompt_ids: Select[int]) -> Sequence[str]:
    """The open sets, up to one more than are NAMED, of which something of these prompts waits for judges, or may come
    again."""
    waits = (
        select(ComparisonPrompt.id)
        .where(ComparisonPrompt.set_id == ComparisonSet.id, ComparisonPrompt.prompt_id.in_(prompt_ids))
        .where(_waits())
    )
    found = select(ComparisonSet.name).where(ComparisonSet.state == SetState.OPEN, waits.exists())
    return session.scalars(found.order_by(ComparisonSet.id).limit(NAMED + 1)).all()


def why_withheld(session: Session, version: Version) -> str:
    """Why the files of a version, which name sources row by row, are given to nobody now; or nothing."""
    of_version = select(PreferenceRow.prompt_id).where(PreferenceRow.version_id == version.id)
    names = sets_before_judges(session, of_version)
    if not names:
        return ""
    return (
        "The files name where each answer comes from, and some of their prompts are still judged blindly, in "
        f"{_listed(names)}. Close {'this set' if len(names) == 1 else 'these sets'} and the files are here. "
        "Runs can be started on the version meanwhile."
    )


def _waits() -> ColumnElement[bool]:
    """Of a prompt of a set: whether something of it waits for judges, or may come again."""
    of_it = (ComparisonPair.comparison_prompt_id == ComparisonPrompt.id, ComparisonPair.state == PairState.OPEN)
    pair = select(ComparisonPair.id).where(ComparisonPair.set_id == ComparisonSet.id, *of_it)
    of_ranking = (Ranking.comparison_prompt_id == ComparisonPrompt.id, Ranking.state == RankingState.OPEN)
    ranking = select(Ranking.id).where(Ranking.set_id == ComparisonSet.id, *of_ranking)
    waiting = (one.correlate(ComparisonPrompt, ComparisonSet).offset(0).exists() for one in (pair, ranking))
    return or_(ComparisonSet.check_every > 0, *waiting)


def _listed(names: Sequence[str]) -> str:
    return " and ".join([f"\u201c{name}\u201d" for name in names[:NAMED]] + ["others"] * (len(names) > NAMED))
