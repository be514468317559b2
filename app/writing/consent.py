"""A contributor takes their consent back, and all that holds a text of theirs is withdrawn. Verbs write, never commit.

What they accepted covers what is asked before it: what they wrote, the prompts that they proposed, and what they put
right in others' responses. Opinions and decisions are asked of nobody before, so these stay.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, union_all, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload, selectinload

from app.accounts.actor import Actor
from app.accounts.models import Membership, Role, User
from app.accounts.notices import tell, tell_all
from app.accounts.queries import members
from app.accounts.sign_ins import actor_for
from app.core.audit import record
from app.core.errors import Conflict, NotFound
from app.core.jobs import enqueue
from app.core.leases import give_back_all
from app.projects.consents import consent_of, last_taken_back, lock_consents, one_by_one
from app.projects.models import Consent, ConsentTakenBack
from app.projects.policy import can_take_back_for
from app.projects.queries import get_project_for
from app.prompts.models import Slot
from app.prompts.no_longer_used import prompts_of, turn_down
from app.writing.assignments import one_at_a_time
from app.writing.edits import lock_work
from app.writing.models import Assignment, AssignmentStatus, Revision, Submission, Withdrawal
from app.writing.submissions import WITHDRAWABLE, take_back

AT_ONCE = 50


def take_consent_back(session: Session, actor: Actor, project_id: int) -> ConsentTakenBack:
    """The actor takes back what they accepted in a project: nothing of theirs is used in it any more.

    A job withdraws what there is; their prompts in hand go to others at once, and they are asked anew before they
    write. Their drafts stay theirs. Again changes nothing. Conflict where they have accepted nothing.
    """
    get_project_for(session, actor, project_id)
    return _begin(session, actor, project_id, actor)


def take_consent_back_for(
    session: Session, actor: Actor, project_id: int, user_id: int, *, reason: str
) -> ConsentTakenBack:
    """The same by an administrator for a member, who reads the reason."""
    get_project_for(session, actor, project_id)
    can_take_back_for(actor, project_id).require()
    if session.get(Membership, (project_id, user_id)) is None:  # also who has left
        raise NotFound("projects.no_such_member", "There is no such person in this project.")
    whose = actor_for(session, session.get_one(User, user_id))
    return _begin(session, actor, project_id, whose, reason=reason)


def unfinished(session: Session, project_id: int) -> Sequence[int]:
    """The consents of a project that were taken back and of which something is still to be withdrawn."""
    still = select(ConsentTakenBack.consent_id).where(
        ConsentTakenBack.project_id == project_id, ConsentTakenBack.finished_at.is_(None)
    )
    return session.scalars(still.order_by(ConsentTakenBack.consent_id)).all()


def withdraw_next(session: Session, consent_id: int) -> bool:
    """Withdraw the next responses that lost their consent. False once nothing is left and who should know is told.

    Done again, or by two at once, it withdraws each once: what is withdrawn already is not found any more.
    """
    taken = session.get_one(ConsentTakenBack, consent_id, with_for_update=True, populate_existing=True)
    if taken.finished_at is not None:
        return False
    actor = actor_for(session, session.get_one(User, taken.asked_by))
    if found := session.scalars(_written_by(taken).limit(AT_ONCE)).all():
        taken.withdrawn += sum(_withdraw(session, actor, taken, one) for one in found)
        return True
    turn_down(session, taken.project_id, taken.user_id)
    _end_drafts_on(session, taken)
    if found := session.scalars(_with_words_of(taken).limit(AT_ONCE)).all():
        taken.withdrawn += sum(_withdraw(session, actor, taken, one) for one in found)
        return True
    _finish(session, taken)
    return False


def forget_reasons(session: Session, user_id: int) -> None:
    """Drop why administrators took consents back, where either is being erased."""
    theirs = (ConsentTakenBack.asked_by == user_id) | (ConsentTakenBack.user_id == user_id)
    session.execute(update(ConsentTakenBack).where(theirs).values(reason=""))


def _begin(session: Session, actor: Actor, project_id: int, whose: Actor, reason: str = "") -> ConsentTakenBack:
    # What is being handed in, proposed or put right at this moment is stored before, or asks for the consent after.
    one_at_a_time(session, whose)
    drafting = select(Assignment.id).where(Assignment.project_id == project_id, Assignment.writer_id == whose.user_id)
    drafting = drafting.where(Assignment.status == AssignmentStatus.DRAFTING).order_by(Assignment.id)
    session.execute(drafting.with_for_update())
    lock_consents(session, whose.user_id)
    one_by_one(session, whose.user_id, project_id)
    given = consent_of(session, whose, project_id)
    if given is None:
        if before := last_taken_back(session, whose.user_id, project_id):
            return before
        raise Conflict("projects.no_consent_given", "Nothing was accepted in this project that could be taken back.")
    _enter(session, actor, given, reason)
    give_back_all(session, Slot, holder_id=whose.user_id, project_id=project_id)
    enqueue(session, "writing.withdraw_all", lock=f"consent-{given.id}", consent_id=given.id)
    taken = last_taken_back(session, whose.user_id, project_id)
    assert taken
    return taken


def _enter(session: Session, actor: Actor, given: Consent, reason: str) -> None:
    values = {"consent_id": given.id, "project_id": given.project_id, "user_id": given.user_id}
    new = insert(ConsentTakenBack).values(**values, asked_by=actor.user_id, reason=reason, withdrawn=0)
    session.execute(new.on_conflict_do_nothing())
    record(
        session, "projects.consent_taken_back", "consent", given.id,
        actor_id=actor.user_id, origin=actor.origin, project_id=given.project_id, user_id=given.user_id,
    )  # fmt: skip


def _written_by(taken: ConsentTakenBack) -> Select[int]:
    theirs = select(Submission.id).where(
        Submission.author_id == taken.user_id, Submission.project_id == taken.project_id, _can_be_withdrawn()
    )
    return theirs.order_by(Submission.id)


def _with_words_of(taken: ConsentTakenBack) -> Select[int]:
    """What others wrote to a prompt of theirs, or what they put right as it stands."""
    here = select(Submission.id).where(Submission.project_id == taken.project_id, _can_be_withdrawn())
    asked = here.where(Submission.prompt_id.in_(prompts_of(taken.project_id, taken.user_id)))
    newest = (Revision.submission_id == Submission.id) & (Revision.number == Submission.current_revision)
    put_right = here.join(Revision, newest).where(Revision.author_id == taken.user_id)
    both = union_all(asked, put_right).subquery()
    return select(both.c.id).distinct().order_by(both.c.id)


def _can_be_withdrawn() -> ColumnElement[bool]:
    return Submission.status.in_(WITHDRAWABLE)


def _withdraw(session: Session, actor: Actor, taken: ConsentTakenBack, submission_id: int) -> bool:
    """Whether it was: while we waited for our turn, somebody may have rejected it."""
    lock_work(session, submission_id)
    still = select(Submission).where(Submission.id == submission_id, _can_be_withdrawn())
    still = still.options(selectinload(Submission.revisions), joinedload(Submission.prompt))
    submission = session.scalar(still.execution_options(populate_existing=True))
    if submission is None:
        return False
    take_back(session, actor, submission, "writing.withdrawn_with_consent")
    if submission.author_id != taken.user_id:
        tell(
            session, submission.author_id, "response_lost_consent",
            project_id=taken.project_id, subject="submission", subject_id=submission_id,
        )  # fmt: skip
    elif taken.reason:
        session.add(Withdrawal(submission_id=submission_id, withdrawn_by=taken.asked_by, reason=taken.reason))
    return True


def _end_drafts_on(session: Session, taken: ConsentTakenBack) -> None:
    """Nobody goes on writing to a prompt of theirs; a draft stays with its writer, who is told."""
    on_theirs = Assignment.prompt_id.in_(prompts_of(taken.project_id, taken.user_id))
    mended = select(Submission.id).where(Submission.assignment_id == Assignment.id).exists()
    ended = update(Assignment).where(on_theirs, Assignment.status == AssignmentStatus.DRAFTING, ~mended)
    ended = ended.values(status=AssignmentStatus.SKIPPED).execution_options(synchronize_session=False)
    for writer_id in sorted(session.scalars(ended.returning(Assignment.writer_id))):
        tell(
            session, writer_id, "draft_lost_consent",
            project_id=taken.project_id, subject="project", subject_id=taken.project_id, by=taken.user_id,
        )  # fmt: skip
    held = update(Slot).where(Slot.prompt_id.in_(prompts_of(taken.project_id, taken.user_id)))
    freed = held.where(Slot.lease_holder_id.is_not(None)).values(lease_holder_id=None, lease_expires_at=None)
    session.execute(freed.execution_options(synchronize_session=False))


def _finish(session: Session, taken: ConsentTakenBack) -> None:
    taken.finished_at = session.scalars(select(func.now())).one()
    record(
        session, "writing.consent_carried_out", "consent", taken.consent_id,
        actor_id=taken.asked_by, project_id=taken.project_id, user_id=taken.user_id, withdrawn=taken.withdrawn,
    )  # fmt: skip
    here: dict[str, Any] = {"project_id": taken.project_id, "subject": "project", "subject_id": taken.project_id}
    still_here = members(taken.project_id).where(Membership.user_id == taken.user_id)
    tell_all(session, still_here, "consent_taken_back", **here, withdrawn=taken.withdrawn)
    admins = members(taken.project_id, Role.ADMIN).where(Membership.user_id != taken.user_id)
    tell_all(session, admins, "others_consent_taken_back", **here, withdrawn=taken.withdrawn)
