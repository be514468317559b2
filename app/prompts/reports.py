"""Which prompts are bad, in the words of those who should answer them? Verbs write, never commit."""

from collections.abc import Sequence

from sqlalchemy import func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload

from app.accounts.actor import Actor
from app.accounts.models import Role
from app.accounts.notices import tell_all
from app.accounts.queries import members
from app.core.audit import record
from app.core.errors import Conflict
from app.prompts.models import Prompt, PromptReport, PromptStatus, ReportReason
from app.prompts.policy import can_report, can_see_questions, can_settle
from app.prompts.queries import get_prompt_for

REASONS = {
    ReportReason.UNCLEAR: "It cannot be understood",
    ReportReason.UNANSWERABLE: "It cannot be answered",
    ReportReason.DUPLICATE: "It was asked before",
    ReportReason.PERSONAL: "It holds private data",
    ReportReason.HARMFUL: "Nobody should answer it",
    ReportReason.OTHER: "Something else",
}
ENOUGH_REPORTS = 3
ENOUGH_SKIPS = 5  # of writers who say that they cannot tell what is asked
ENOUGH_LEFT = 10  # of writers who leave it for a reason that lies in the prompt, not in what they know


def report(session: Session, actor: Actor, prompt_id: int, reason: ReportReason, note: str) -> PromptReport:
    """Say that a prompt is bad; saying it again changes the reason. The third open report takes it off the offer."""
    prompt = get_prompt_for(session, actor, prompt_id)
    can_report(actor, prompt).require()
    _lock(session, prompt_id)
    new = insert(PromptReport).values(
        project_id=prompt.project_id, prompt_id=prompt_id, reporter_id=actor.user_id, reason=reason, note=note
    )
    anew = {"reason": reason, "note": note, "created_at": func.now(), "settled_at": None, "settled_by": None}
    said = new.on_conflict_do_update(index_elements=["prompt_id", "reporter_id"], set_=anew).returning(PromptReport)
    reported = session.scalars(said, execution_options={"populate_existing": True}).one()
    _note(session, actor, "prompts.reported", prompt)
    if len(open_reports(session, prompt_id)) >= ENOUGH_REPORTS:
        send_back(session, actor, prompt_id)
    return reported


def send_back(session: Session, actor: Actor, prompt_id: int) -> bool:
    """Take a prompt off the offer, back to `proposed`, for its proposer and those who decide. Whether this call did it.

    Nobody is given it from here on; who is writing on it may finish. Approving it anew opens its places again.
    """
    offered = update(Prompt).where(Prompt.id == prompt_id, Prompt.status == PromptStatus.APPROVED)
    back = offered.values(status=PromptStatus.PROPOSED, decided_by=None, decided_at=None).returning(Prompt)
    prompt = session.scalar(back, execution_options={"populate_existing": True})
    if prompt is not None:
        _note(session, actor, "prompts.sent_back", prompt)
        people = members(prompt.project_id, Role.ADMIN).union(select(literal(prompt.author_id)))
        tell_all(
            session, people, "prompt_withdrawn",
            project_id=prompt.project_id, subject="prompt", subject_id=prompt_id, by=actor.user_id,
        )  # fmt: skip
    return prompt is not None


def take_off(session: Session, actor: Actor, prompt_id: int) -> None:
    """Somebody who decides takes a prompt off the offer by hand. Conflict where it is not on offer any more."""
    prompt = get_prompt_for(session, actor, prompt_id)
    can_settle(actor, prompt).require()
    if not send_back(session, actor, prompt_id):
        raise Conflict("prompts.not_on_offer", "This prompt is not on offer any more.")


def reported_prompts(session: Session, actor: Actor, project_id: int) -> list[tuple[Prompt, dict[str, int]]]:
    """The prompts of the oldest 500 open reports, each with how often which reason was given. For who decides."""
    can_see_questions(actor, project_id).require()
    still = select(PromptReport).where(PromptReport.project_id == project_id, PromptReport.settled_at.is_(None))
    counted: dict[int, tuple[Prompt, dict[str, int]]] = {}
    for one in session.scalars(still.options(joinedload(PromptReport.prompt)).order_by(PromptReport.id).limit(500)):
        reasons = counted.setdefault(one.prompt_id, (one.prompt, {}))[1]
        said = REASONS[one.reason]
        reasons[said] = reasons.get(said, 0) + 1
    return list(counted.values())


def settle(session: Session, actor: Actor, prompt_id: int) -> None:
    """Somebody has dealt with what was reported of a prompt. Conflict where nothing is open any more."""
    prompt = get_prompt_for(session, actor, prompt_id)
    can_settle(actor, prompt).require()
    if not settle_all(session, prompt_id, by=actor.user_id):
        raise Conflict("prompts.nothing_reported", "Somebody has already dealt with these reports.")
    _note(session, actor, "prompts.reports_settled", prompt)


def settle_all(session: Session, prompt_id: int, *, by: int) -> int:
    """Close every open report of a prompt: it was decided on, or looked at. How many there were."""
    still_open = update(PromptReport).where(PromptReport.prompt_id == prompt_id, PromptReport.settled_at.is_(None))
    return len(
        session.scalars(still_open.values(settled_at=func.now(), settled_by=by).returning(PromptReport.id)).all()
    )


def open_reports(session: Session, prompt_id: int) -> Sequence[PromptReport]:
    """What is reported of a prompt and not dealt with, with who reported it, oldest first."""
    of_it = select(PromptReport).where(PromptReport.prompt_id == prompt_id, PromptReport.settled_at.is_(None))
    return session.scalars(of_it.options(joinedload(PromptReport.reporter)).order_by(PromptReport.id)).all()


def _lock(session: Session, prompt_id: int) -> None:
    """Who reports the same prompt at the same moment comes after, and counts our report too."""
    session.execute(select(Prompt.id).where(Prompt.id == prompt_id).with_for_update(key_share=True))


def _note(session: Session, actor: Actor, action: str, prompt: Prompt) -> None:
    record(
        session, action, "prompt", prompt.id,
        actor_id=actor.user_id, origin=actor.origin, project_id=prompt.project_id,
    )  # fmt: skip
