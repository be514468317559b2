"""What an actor can see of prompts. Nothing here writes."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, bindparam, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.actor import Actor
from app.core.database import built_once
from app.core.errors import NotFound
from app.projects.models import Category
from app.prompts.fingerprints import prompts_like, question
from app.prompts.models import Prompt, PromptStatus, Slot

COUNT_LIMIT = 100


def visible_to(actor: Actor) -> Select[Prompt]:
    """Prompts of the actor's own projects; of another writer's pair a reviewer alone knows before it is published."""
    return _visible(actor.user_id, actor.roles, actor.reviewed_projects())


def _visible(person: Any, member_of: Any, reviewer_of: Any) -> Select[Prompt]:
    return select(Prompt).where(
        Prompt.project_id.in_(member_of), own_or_open(person, Prompt.project_id.in_(reviewer_of))
    )


def own_or_open(person: Any, reviewed: ColumnElement[bool]) -> ColumnElement[bool]:
    """What a member may see of a project; `reviewed`: whether this person reviews there."""
    return or_(Prompt.from_pair.is_(False), Prompt.author_id == person, reviewed)


def get_prompt_for(session: Session, actor: Actor, prompt_id: int) -> Prompt:
    """The prompt with its author and category. NotFound where it does not exist for this actor."""
    values = {"person": actor.user_id, "member": list(actor.roles), "reviewer": actor.reviewed_projects()}
    if prompt := session.scalar(_prompt(), {"id": prompt_id, **values}):
        return prompt
    raise NotFound("prompts.not_found", "There is no such prompt.")


@built_once
def _prompt() -> Select[Prompt]:
    seen = _visible(bindparam("person"), bindparam("member", expanding=True), bindparam("reviewer", expanding=True))
    seen = seen.where(Prompt.id == bindparam("id"))
    return seen.options(joinedload(Prompt.author), joinedload(Prompt.category))


def list_like(session: Session, actor: Actor, prompt: Prompt, *, limit: int = 3) -> list[tuple[Prompt, int]]:
    """Prompts of the project that ask nearly the same, each with how much it is alike in percent, most alike first."""
    found = dict(prompts_like(session, prompt.project_id, question(prompt.messages), but=prompt.id))
    seen = {one.id: one for one in session.scalars(visible_to(actor).where(Prompt.id.in_(found)))}
    alike = [(seen[identity], round(score * 100)) for identity, score in found.items() if identity in seen]
    return alike[:limit]


def next_proposed(session: Session, actor: Actor, project_id: int) -> int | None:
    """The id of the oldest prompt on which this actor can decide, or None."""
    waiting = visible_to(actor).where(*_undecided(actor.user_id, project_id)).order_by(Prompt.id).limit(1)
    prompt = session.scalar(waiting)
    return prompt.id if prompt else None


def count_waiting(session: Session, actor: Actor, project_id: int) -> int:
    """How many prompts of others wait for this actor's yes or no, counted up to 100. For who decides there."""
    values = {"person": actor.user_id, "project": project_id}
    return session.scalar(_count_waiting(), values) or 0


@built_once
def _count_waiting() -> Select[int]:
    return select(waiting_for(bindparam("person"), bindparam("project")))


def waiting_for(person: Any, project: Any) -> ScalarSelect[int]:
    """SQL for the same: the rail needs no more."""
    waiting = select(Prompt.id).where(*_undecided(person, project)).limit(COUNT_LIMIT)
    return select(func.count()).select_from(waiting.subquery()).scalar_subquery()


def slots_of(session: Session, prompts: Sequence[Prompt]) -> dict[int, tuple[int, int]]:
    """For each prompt id: responses handed in, and responses wanted. For those who steer, not for writers."""
    counted = (
        select(Slot.prompt_id, func.count(Slot.filled_at), func.count())
        .where(Slot.prompt_id.in_([prompt.id for prompt in prompts]))
        .group_by(Slot.prompt_id)
    )
    return {prompt_id: (filled, wanted) for prompt_id, filled, wanted in session.execute(counted)}


def filled_by_category(session: Session, categories: Sequence[Category]) -> dict[int, int]:
    """For each category id: responses handed in and not turned down, counted up to its target and no further."""
    return {one.id: min(_filled(session, one), one.target) for one in categories if one.target}


def _filled(session: Session, category: Category) -> int:
    slots = select(Slot.id).where(Slot.category_id == category.id, Slot.filled_at.is_not(None))
    pairs = select(Prompt.id).where(
        Prompt.project_id == category.project_id,
        Prompt.category_id == category.id,
        Prompt.from_pair,
        Prompt.author_id.is_not(None),  # an imported pair is no work towards a target
        Prompt.status != PromptStatus.REJECTED,
    )
    both = (select(func.count()).select_from(rows.limit(category.target).subquery()) for rows in (slots, pairs))
    return sum(session.scalar(count) or 0 for count in both)


def _undecided(person: Any, project: Any) -> Iterator[ColumnElement[bool]]:
    """Prompts of a project that wait for somebody who did not propose them; every member may see them."""
    yield Prompt.project_id == project
    yield Prompt.status == PromptStatus.PROPOSED
    yield Prompt.from_pair.is_(False)
    yield Prompt.author_id != person
