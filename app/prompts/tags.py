"""Tags of prompts: names that a project gives them, by which lists and datasets select."""

from collections.abc import Sequence

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.audit import record
from app.prompts.models import Prompt
from app.prompts.policy import can_tag
from app.prompts.queries import get_prompt_for


def set_tags(session: Session, actor: Actor, prompt_id: int, tags: Sequence[str]) -> Prompt:
    """Give a prompt these tags instead of those it has. Versions that are published stay as they are."""
    prompt = get_prompt_for(session, actor, prompt_id)
    can_tag(actor, prompt).require()
    session.execute(update(Prompt).where(Prompt.id == prompt.id).values(tags=list(tags)))
    session.refresh(prompt, ["tags"])
    record(
        session, "prompts.tagged", "prompt", prompt.id,
        actor_id=actor.user_id, origin=actor.origin, project_id=prompt.project_id, tags=len(tags),
    )  # fmt: skip
    return prompt
