"""What do people ask of a prompt, and what is answered? One thread a prompt. Verbs write, never commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, BindParameter, ColumnElement, Select, bindparam, func, or_, select, update
from sqlalchemy.orm import Session, joinedload

from app.accounts.actor import RANK, Actor
from app.accounts.models import Membership, Role, User
from app.accounts.notices import tell
from app.core.audit import record
from app.core.database import built_once
from app.core.errors import NotFound
from app.core.paging import PAGE_SIZE
from app.projects.models import Project
from app.prompts.models import Prompt, PromptQuestion
from app.prompts.policy import can_ask, can_see_questions
from app.prompts.queries import get_prompt_for

SHOWN = 100


@dataclass(frozen=True)
class Said:
    """A question or an answer, under the name that this reader may know."""

    id: int
    who: str
    body: str
    at: datetime


@dataclass(frozen=True)
class Thread:
    """A question with what was said to it, oldest first."""

    question: Said
    is_open: bool
    answers: Sequence[Said]


def ask(session: Session, actor: Actor, prompt_id: int, body: str, *, to: int | None = None) -> PromptQuestion:
    """Ask something of a prompt, or say something to the question `to`.

    What somebody who decides says to another's question answers it; whoever asked and asks on opens it again.
    """
    prompt = get_prompt_for(session, actor, prompt_id)
    can_ask(actor, prompt).require()
    question = _question_of(session, prompt, to) if to is not None else None
    said = PromptQuestion(
        project_id=prompt.project_id, prompt_id=prompt.id, author_id=actor.user_id, parent_id=to, body=body
    )
    session.add(said)
    session.flush()
    if question is not None and question.author_id == actor.user_id:
        _mark(session, question.id, answered=False)
    elif question is not None and actor.reviews(prompt.project_id):
        _mark(session, question.id, answered=True)
        tell(
            session, question.author_id, "question_answered",
            project_id=prompt.project_id, subject="prompt", subject_id=prompt.id, by=actor.user_id,
        )  # fmt: skip
    record(
        session, "prompts.asked" if to is None else "prompts.answered", "prompt", prompt.id,
        actor_id=actor.user_id, origin=actor.origin, project_id=prompt.project_id, said=said.id,
    )  # fmt: skip
    return said


def threads_of(session: Session, actor: Actor, project: Project, prompt_id: int) -> list[Thread]:
    """The newest 100 questions of a prompt that the actor may see, oldest first, each with what was said to it."""
    newest = session.scalars(_newest_asked(), {"prompt": prompt_id}).all()
    if not newest:  # nearly always
        return []
    said = session.execute(_said_to(), {"questions": newest, "project": project.id})
    threads: dict[int, tuple[Said, bool, list[Said]]] = {}
    for row, name, pseudonym, role in said:
        shown = Said(row.id, _known_as(project, actor, row.author_id, name, pseudonym, role), row.body, row.created_at)
        if row.parent_id is None:
            threads[row.id] = (shown, row.answered_at is None, [])
        else:
            threads[row.parent_id][2].append(shown)
    return [Thread(*parts) for parts in threads.values()]


def is_asked(prompt: ColumnElement[int]) -> ColumnElement[bool]:
    """SQL for whether anything is asked of a prompt."""
    return _asked(prompt).exists()


def _asked(prompt: ColumnElement[int]) -> Select[int]:
    return select(PromptQuestion.id).where(PromptQuestion.prompt_id == prompt, PromptQuestion.parent_id.is_(None))


@built_once
def _newest_asked() -> Select[int]:
    asked = _asked(bindparam("prompt", type_=BigInteger))
    return asked.order_by(PromptQuestion.id.desc()).limit(SHOWN)


@built_once
def _said_to() -> Select[PromptQuestion, str, str | None, Role | None]:
    here = (Membership.user_id == User.id) & (Membership.project_id == bindparam("project"))
    said = select(PromptQuestion, User.name, Membership.pseudonym, Membership.role)
    said = said.join(User, User.id == PromptQuestion.author_id).outerjoin(Membership, here)
    these: BindParameter[int] = bindparam("questions", expanding=True)
    return said.where(or_(PromptQuestion.id.in_(these), PromptQuestion.parent_id.in_(these))).order_by(
        PromptQuestion.id
    )


def list_open(session: Session, actor: Actor, project_id: int, *, after: int = 0) -> Sequence[PromptQuestion]:
    """Up to a page and one of the open questions of a project with their prompts, past the id `after`, oldest first.

    For those who decide there.
    """
    can_see_questions(actor, project_id).require()
    still = _open(project_id).where(PromptQuestion.id > after).options(joinedload(PromptQuestion.prompt))
    return session.scalars(still.order_by(PromptQuestion.id).limit(PAGE_SIZE + 1)).all()


def _open(project_id: int) -> Select[PromptQuestion]:
    return select(PromptQuestion).where(
        PromptQuestion.project_id == project_id,
        PromptQuestion.parent_id.is_(None),
        PromptQuestion.answered_at.is_(None),
    )


def _question_of(session: Session, prompt: Prompt, question_id: int) -> PromptQuestion:
    """A question of this prompt, locked: of two who speak to it the later decides whether it is open."""
    found = select(PromptQuestion).where(
        PromptQuestion.id == question_id, PromptQuestion.prompt_id == prompt.id, PromptQuestion.parent_id.is_(None)
    )
    if question := session.scalar(found.with_for_update()):
        return question
    raise NotFound("prompts.no_question", "There is no such question about this prompt.")


def _mark(session: Session, question_id: int, *, answered: bool) -> None:
    session.execute(
        update(PromptQuestion)
        .where(PromptQuestion.id == question_id)
        .values(answered_at=func.now() if answered else None)
    )


def _known_as(
    project: Project, actor: Actor, author_id: int, name: str, pseudonym: str | None, role: Role | None
) -> str:
    """You; else a writer's pseudonym; a reviewer's name where the project tells it, or the reader decides too."""
    if author_id == actor.user_id:
        return "you"
    if role is None or RANK[role] < RANK[Role.REVIEWER]:
        return pseudonym or "somebody"
    return name if project.show_reviewer_names or actor.reviews(project.id) else "a reviewer"
