"""What can be done with a prompt: one verb a function. Verbs write, never commit."""

from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.notices import tell
from app.core.audit import record
from app.core.database import change_one
from app.core.errors import Conflict, Invalid, Place
from app.core.jobs import enqueue
from app.projects.consents import require_lasting_consent
from app.projects.models import Project
from app.projects.queries import get_project_for, hold_category
from app.prompts.messages import check_messages, check_system
from app.prompts.models import Prompt, PromptStatus, Slot
from app.prompts.policy import can_decide, can_propose
from app.prompts.queries import get_prompt_for
from app.prompts.reports import settle_all
from app.prompts.slots import already_decided, complete_if_answered


class Details(TypedDict, total=False):
    """What else may be said of a prompt. Language and licence are the project's where none is given."""

    category_id: int | None
    language: str | None
    licence: str
    source: str
    external_id: str | None
    tags: Sequence[str]


def propose(
    session: Session, actor: Actor, project_id: int, *, messages: Sequence[Any], **details: Unpack[Details]
) -> Prompt:
    """Suggest a prompt; a reviewer decides on it. Conflict for who has not accepted what the project asks.

    Invalid where it begins with a system message and the project wants none.
    """
    project = get_project_for(session, actor, project_id)
    require_lasting_consent(session, actor, project)
    check_system(project, check_messages(messages))
    return _propose(session, actor, project_id, messages, from_pair=False, details=details)


def propose_pair(
    session: Session, actor: Actor, project_id: int, *, messages: Sequence[Any], **details: Unpack[Details]
) -> Prompt:
    """The prompt of a pair that is handed in: one review decides on it together with its response."""
    return _propose(session, actor, project_id, messages, from_pair=True, details=details)


def approve(session: Session, actor: Actor, prompt_id: int) -> Prompt:
    """Open a proposed prompt to writers, with as many slots as the project wants responses."""
    prompt = get_prompt_for(session, actor, prompt_id)
    can_decide(actor, prompt).require()
    _decide(session, actor, prompt, PromptStatus.APPROVED)
    wanted = session.scalar(select(Project.responses_per_prompt).where(Project.id == prompt.project_id)) or 1
    of_prompt = {"project_id": prompt.project_id, "prompt_id": prompt.id, "category_id": prompt.category_id}
    never_for = [prompt.author_id] if prompt.author_id else []
    places = [{**of_prompt, "never_for": never_for, "number": number} for number in range(1, wanted + 1)]
    session.execute(insert(Slot).on_conflict_do_nothing(), places)  # a prompt that was sent back has its own still
    complete_if_answered(session, prompt.id)
    _tell(session, actor, prompt, "prompt_approved", "project", prompt.project_id)
    return prompt


def reject(session: Session, actor: Actor, prompt_id: int, *, reason: str) -> Prompt:
    """Turn a proposed prompt down; its author reads the reason. Conflict if somebody decided first."""
    prompt = get_prompt_for(session, actor, prompt_id)
    can_decide(actor, prompt).require()
    _decide(session, actor, prompt, PromptStatus.REJECTED, reason=reason)
    enqueue(session, "prompts.remember", prompt_id=prompt.id)
    _tell(session, actor, prompt, "prompt_rejected", "prompt", prompt.id)
    return prompt


def _tell(session: Session, actor: Actor, prompt: Prompt, kind: str, subject: str, subject_id: int) -> None:
    """Its proposer hears of it: of what is open now as one for the project, since an import may bring thousands."""
    tell(
        session, prompt.author_id, kind,
        project_id=prompt.project_id, subject=subject, subject_id=subject_id, by=actor.user_id,
    )  # fmt: skip


def _decide(session: Session, actor: Actor, prompt: Prompt, status: PromptStatus, reason: str = "") -> None:
    proposed = update(Prompt).where(Prompt.id == prompt.id, Prompt.status == PromptStatus.PROPOSED)
    decided = proposed.values(status=status, reason=reason, decided_by=actor.user_id, decided_at=func.now())
    change_one(session, decided, otherwise=already_decided())
    session.refresh(prompt, ["status", "reason", "decided_by", "decided_at"])
    settle_all(session, prompt.id, by=actor.user_id)
    _record(session, actor, f"prompts.{status.value}", prompt)


def _propose(
    session: Session, actor: Actor, project_id: int, messages: Sequence[Any], *, from_pair: bool, details: Details
) -> Prompt:
    project = get_project_for(session, actor, project_id)
    can_propose(actor, project).require()
    _check_category(session, project_id, details.get("category_id"))
    new = insert(Prompt).values(
        project_id=project_id,
        author_id=actor.user_id,
        messages=check_messages(messages),
        category_id=details.get("category_id"),
        language=details.get("language") or project.language,
        licence=details.get("licence") or project.licence,
        source=details.get("source", ""),
        external_id=details.get("external_id"),
        tags=list(details.get("tags", ())),
        from_pair=from_pair,
    )
    prompt: Prompt | None = session.scalar(new.on_conflict_do_nothing().returning(Prompt))
    if prompt is None:
        raise Conflict("prompts.external_id_taken", "There is already a prompt with this external id in the project.")
    _record(session, actor, "prompts.proposed", prompt)
    enqueue(session, "prompts.remember", prompt_id=prompt.id)
    return prompt


def _check_category(session: Session, project_id: int, category_id: int | None) -> None:
    if category_id is not None and hold_category(session, project_id, category_id) is None:
        raise Invalid(
            "prompts.no_such_category",
            "There is no such category in this project.",
            Place("/category_id", "is no category of this project"),
        )


def _record(session: Session, actor: Actor, action: str, prompt: Prompt) -> None:
    record(
        session, action, "prompt", prompt.id,
        actor_id=actor.user_id, origin=actor.origin, project_id=prompt.project_id,
    )  # fmt: skip
