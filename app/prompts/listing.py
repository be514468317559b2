"""Which prompts does a list show? Rows for pages, lines of JSON for programs; narrowed alike. Nothing here writes."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, Text, bindparam, false, func, literal_column, null, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, joinedload

from app.accounts.actor import Actor
from app.core.database import built_once, rows_of
from app.core.hot import ask
from app.core.lines import as_lines
from app.core.paging import PAGE_SIZE
from app.projects.models import Category
from app.prompts.models import Prompt
from app.prompts.queries import own_or_open
from app.prompts.schemas import CategoryName, PromptFilter, PromptOut

# `words` are what must stand in a prompt, as in a search: "a phrase", or, -not.
NARROWED = {
    "status": Prompt.status == bindparam("status"),
    "category": Prompt.category_id == bindparam("category"),
    "language": Prompt.language == bindparam("language"),
    "words": Prompt.search.op("@@")(func.websearch_to_tsquery("simple", bindparam("words"))),
    "tag": Prompt.tags.contains(bindparam("tag", type_=ARRAY(Text))),
    "before": Prompt.id < bindparam("before"),
}
# How many rows these leave decides how they are best found, so what they are planned for is what is asked.
DECIDING = {"words", "tag"}


def list_prompts(
    session: Session, actor: Actor, project_id: int, only: PromptFilter, *, before: int | None = None
) -> Sequence[Prompt]:
    """Up to one more than a page of a project's prompts with their categories, newest first, before id `before`."""
    values = _values(actor, project_id, only, before)
    return session.scalars(_rows(frozenset(values), reviews=actor.reviews(project_id)), values).all()


def list_lines(
    session: Session, actor: Actor, project_id: int, only: PromptFilter, *, before: int | None, limit: int
) -> list[Any]:
    """The same for programs, up to `limit` + 1 of them, each as its id and the line of `PromptOut`."""
    values = _values(actor, project_id, only, before)
    usual = limit == PAGE_SIZE
    statement = _lines(frozenset(values), reviews=actor.reviews(project_id), usual=usual)
    asked = values if usual else values | {"limit": limit + 1}
    return ask(session, statement, asked, alone=True, anew=not DECIDING.isdisjoint(values))


def _values(actor: Actor, project_id: int, only: PromptFilter, before: int | None) -> dict[str, Any]:
    """What a list is asked with; what is not narrowed has no name in it."""
    chosen: dict[str, Any] = {name: getattr(only, name) for name in ("status", "category", "language", "words")}
    chosen |= {"tag": None if only.tag is None else [only.tag], "before": before}
    given = {name: value for name, value in chosen.items() if value is not None}
    return {"project": project_id, "person": actor.user_id, **given}


def _listed(names: frozenset[str], *, reviews: bool) -> Select[Prompt]:
    """A project's prompts as its member may see them, by these names narrowed."""
    seen = select(Prompt).where(Prompt.project_id == bindparam("project"))
    seen = seen.where(own_or_open(bindparam("person"), true() if reviews else false()))
    for name in sorted(names & NARROWED.keys()):
        seen = seen.where(NARROWED[name])
    return seen.order_by(Prompt.id.desc())


@built_once
def _rows(names: frozenset[str], *, reviews: bool) -> Select[Prompt]:
    return _listed(names, reviews=reviews).options(joinedload(Prompt.category)).limit(PAGE_SIZE + 1)


@built_once
def _lines(names: frozenset[str], *, reviews: bool, usual: bool) -> Select[Any]:
    categories = rows_of(Category).c
    named = select(*(categories[name] for name in CategoryName.model_fields)).where(categories.id == Prompt.category_id)
    of = named.correlate(Prompt).subquery("category")
    columns: dict[str, Any] = {column.key: column for column in rows_of(Prompt).c}
    columns["category"] = select(func.row_to_json(literal_column("category"))).select_from(of).scalar_subquery()
    if not reviews:
        columns["imported_response"] = null()  # `prompt_out` has the same rule
    listed = _listed(names, reviews=reviews).limit(PAGE_SIZE + 1 if usual else bindparam("limit"))
    return as_lines(listed, PromptOut, columns)
