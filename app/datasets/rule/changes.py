"""The rules that a dataset had, and how it gets another one: each is kept, with who made it, when and why."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from app.accounts.actor import Actor
from app.core.audit import record
from app.core.database import change_one
from app.core.errors import Conflict, NotFound
from app.core.paging import PAGE_SIZE
from app.core.seen import Marks, is_seen
from app.datasets.models import Dataset, RuleRevision
from app.datasets.policy import can_publish
from app.datasets.queries import get_dataset_for
from app.datasets.registry import kind_of


def change_rule(
    session: Session,
    actor: Actor,
    dataset_id: int,
    *,
    rule: Mapping[str, Any],
    based_on: Marks | int | str | None,
    note: str = "",
) -> RuleRevision:
    """Give a dataset another rule; later versions are made by it, those that there are stay as they are.

    `based_on` names the rule that the actor saw, None for whichever it is: Conflict where it is another by now. The
    same rule again changes nothing.
    """
    dataset = get_dataset_for(session, actor, dataset_id)
    can_publish(actor, dataset.project_id).require()
    kind = kind_of(dataset)
    wanted = kind.rule(rule)
    if wanted == kind.rule(dataset.rule):
        return get_rule(session, dataset.id, dataset.rule_number)
    late = Conflict(
        "datasets.rule_changed",
        "Somebody has changed this rule meanwhile; nothing was stored. Look at theirs, then save yours again.",
        current=dataset.rule_number,
    )
    seen = dataset.rule_number
    if not is_seen(based_on, seen):
        raise late
    still = update(Dataset).where(Dataset.id == dataset.id, Dataset.rule_number == seen)
    change_one(session, still.values(rule=wanted, rule_number=seen + 1), otherwise=late)
    made = RuleRevision(dataset_id=dataset.id, number=seen + 1, rule=wanted, note=note, made_by=actor.user_id)
    session.add(made)
    session.flush()
    record(
        session, "datasets.rule_changed", "dataset", dataset.id,
        actor_id=actor.user_id, origin=actor.origin, project_id=dataset.project_id, rule=made.number,
    )  # fmt: skip
    return get_rule(session, dataset.id, made.number)


def get_rule(session: Session, dataset_id: int, number: int) -> RuleRevision:
    """One of a dataset's rules, with its maker. Ask first whether the dataset may be seen."""
    found = select(RuleRevision).where(RuleRevision.dataset_id == dataset_id, RuleRevision.number == number)
    if made := session.scalar(found.options(joinedload(RuleRevision.maker)).execution_options(populate_existing=True)):
        return made
    raise NotFound("datasets.no_such_rule", "This dataset has no rule of that number.")


def list_rules(session: Session, dataset_id: int, *, before: int | None = None) -> Sequence[RuleRevision]:
    """Up to a page and one of a dataset's rules, the newest first. Ask first whether the dataset may be seen."""
    found = select(RuleRevision).where(RuleRevision.dataset_id == dataset_id).options(joinedload(RuleRevision.maker))
    if before is not None:
        found = found.where(RuleRevision.number < before)
    return session.scalars(found.order_by(RuleRevision.number.desc()).limit(PAGE_SIZE + 1)).all()
