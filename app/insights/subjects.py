"""What is a notice about? The question that was asked, where this reader may still see it."""

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.excerpts import beginning
from app.prompts.cards import question_of
from app.prompts.models import Prompt
from app.prompts.queries import visible_to
from app.writing.models import Assignment, Submission
from app.writing.queries import own_assignments, submissions_visible_to

Subject = tuple[str, int]  # what it is, as a notice calls it, and its id


def asked_in(session: Session, actor: Actor, subjects: Collection[Subject]) -> Mapping[Subject, tuple[str, str]]:
    """The beginning of what is asked and its language, of prompts, drafts and submissions that the actor may see."""
    looked_at = (
        ("prompt", visible_to(actor), Prompt.id, Prompt.id),
        ("assignment", own_assignments(actor), Assignment.id, Assignment.prompt_id),
        ("submission", submissions_visible_to(actor), Submission.id, Submission.prompt_id),
    )
    about: dict[Subject, int] = {}
    for kind, seen, identity, prompt_id in looked_at:
        if wanted := [number for what, number in subjects if what == kind]:
            found = session.execute(seen.with_only_columns(identity, prompt_id).where(identity.in_(wanted)))
            about |= {(kind, subject_id): asked for subject_id, asked in found if asked}
    known = {one.id: one for one in session.scalars(select(Prompt).where(Prompt.id.in_(set(about.values()))))}
    return {
        subject: (beginning(question_of(known[prompt_id])), known[prompt_id].language)
        for subject, prompt_id in about.items()
        if prompt_id in known
    }
