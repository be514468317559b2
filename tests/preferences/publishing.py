"""Judged pairs and versions of them, made in a line."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import User
from app.datasets.models import Split, Version
from app.preferences.making.filling import fill
from app.preferences.making.sets import Wish, make_set
from app.preferences.models import (
    Choice,
    ComparedResponse,
    Comparison,
    ComparisonPair,
    ComparisonPrompt,
    ComparisonSet,
    PairState,
    PreferenceRow,
    Purpose,
    Strength,
)
from tests.cast import Cast
from tests.datasets.made import newest
from tests.jobs import do_jobs

NAME = "What people prefer"


def filled_set(session: Session, actor: Actor, project_id: int, wish: Wish) -> ComparisonSet:
    """A set with its pairs, without waiting for its job."""
    made = make_set(session, actor, project_id, wish)
    fill(session, made.id)
    return made


def listed(session: Session, version_id: int, pair: ComparisonPair) -> PreferenceRow:
    """The pair as a row of a version, without publishing it: one person prefers the first response."""
    prompt_id = session.get_one(ComparisonPrompt, pair.comparison_prompt_id).prompt_id
    assert prompt_id
    row = PreferenceRow(
        version_id=version_id, position=900 + pair.id, split=Split.TRAIN, pair_id=pair.id, prompt_id=prompt_id,
        chosen_id=pair.first_id, rejected_id=pair.second_id, opinions=1, agreed=1, strength="",
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def judge(session: Session, pair: ComparisonPair, word: str, *people: User, strength: Strength | None = None) -> None:
    """These people say of a pair that the response with this word is better, or one of the other choices; long ago.

    Nobody else is asked then.
    """
    responses = session.scalars(
        select(ComparedResponse).where(ComparedResponse.id.in_((pair.first_id, pair.second_id)))
    ).all()
    named = next((one.id for one in responses if word in one.messages[-1]["content"]), None)
    left = Choice.LEFT if named in (None, pair.first_id) else Choice.RIGHT
    session.add_all(
        Comparison(
            project_id=pair.project_id, set_id=pair.set_id, pair_id=pair.id, person_id=one.id, left_id=pair.first_id,
            purpose=Purpose.KNOWN if pair.state is PairState.KNOWN else Purpose.PLAIN,
            choice=Choice(word) if named is None else left, strength=strength, reasons=["helpful"] if named else [],
            answered_at=func.now() - timedelta(hours=1),
        )
        for one in people
    )  # fmt: skip
    if pair.state is PairState.OPEN:
        pair.state = PairState.DONE
    session.flush()


def pairs_of(session: Session, made: ComparisonSet) -> Sequence[ComparisonPair]:
    """The pairs of a set, in the order of its prompts and of their responses: they are dealt out by chance."""
    found = select(ComparisonPair).where(ComparisonPair.set_id == made.id)
    by = (ComparisonPair.comparison_prompt_id, ComparisonPair.first_id, ComparisonPair.second_id)
    return session.scalars(found.order_by(*by)).all()


def judged(session: Session, made: ComparisonSet, word: str, *people: User) -> ComparisonSet:
    """The set, each pair of which these people have decided."""
    for pair in pairs_of(session, made):
        judge(session, pair, word, *people)
    session.commit()
    return made


def dataset(cast: Cast, name: str = NAME, **rule: Any) -> int:
    """A dataset of preferences, made by the JSON door; its id."""
    answer = cast.admin.api("POST", f"/api/v1/projects/{cast.project.id}/preference-datasets", name=name, rule=rule)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def publish(cast: Cast, session: Session, dataset_id: int, name: str = NAME) -> Version:
    """Its next version, asked for at the JSON door and made by the job."""
    answer = cast.admin.api("POST", f"/api/v1/datasets/{dataset_id}/versions")
    assert answer.status_code == 202, answer.text
    do_jobs(session)
    return newest(session, cast, name)


def compared(cast: Cast, session: Session, pairs: Sequence[dict[str, Any]], word: str = "good") -> ComparisonSet:
    """A set of these pairs, of each of which a writer prefers the response with this word."""
    assert cast.author.user
    address = f"/api/v1/projects/{cast.project.id}/comparison-sets"
    answer = cast.admin.api("POST", address, name=f"Set {len(pairs)}", pairs=list(pairs), check_every=0)
    assert answer.status_code == 201, answer.text
    fill(session, answer.json()["id"])
    return judged(session, session.get_one(ComparisonSet, answer.json()["id"]), word, cast.author.user)
