"""What an actor can see of comparisons, and which pairs wait for them. Nothing here writes."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import BigInteger, ColumnElement, Integer, Select, and_, bindparam, cast, func, or_, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session, joinedload

from app.accounts.actor import Actor
from app.accounts.models import User
from app.core.database import built_once
from app.core.errors import NotFound
from app.core.paging import PAGE_SIZE
from app.preferences.making.models import Making
from app.preferences.models import (
    Choice,
    ComparedResponse,
    Comparison,
    ComparisonPair,
    ComparisonPrompt,
    ComparisonSet,
    Generation,
    GenerationState,
    PairState,
    Purpose,
    SetState,
)
from app.prompts.models import Prompt
from app.prompts.no_longer_used import lost_consent
from app.writing.models import Submission, SubmissionStatus

ERASED = [{"role": "assistant", "content": "(erased)"}]  # what erase_person leaves of a response
PERSON = bindparam("person", type_=BigInteger)
PROJECT = bindparam("project", type_=BigInteger)


def visible_to(actor: Actor) -> Select[ComparisonSet]:
    """Sets of the projects that the actor reviews: their figures name where responses come from."""
    return select(ComparisonSet).where(ComparisonSet.project_id.in_(actor.reviewed_projects()))


def get_set_for(session: Session, actor: Actor, set_id: int) -> ComparisonSet:
    """The set. NotFound where it does not exist for this actor."""
    if found := session.scalar(visible_to(actor).where(ComparisonSet.id == set_id)):
        return found
    raise NotFound("preferences.no_set", "There is no such comparison set.")


def list_sets(session: Session, actor: Actor, project_id: int, *, before: int | None = None) -> Sequence[ComparisonSet]:
    """Up to a page and one of the sets of a project, newest first, below the id `before`."""
    found = visible_to(actor).where(ComparisonSet.project_id == project_id)
    if before is not None:
        found = found.where(ComparisonSet.id < before)
    return session.scalars(found.order_by(ComparisonSet.id.desc()).limit(PAGE_SIZE + 1)).all()


def generations_of(session: Session, set_ids: Sequence[int]) -> dict[int, Generation]:
    """By set, what it asks of models; a set that asks nothing is not there."""
    found = session.scalars(select(Generation).where(Generation.set_id.in_(set_ids)))
    return {one.set_id: one for one in found}


def makings_of(session: Session, set_ids: Sequence[int]) -> dict[int, Making]:
    """By set, how far its making is; one for which models answer is not there."""
    found = session.scalars(select(Making).where(Making.set_id.in_(set_ids)))
    return {one.set_id: one for one in found}


def works_of(session: Session, set_ids: Sequence[int]) -> dict[int, Making | Generation]:
    """By set, what it waits for or has waited for; a set of before there were makings waits for nothing."""
    return {**makings_of(session, set_ids), **generations_of(session, set_ids)}


def count_pairs(session: Session, set_ids: Sequence[int]) -> dict[int, dict[PairState, int]]:
    """By set, how many pairs are in each state, without those of rankings."""
    counted = select(ComparisonPair.set_id, ComparisonPair.state, func.count())
    by_themselves = counted.where(ComparisonPair.set_id.in_(set_ids), ComparisonPair.ranking_id.is_(None))
    counted = by_themselves.group_by(ComparisonPair.set_id, ComparisonPair.state)
    found: dict[int, dict[PairState, int]] = {set_id: {} for set_id in set_ids}
    for set_id, state, many in session.execute(counted):
        found[set_id][state] = many
    return found


def get_own_comparison(session: Session, actor: Actor, comparison_id: int) -> Comparison:
    """What was laid before this very actor, with its pair. NotFound for anybody else's."""
    own = select(Comparison).where(
        Comparison.id == comparison_id,
        Comparison.ordering_id.is_(None),
        Comparison.person_id == actor.user_id,
        Comparison.project_id.in_(list(actor.roles)),
    )
    own = own.options(joinedload(Comparison.pair)).execution_options(populate_existing=True)
    if found := session.scalar(own):
        return found
    raise NotFound("preferences.no_comparison", "There is no such comparison.")


def is_withdrawn() -> ColumnElement[bool]:
    """Whether one of a pair's responses is approved no longer: its author withdrew it, or it was erased."""
    gone = (
        select(ComparedResponse.id)
        .join(Submission, Submission.id == ComparedResponse.submission_id)
        .where(
            ComparedResponse.id.in_((ComparisonPair.first_id, ComparisonPair.second_id)),
            Submission.status != SubmissionStatus.APPROVED,
        )
    )
    return gone.correlate(ComparisonPair).offset(0).exists()


def is_gone() -> ColumnElement[bool]:
    """Whether a text of a pair is there no longer: withdrawn, emptied when somebody was erased, or without consent."""
    said = emptied_responses().where(ComparedResponse.id.in_((ComparisonPair.first_id, ComparisonPair.second_id)))
    asked = emptied_prompts().where(ComparisonPrompt.id == ComparisonPair.comparison_prompt_id)
    return or_(is_withdrawn(), *(one.correlate(ComparisonPair).offset(0).exists() for one in (said, asked)))


def emptied_responses() -> Select[int]:
    """What a run said that saw the texts of somebody who was erased."""
    return select(ComparedResponse.id).where(ComparedResponse.run_id.is_not(None), ComparedResponse.messages == ERASED)


def emptied_prompts() -> Select[int]:
    """What somebody asked who was erased, or whose consent was taken back."""
    return _asked().where(or_(_by_erased(), lost_consent()), ~Prompt.imported)


def erased_prompts() -> Select[int]:
    """What somebody asked who was erased."""
    return _asked().where(_by_erased(), ~Prompt.imported)


def prompts_without_consent() -> Select[int]:
    """What somebody asked whose consent was taken back."""
    return _asked().where(lost_consent())


def _asked() -> Select[int]:
    return select(ComparisonPrompt.id).join(Prompt, Prompt.id == ComparisonPrompt.prompt_id)


def _by_erased() -> ColumnElement[bool]:
    return select(User.id).where(User.id == Prompt.author_id, User.erased_at.is_not(None)).exists()


def may_judge() -> ColumnElement[bool]:
    """Pairs of a project that this person may be given at all: nothing of their own, nothing that is gone."""
    mine = ComparisonPair.not_for.contains(array([PERSON], type_=BigInteger))
    return and_(ComparisonPair.project_id == PROJECT, ~mine, ~is_gone())


def met(*purposes: Purpose) -> ColumnElement[bool]:
    """Whether this person has answered or left a pair, for one of these purposes."""
    said = select(Comparison.id).where(
        Comparison.pair_id == ComparisonPair.id,
        Comparison.person_id == PERSON,
        Comparison.purpose.in_(purposes),
        Comparison.answered_at.is_not(None),
    )
    return said.correlate(ComparisonPair).offset(0).exists()


@built_once
def waiting() -> Select[int]:
    """Ids of open pairs for a `person` in a `project`: those whose outcome is least certain first, then prompts that
    nobody has answered; none of a closed set. It walks along an index that holds nothing but open pairs."""
    of_open_set = select(ComparisonSet.id).where(
        ComparisonSet.id == ComparisonPair.set_id, ComparisonSet.state == SetState.OPEN
    )
    ids = select(ComparisonPair.id).where(
        ComparisonPair.state == PairState.OPEN,
        may_judge(),
        ~met(Purpose.PLAIN),
        of_open_set.correlate(ComparisonPair).offset(0).exists(),
    )
    return ids.order_by(ComparisonPair.certainty, ComparisonPair.answered, ComparisonPair.id)


def has_open_set(project: ColumnElement[int]) -> ColumnElement[bool]:
    """SQL for whether there is anything to compare in a project, for anybody, or will be."""
    failed = select(Making.set_id).where(Making.set_id == ComparisonSet.id, Making.state == GenerationState.FAILED)
    open_sets = select(ComparisonSet.id).where(
        ComparisonSet.project_id == project, ComparisonSet.state == SetState.OPEN, ~failed.exists()
    )
    return open_sets.exists()


def on_desk(session: Session, actor: Actor, project_id: int) -> Comparison | None:
    """The comparison that lies before this person: offered, not answered, and nobody else has taken its pair."""
    return session.scalar(_on_desk(), {"person": actor.user_id, "project": project_id})


@built_once
def _on_desk() -> Select[Comparison]:
    mine = or_(
        and_(
            Comparison.purpose == Purpose.PLAIN,
            ComparisonPair.state == PairState.OPEN,
            ComparisonPair.lease_holder_id == PERSON,
        ),
        and_(Comparison.purpose == Purpose.KNOWN, ComparisonPair.state == PairState.KNOWN),
        and_(Comparison.purpose == Purpose.REPEAT, ComparisonPair.state.in_((PairState.OPEN, PairState.DONE))),
    )
    found = (
        select(Comparison)
        .join(ComparisonPair, ComparisonPair.id == Comparison.pair_id)
        .join(ComparisonSet, ComparisonSet.id == ComparisonPair.set_id)
        .where(Comparison.person_id == PERSON, Comparison.answered_at.is_(None), may_judge(), mine)
        .where(ComparisonSet.state == SetState.OPEN)
    )
    newest = found.order_by(Comparison.offered_at.desc(), Comparison.id.desc()).limit(1)
    return newest.options(joinedload(Comparison.pair)).execution_options(populate_existing=True)


def newest_answer(session: Session, actor: Actor, project_id: int, *, seconds: int) -> tuple[Comparison, int] | None:
    """What this person said last and can still take back, and for how many seconds yet."""
    moment = func.clock_timestamp()
    left = func.ceil(func.extract("epoch", Comparison.answered_at - moment)) + seconds
    mine = select(Comparison, cast(left, Integer)).where(
        Comparison.person_id == actor.user_id,
        Comparison.project_id == project_id,
        Comparison.ordering_id.is_(None),
        Comparison.choice != Choice.SKIPPED,
        Comparison.answered_at > moment - timedelta(seconds=seconds),
    )
    found = session.execute(mine.order_by(Comparison.answered_at.desc()).limit(1)).one_or_none()
    return None if found is None else (found[0], found[1])


def both_responses(session: Session, pair: ComparisonPair) -> dict[int, ComparedResponse]:
    """The two responses of a pair, by id."""
    found = select(ComparedResponse).where(ComparedResponse.id.in_((pair.first_id, pair.second_id)))
    return {one.id: one for one in session.scalars(found)}


def asked_in(session: Session, pair_id: int) -> ComparisonPrompt:
    """The prompt of a pair."""
    found = select(ComparisonPrompt).join(ComparisonPair, ComparisonPair.comparison_prompt_id == ComparisonPrompt.id)
    return session.scalars(found.where(ComparisonPair.id == pair_id)).one()
