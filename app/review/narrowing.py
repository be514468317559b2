"""Which part of what waits does a reviewer want to see? Of one category, of one writer, what has waited for long."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query
from pydantic import BaseModel, BeforeValidator, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Membership
from app.core.text import Text, WholeNumber
from app.projects.models import Category, Project
from app.projects.queries import get_category_of
from app.review.policy import is_open_book
from app.writing.models import Submission, SubmissionStatus

NOBODY = 0
LONG = (1, 3, 7, 14, 30)  # days
WRITERS_LISTED = 200
AnyWhereBlank = BeforeValidator(lambda said: None if said == "" else said)  # as a form sends a choice of none
Id = Annotated[WholeNumber, Field(ge=1, lt=2**62)]


class Wanted(BaseModel):
    """What an address or a form says of it: the number of a category, a writer's pseudonym, a number of whole days."""

    category: Annotated[Id | None, AnyWhereBlank] = None
    writer: Annotated[Text, Field(max_length=100)] = ""
    waited: Annotated[Annotated[WholeNumber, Field(ge=1, le=3650)] | None, AnyWhereBlank] = None

    @property
    def is_all(self) -> bool:
        """Whether nothing is to be left out."""
        return self.category is None and not self.writer and self.waited is None


WantedQuery = Annotated[Wanted, Query()]


def in_days(days: int) -> str:
    """1 day, 3 days."""
    return "1 day" if days == 1 else f"{days} days"


@dataclass(frozen=True)
class Narrowed:
    """A part of what waits. `writer_id` is 0 for a pseudonym that nobody has here: then nothing is of it."""

    category: Category | None = None
    category_id: int | None = None
    writer: str = ""
    writer_id: int | None = None
    waited: int | None = None

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return self.category_id is None and self.writer_id is None and self.waited is None

    @property
    def fields(self) -> dict[str, str | int]:
        """The fields by which a form says it again."""
        said = {"category": self.category_id, "writer": self.writer, "waited": self.waited}
        return {name: value for name, value in said.items() if value}

    @property
    def query(self) -> str:
        """It as an address has it, with its question mark."""
        return f"?{urlencode(self.fields)}" if self.fields else ""

    @property
    def in_words(self) -> str:
        """It as a sentence goes on: " by a-7f3c, handed in more than 3 days ago"."""
        since = f", handed in over {in_days(self.waited)} ago" if self.waited else ""
        return (f" by {self.writer}" if self.writer else "") + since

    def holds(self, submission: Submission) -> bool:
        """Whether the submission is of this part."""
        return (
            self.category_id in (None, submission.category_id)
            and self.writer_id in (None, submission.author_id)
            and (self.waited is None or submission.submitted_at <= datetime.now(UTC) - timedelta(days=self.waited))
        )


ALL = Narrowed()


@dataclass(frozen=True)
class Way:
    """One choice of how to narrow the queue down, and the address's query that chooses it besides the others."""

    label: str
    query: str
    is_chosen: bool


def ways(part: Narrowed, categories: Sequence[Category], writer: str = "") -> list[list[Way]]:
    """The choices beside a text: any category or one of them, any writer or this one, any time or a long one.

    Without a `writer` only categories: the page tells nothing of people and times.
    """

    def way(label: str, **chosen: Any) -> Way:
        there = replace(part, **chosen)
        return Way(label, there.query, there.fields == part.fields)

    of = [way("All categories", category_id=None), *(way(one.name, category_id=one.id) for one in categories)]
    by = [way("All writers", writer=""), *(way(one, writer=one) for one in dict.fromkeys([part.writer, writer]) if one)]
    since = [way("However long it waits", waited=None), *(way(f"Over {in_days(days)}", waited=days) for days in LONG)]
    return ([of] if categories else []) + ([by, since] if writer else [])


def narrowed(session: Session, project: Project, wanted: Wanted, *, on_page: bool = False) -> Narrowed:
    """What is wanted of a project's queue. On a page, where some decisions are known already, only a category is heard.

    There a writer and a time would tell those texts apart: they wait for nobody.
    """
    of_people = is_open_book(project) or not on_page
    writer = wanted.writer if of_people else ""
    return Narrowed(
        category=get_category_of(session, project.id, wanted.category) if wanted.category else None,
        category_id=wanted.category,
        writer=writer,
        writer_id=_writer_of(session, project.id, writer) if writer else None,
        waited=wanted.waited if of_people else None,
    )


def _writer_of(session: Session, project_id: int, pseudonym: str) -> int:
    found = select(Membership.user_id).where(Membership.project_id == project_id, Membership.pseudonym == pseudonym)
    return session.scalar(found) or NOBODY


def writers_waiting(session: Session, actor: Actor, project_id: int) -> Sequence[str]:
    """The pseudonyms of those whose responses wait for others than themselves, up to 200; a look into an index each."""
    theirs = select(Submission.id).where(
        Submission.author_id == Membership.user_id,
        Submission.project_id == project_id,
        Submission.status == SubmissionStatus.SUBMITTED,
    )
    waiting = select(Membership.pseudonym).where(
        Membership.project_id == project_id, Membership.user_id != actor.user_id, theirs.exists()
    )
    return session.scalars(waiting.order_by(Membership.pseudonym).limit(WRITERS_LISTED)).all()
