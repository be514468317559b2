"""What must not be told yet? Where answers come from: to nobody while answers to the same prompt are still judged, and
not to who still judges in the set that they are of (S47)."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, literal, or_, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
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
from app.preferences.telling import YOURS, still_judged, still_judges
from app.training.blind import Blind, Turns, words_of

NAMED = 3
MEANWHILE = "Runs can be started on the version meanwhile."


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


def sets_of_judge(session: Session, person_id: int, version: Version) -> Sequence[str]:
    """The open sets, up to one more than are NAMED, that pairs of a version come from and this person still judges
    in."""
    held = (
        select(PreferenceRow.position)
        .join(ComparisonPair, ComparisonPair.id == PreferenceRow.pair_id)
        .where(PreferenceRow.version_id == version.id, ComparisonPair.set_id == ComparisonSet.id)
    )
    found = (
        still_judged()
        .with_only_columns(ComparisonSet.name)
        .where(ComparisonSet.project_id == version.project_id)
        .where(held.correlate(ComparisonSet).offset(0).exists())
        .order_by(ComparisonSet.id)
        .limit(NAMED + 1)
    )
    return session.scalars(found, {"person": person_id, "project": version.project_id}).all()


def why_withheld(session: Session, version: Version, person_id: int) -> str:
    """Why the files of a version, which name sources row by row, are given to nobody now, or not to this person; or
    nothing."""
    of_version = select(PreferenceRow.prompt_id).where(PreferenceRow.version_id == version.id)
    if names := sets_before_judges(session, of_version):
        return (
            "The files name where each answer comes from, and some of their prompts are still judged blindly, in "
            f"{_listed(names)}. Close {_these(names)} and the files are here. {MEANWHILE}"
        )
    if names := sets_of_judge(session, person_id, version):
        return (
            f"The files name where each answer comes from, and you still judge in {_listed(names)}, from which some of "
            f"them are. Judge what waits for you there, or close {_these(names)}, and the files are here. {MEANWHILE}"
        )
    return ""


def why_pair_withheld(session: Session, actor: Actor, prompt_id: int, made: ComparisonSet) -> str:
    """Why neither the sources of a published pair nor what people said of it are told to this person; or nothing."""
    if sets_before_judges(session, select(literal(prompt_id))):
        return (
            "Something of this prompt still waits for judges, or may come to them again, and whoever judges knows "
            "neither sources nor what others say. Both stand here once it is judged and gives no checks, or its set is "
            "closed."
        )
    if still_judges(session, actor, made):
        return (
            f"{YOURS} Whoever judges knows neither sources nor what others say. Both stand here once nothing of it "
            "waits for you any more, or the set is closed."
        )
    return ""


def _waits() -> ColumnElement[bool]:
    """Of a prompt of a set: whether something of it waits for judges, or may come again."""
    of_it = (ComparisonPair.comparison_prompt_id == ComparisonPrompt.id, ComparisonPair.state == PairState.OPEN)
    pair = select(ComparisonPair.id).where(ComparisonPair.set_id == ComparisonSet.id, *of_it)
    of_ranking = (Ranking.comparison_prompt_id == ComparisonPrompt.id, Ranking.state == RankingState.OPEN)
    ranking = select(Ranking.id).where(Ranking.set_id == ComparisonSet.id, *of_ranking)
    waiting = (one.correlate(ComparisonPrompt, ComparisonSet).offset(0).exists() for one in (pair, ranking))
    return or_(ComparisonSet.check_every > 0, *waiting)


def _these(names: Sequence[str]) -> str:
    return "this set" if len(names) == 1 else "these sets"


def _listed(names: Sequence[str]) -> str:
    return " and ".join([f"\u201c{name}\u201d" for name in names[:NAMED]] + ["others"] * (len(names) > NAMED))
