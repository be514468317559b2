"""The JSON door of preferences."""

from dataclasses import asdict
from typing import Annotated

from fastapi import Depends, Query
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.doors import AppSettings, CurrentActor, with_scope
from app.core.database import DB
from app.core.idempotency import HELD_IS_GIVEN_AGAIN, repeatable
from app.core.paging import CursorBook
from app.core.web import api
from app.preferences import judging, queries
from app.preferences.desk import Desk, lay_out
from app.preferences.generation import wanting
from app.preferences.habits import habits_of
from app.preferences.judging import Said
from app.preferences.lines import checked
from app.preferences.making.sets import Wish, close_set, make_set
from app.preferences.models import Choice, Comparison, ComparisonSet, PromptRule, Strength
from app.preferences.policy import can_see_figures
from app.preferences.ranking import putting
from app.preferences.ranking.desk import RankingDesk, Turns, lay_out_ranking
from app.preferences.ranking.models import Ordered, Ordering
from app.preferences.ranking.queue import count_rankings
from app.preferences.ranking.turns import take_any
from app.preferences.schemas import (
    AnswersIn,
    ComparisonOut,
    FiguresOut,
    HabitOut,
    JudgementIn,
    JudgementOut,
    NextPairOut,
    OrderIn,
    OrderOut,
    RankingOut,
    ReasonOut,
    SetIn,
    SetOut,
    SetsOut,
    TimesUndone,
    TurnOut,
)
from app.preferences.telling import figures_for, judging_in
from app.projects.queries import get_project_for

router = api("preferences")
AsOf = Annotated[TimesUndone | None, Query()]
Reader = Annotated[Actor, Depends(with_scope("reviews:read"), scope="function")]


@router.get("/projects/{project_id:id}/comparison-sets", name="api.preferences.index", response_model=SetsOut)
def index(session: DB, actor: Reader, settings: AppSettings, project_id: int, cursor: str | None = None) -> SetsOut:
    """The comparison sets of a project, newest first, 20 at a time."""
    project = get_project_for(session, actor, project_id)
    can_see_figures(actor, project.id).require()
    book = CursorBook(settings.signing_keys, "api.sets", actor.user_id, project.id)
    found = queries.list_sets(session, actor, project.id, before=book.read(cursor))
    page = book.page(found, position=lambda one: one.id)
    return SetsOut(sets=as_shown(session, actor, *page.rows), next_cursor=page.next_cursor)


@router.post(
    "/projects/{project_id:id}/comparison-sets", name="api.preferences.make", response_model=SetOut, status_code=201
)
def make(session: DB, actor: CurrentActor, project_id: int, given: SetIn) -> SetOut:
    """Make a comparison set, which a job fills: see its `making`. Prompts of the test split are left out unless runs
    are compared: then it only measures."""
    pairs = checked((f"/pairs/{at}", one) for at, one in enumerate(given.pairs)) if given.pairs else []
    wish = Wish(**given.model_dump(exclude={"pairs"}), pairs=pairs)
    found = make_set(session, actor, project_id, wish)
    session.refresh(found)
    return as_shown(session, actor, found)[0]


@router.post(
    "/projects/{project_id:id}/comparison-sets/answers",
    name="api.preferences.generate",
    response_model=SetOut,
    status_code=201,
)
def generate(session: DB, actor: CurrentActor, project_id: int, given: AnswersIn) -> SetOut:
    """Make a comparison set for which the models of finished runs answer prompts. A job asks them, one after the
    other; the set opens when all have answered."""
    wanted = wanting.Wanted(**given.model_dump(exclude={"prompts"}), prompts=PromptRule(given.prompts))
    found = wanting.ask_models(session, actor, project_id, wanted)
    session.refresh(found)
    return as_shown(session, actor, found)[0]


@router.post("/comparison-sets/{set_id:id}/cancel", name="api.preferences.cancel", response_model=SetOut)
def cancel(session: DB, actor: CurrentActor, set_id: int) -> SetOut:
    """Ask no more of the models; what they said is kept for another try."""
    return as_shown(session, actor, wanting.cancel(session, actor, set_id))[0]


@router.post("/comparison-sets/{set_id:id}/retry", name="api.preferences.retry", response_model=SetOut)
def retry(session: DB, actor: CurrentActor, set_id: int) -> SetOut:
    """Ask the models for what is not there yet."""
    return as_shown(session, actor, wanting.retry(session, actor, set_id))[0]


@router.get("/comparison-sets/{set_id:id}", name="api.preferences.figures", response_model=FiguresOut)
def figures(session: DB, actor: Reader, set_id: int) -> FiguresOut:
    """A set and what people prefer in it, as a job computed it last. Who still judges in it is not told."""
    found = queries.get_set_for(session, actor, set_id)
    figures, withheld = figures_for(session, actor, found)
    habits = habits_of(session, actor, found, figures)
    return FiguresOut(
        set=as_shown(session, actor, found)[0],
        figures=figures,
        withheld=withheld,
        habits=[HabitOut(**asdict(one)) for one in habits],
    )


@router.post("/comparison-sets/{set_id:id}/close", name="api.preferences.close", response_model=SetOut)
def close(session: DB, actor: CurrentActor, set_id: int) -> SetOut:
    """Let nothing of a set be judged any more."""
    return as_shown(session, actor, close_set(session, actor, set_id))[0]


@router.post("/projects/{project_id:id}/compare/next", name="api.preferences.take", response_model=NextPairOut)
@repeatable(HELD_IS_GIVEN_AGAIN)
def take(session: DB, actor: CurrentActor, project_id: int) -> NextPairOut:
    """Take the pair or the ranking that comes first, or go on with the one that is held."""
    taken = take_any(session, actor, project_id)
    return NextPairOut(
        comparison=to_judge(lay_out(session, taken)) if isinstance(taken, Comparison) else None,
        ranking=to_order(lay_out_ranking(session, taken)) if isinstance(taken, Ordering) else None,
    )


@router.post("/comparisons/{comparison_id:id}", name="api.preferences.judge", response_model=JudgementOut)
def judge(session: DB, actor: CurrentActor, comparison_id: int, given: JudgementIn) -> Comparison:
    """Say which is better. The same said twice is stored once."""
    strength = Strength(given.strength) if given.strength else None
    said = Said(Choice(given.choice), strength, given.reasons)
    return judging.answer(session, actor, comparison_id, said, version=given.version)


@router.post("/comparisons/{comparison_id:id}/undo", name="api.preferences.undo", response_model=JudgementOut)
def undo(
    session: DB, actor: CurrentActor, settings: AppSettings, comparison_id: int, version: AsOf = None
) -> Comparison:
    """Take one's word back, within the seconds of `PENSET_UNDO_SECONDS`; 409 where it is not that of `version`."""
    return judging.undo(session, actor, comparison_id, seconds=settings.undo_seconds, version=version)


@router.post("/orderings/{ordering_id:id}", name="api.preferences.order", response_model=OrderOut)
def order(session: DB, actor: CurrentActor, ordering_id: int, given: OrderIn) -> Ordering:
    """Put responses in order. The same said twice is stored once."""
    put = putting.Put(Ordered(given.said), given.places)
    return putting.put_in_order(session, actor, ordering_id, put, version=given.version)


@router.post("/orderings/{ordering_id:id}/undo", name="api.preferences.undo_order", response_model=OrderOut)
def undo_order(
    session: DB, actor: CurrentActor, settings: AppSettings, ordering_id: int, version: AsOf = None
) -> Ordering:
    """Take one's order back, within the seconds of `PENSET_UNDO_SECONDS`; 409 where it is not that of `version`."""
    return putting.undo_order(session, actor, ordering_id, seconds=settings.undo_seconds, version=version)


def as_shown(session: Session, actor: Actor, *sets: ComparisonSet) -> list[SetOut]:
    """Sets of a project with how far each is, unless the actor still judges in it."""
    hidden = judging_in(session, actor, sets[0].project_id, [one.id for one in sets]) if sets else set()
    ids = [one.id for one in sets]
    pairs, asked = queries.count_pairs(session, ids), queries.generations_of(session, ids)
    rankings, makings = count_rankings(session, ids), queries.makings_of(session, ids)
    return [
        SetOut.model_validate(
            {
                **vars(one),
                "pairs": {state.value: many for state, many in pairs[one.id].items() if one.id not in hidden},
                "rankings": {state.value: many for state, many in rankings[one.id].items() if one.id not in hidden},
                "making": makings.get(one.id),
                "generation": asked.get(one.id),
            }
        )
        for one in sets
    ]


def to_judge(desk: Desk) -> ComparisonOut:
    """What its judge is shown."""
    prompt, left, right = (as_turns(turns) for turns in (desk.question, desk.left, desk.right))
    reasons = [ReasonOut(key=key, name=name) for key, name in desk.reasons]
    return ComparisonOut(
        id=desk.comparison_id,
        version=desk.version,
        prompt=prompt,
        left=left,
        right=right,
        language=desk.language,
        asks_strength=desk.asks_strength,
        reasons=reasons,
    )


def to_order(desk: RankingDesk) -> RankingOut:
    """What whoever puts responses in order is shown."""
    return RankingOut(
        id=desk.ordering_id,
        version=desk.version,
        prompt=as_turns(desk.question),
        responses=[as_turns(messages) for _, messages in desk.responses],
        language=desk.language,
    )


def as_turns(messages: Turns) -> list[TurnOut]:
    """These messages, for a program."""
    return [TurnOut.model_validate(turn, from_attributes=False) for turn in messages]
