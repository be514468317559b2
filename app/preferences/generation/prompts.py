"""Which prompts are models asked? Unanswered ones first and none of the test split, or just those."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.datasets.queries import test_prompts
from app.preferences.material import Asked, key_of, of_people, without_test
from app.preferences.models import PromptRule
from app.prompts.models import Prompt, PromptStatus
from app.prompts.turns import list_unanswered


def choose(session: Session, project_id: int, rule: PromptRule, most: int) -> tuple[list[Asked], str]:
    """At most so many prompts, without responses, and in words what was left out. For a job: it compares texts."""
    if rule is PromptRule.TEST:
        return tested(session, project_id)[:most], ""
    candidates = {
        key_of(one.messages): Asked(one.messages, one.language, one.id)
        for one in list_unanswered(session, project_id, 2 * most)
    }
    written = of_people(session, project_id)
    for key, one in list(written.items())[: 2 * most]:
        candidates.setdefault(key, one)
    kept = without_test(session, project_id, candidates)
    lost = len(candidates) - len(kept)
    words = f"{lost} {'prompt' if lost == 1 else 'prompts'} of the test split, or much like one" if lost else ""
    return list(kept.values())[:most], words


def tested(session: Session, project_id: int) -> list[Asked]:
    """The prompts that are only tested on, for ever, the oldest first."""
    ids = test_prompts(session, project_id)
    found = select(Prompt).where(Prompt.id.in_(ids), Prompt.status != PromptStatus.REJECTED).order_by(Prompt.id)
    return [Asked(one.messages, one.language, one.id) for one in session.scalars(found)]
