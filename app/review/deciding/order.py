"""Which submission comes first? The project's rule, in words, and as reads that cost the same in any queue."""

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import Select, Update, select, true
from sqlalchemy.orm import Session, joinedload

from app.accounts.actor import Actor
from app.core.database import built_once, rows_of
from app.core.leases import claiming, free, lease_values
from app.projects.models import Category, Project, ReviewOrder
from app.review.narrowing import ALL, Narrowed
from app.review.waiting import Choice, kinds_of_what_waits, of_kind
from app.writing.models import Submission
from app.writing.queries import NEWCOMER_APPROVALS

IN_WORDS = {
    ReviewOrder.OLDEST: "The oldest comes first.",
    ReviewOrder.FURTHEST: "The category furthest from its target comes first, in it the oldest.",
    ReviewOrder.NEWCOMERS: f"New writers, with fewer than {NEWCOMER_APPROVALS} approved responses, come first; "
    "then the oldest.",
}


def in_words(project: Project, part: Narrowed) -> str:
    """The rule by which the next submission is chosen."""
    if part.is_all:
        return IN_WORDS[project.review_order]
    is_category = part == Narrowed(category=part.category, category_id=part.category_id)
    return "The oldest of this category comes first." if is_category else "The oldest of these comes first."


def choices(
    session: Session, actor: Actor, project: Project, part: Narrowed
) -> Iterator[tuple[Choice, dict[str, int]]]:
    """What may come first for this reviewer, each with its values: the first that finds a free one is right."""
    for choice, values in _choices(session, actor, project, part):
        yield choice, values
        if not choice.of_writer:
            yield replace(choice, by_kind=True), values


def _choices(
    session: Session, actor: Actor, project: Project, part: Narrowed
) -> Iterator[tuple[Choice, dict[str, int]]]:
    values = {"person": actor.user_id, "project": project.id}
    if not part.is_all:
        wanted = {"category": part.category_id, "writer": part.writer_id, "days": part.waited}
        chosen = {name: value for name, value in wanted.items() if value is not None}
        yield Choice("category" in chosen, of_writer="writer" in chosen, since_days="days" in chosen), values | chosen
        return
    if project.review_order is ReviewOrder.NEWCOMERS:
        yield Choice(of_newcomers=True), values
    if project.review_order is ReviewOrder.FURTHEST:
        furthest = session.scalar(_furthest(), values)
        if furthest is not None:
            yield Choice(of_category=True), {**values, "category": furthest}
    yield Choice(), values


def claim_first(session: Session, actor: Actor, project: Project, part: Narrowed) -> int | None:
    """Lease what comes first to the reviewer: its id, or None."""
    term = lease_values(actor.user_id, project.lease_minutes)
    for choice, values in choices(session, actor, project, part):
        taken: int | None = session.scalar(_claimed(choice), values | term)
        if taken is not None:
            return taken
    return None


@built_once
def _claimed(choice: Choice) -> Update:
    return claiming(Submission, choice.ids()).returning(rows_of(Submission).c.id)


@built_once
def _first(choice: Choice) -> Select[Submission]:
    first = choice.ids().where(free(Submission)).limit(1).scalar_subquery()
    shown = select(Submission).where(Submission.id == first)
    return shown.options(joinedload(Submission.prompt), joinedload(Submission.category))


@built_once
def _furthest() -> Select[int]:
    """The category that lacks most approved responses, of those in which something is free: one look into each kind."""
    kinds = kinds_of_what_waits()
    first_free = of_kind(kinds, free(Submission)).limit(1).lateral()
    found = select(Category.id).select_from(kinds.join(first_free, true()))
    found = found.join(Category, Category.id == kinds.c.category)
    return found.order_by((Category.target - Category.approved).desc(), Category.id).limit(1)


def next_free(session: Session, actor: Actor, project: Project, part: Narrowed = ALL) -> Submission | None:
    """The submission that this reviewer would be given now, with its prompt; nothing is claimed."""
    for choice, values in choices(session, actor, project, part):
        if found := session.scalar(_first(choice), values):
            return found
    return None
