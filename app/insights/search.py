"""Where was that? Full text over what an actor may see: prompts, responses as they are now, guidelines. Only reads."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, func, literal_column, select
from sqlalchemy.orm import Session, aliased

from app.accounts.actor import Actor
from app.accounts.models import Membership
from app.core.paging import PAGE_SIZE
from app.insights.words import Piece, Wanted, excerpt
from app.projects.models import Guidelines
from app.prompts.models import Prompt
from app.prompts.queries import visible_to as prompts_visible_to
from app.writing.models import Revision, Submission, SubmissionStatus
from app.writing.queries import submissions_visible_to

INDEXED = 100_000  # so much of a text is searched, and no tag is looked for, as in the database's written_text


class Kind(StrEnum):
    """What can be found."""

    PROMPTS = "prompts"
    SUBMISSIONS = "submissions"
    GUIDELINES = "guidelines"


@dataclass(frozen=True)
class Only:
    """Where is looked: in one project, among responses of one writer (by pseudonym) or in one state; before an id."""

    project_id: int | None = None
    writer: str = ""
    state: str | None = None
    before: int | None = None


@dataclass(frozen=True)
class Find:
    """One thing that was found, with the words around the first that was looked for. Guidelines have no state."""

    kind: Kind
    id: int
    project_id: int
    state: str
    language: str
    at: datetime
    excerpt: Sequence[Piece]


def find(
    session: Session,
    actor: Actor,
    kind: Kind,
    wanted: Wanted,
    *,
    only: Only = Only(),
    limit: int = PAGE_SIZE,
) -> list[Find]:
    """Up to `limit` + 1 of one kind that the actor may see, the newest first; responses also without any words."""
    return FINDERS[kind](session, actor, wanted, only, limit + 1)


def find_prompts(session: Session, actor: Actor, wanted: Wanted, only: Only, most: int) -> list[Find]:
    """Prompts by what is asked in them."""
    found = prompts_visible_to(actor).where(Prompt.search.op("@@")(wanted.query))
    if only.project_id is not None:
        found = found.where(Prompt.project_id == only.project_id)
    if only.before is not None:
        found = found.where(Prompt.id < only.before)
    found = found.order_by(Prompt.id.desc()).limit(most)
    return [
        made(Kind.PROMPTS, one, one.status.value, one.language, one.created_at, words_of(one.messages), wanted)
        for one in session.scalars(found)
    ]


def find_submissions(session: Session, actor: Actor, wanted: Wanted, only: Only, most: int) -> list[Find]:
    """Submissions by their newest response, all of them without words. What only an older one says is not found."""
    found = (
        submissions_visible_to(actor)
        .join(Revision, and_(Revision.submission_id == Submission.id, Revision.number == Submission.current_revision))
        .join(Prompt, Prompt.id == Submission.prompt_id)
        .with_only_columns(
            Submission.id,
            Submission.project_id,
            Submission.status,
            Prompt.language,
            Submission.submitted_at,
            Revision.messages,
        )
    )
    if wanted.words:
        found = found.where(Revision.search.op("@@")(wanted.query))
    if only.writer:
        theirs = and_(Membership.project_id == Submission.project_id, Membership.user_id == Submission.author_id)
        found = found.join(Membership, theirs).where(Membership.pseudonym == only.writer)
    if only.state is not None:
        found = found.where(Submission.status == SubmissionStatus(only.state))
    if only.project_id is not None:
        found = found.where(Submission.project_id == only.project_id)
    if only.before is not None:
        found = found.where(Submission.id < only.before)
    found = found.order_by(Submission.id.desc()).limit(most)
    return [
        made(Kind.SUBMISSIONS, one, one.status.value, one.language, one.submitted_at, words_of(one.messages), wanted)
        for one in session.execute(found)
    ]


def find_guidelines(session: Session, actor: Actor, wanted: Wanted, only: Only, most: int) -> list[Find]:
    """The guidelines that hold now, by their text; one a project at most, so they need no index."""
    later = aliased(Guidelines)
    plain = func.translate(func.left(Guidelines.text, INDEXED), "<", " ")
    words = func.to_tsvector(literal_column("'simple'::regconfig"), plain)
    found = select(Guidelines).where(
        Guidelines.project_id.in_(actor.roles),
        ~select(later.id).where(later.project_id == Guidelines.project_id, later.version > Guidelines.version).exists(),
        words.op("@@")(wanted.query),
    )
    if only.project_id is not None:
        found = found.where(Guidelines.project_id == only.project_id)
    if only.before is not None:
        found = found.where(Guidelines.id < only.before)
    found = found.order_by(Guidelines.id.desc()).limit(most)
    return [made(Kind.GUIDELINES, one, "", "", one.made_at, one.text, wanted) for one in session.scalars(found)]


def made(kind: Kind, row: Any, state: str, language: str, at: datetime, text: str, wanted: Wanted) -> Find:
    """What is shown of a row that was found by its text."""
    return Find(kind, row.id, row.project_id, state, language, at, excerpt(text, wanted.words))


def words_of(messages: Any) -> str:
    """All that the turns of a conversation say. What the database holds damaged must not take a list down."""
    turns = messages if isinstance(messages, list) else []
    said = [turn.get("content") for turn in turns if isinstance(turn, dict)]
    return "\n".join(text for text in said if isinstance(text, str))


Finder = Callable[[Session, Actor, Wanted, Only, int], list[Find]]
FINDERS: dict[Kind, Finder] = {
    Kind.PROMPTS: find_prompts,
    Kind.SUBMISSIONS: find_submissions,
    Kind.GUIDELINES: find_guidelines,
}
