"""What does a member work on, and to whom can it go? For administrators: what is asked, never what is drafted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.actor import Actor
from app.accounts.models import Membership, User
from app.accounts.notices import tell
from app.accounts.sign_ins import actor_for
from app.core.audit import record
from app.core.errors import Conflict, NotFound
from app.core.excerpts import beginning
from app.core.leases import free, held_by
from app.projects.models import Project
from app.projects.qualifying import Standing
from app.projects.queries import get_member_for, get_project_for, list_members
from app.prompts import slots
from app.prompts.models import Prompt, Slot
from app.writing.assignments import begin, one_at_a_time
from app.writing.models import Assignment, AssignmentStatus, Submission
from app.writing.policy import can_write
from app.writing.qualifying import standing_of
from app.writing.turns import question_of

SHOWN = 100


@dataclass(frozen=True)
class Begun:
    """A prompt that a member has begun to answer. `held`: nobody else can take its place now.

    `may_take`: who may be given it, the admins first. Nobody while every place of it is taken by others.
    """

    assignment_id: int
    question: str
    language: str
    begun_at: datetime
    held: bool
    may_take: Sequence[Membership]


@dataclass(frozen=True)
class Work:
    """What a member has in hand in a project. `drafts` counts all of theirs, pairs and what is to be mended too."""

    member: Membership
    drafts: int
    begun: Sequence[Begun]
    reviews: int
    standing: Standing

    @property
    def held(self) -> int:
        """How many prompts go back to the queue when they leave."""
        return sum(one.held for one in self.begun)


def work_of(session: Session, actor: Actor, project_id: int, user_id: int) -> Work:
    """What somebody works on, for the administrators of the project. No text of a draft is in it."""
    member = get_member_for(session, actor, project_id, user_id)
    project = session.get_one(Project, project_id)
    drafting = _drafting(project_id, user_id).with_only_columns(func.count())
    reviews = select(func.count()).where(Submission.project_id == project_id, held_by(Submission, user_id))
    reviews = reviews.where(Submission.author_id != user_id)  # what they recalled is no review
    return Work(
        member=member,
        drafts=session.scalar(drafting) or 0,
        begun=_begun(session, actor, project, user_id),
        reviews=session.scalar(reviews) or 0,
        standing=standing_of(session, project, user_id),
    )


def hand_over(session: Session, actor: Actor, assignment_id: int, *, to: int) -> Assignment:
    """Give the prompt of somebody's draft to another member. The draft stays its writer's, and nobody else sees it.

    The place in the prompt goes to the other person, leased from now. Who had it can still hand in where another
    place of the prompt is open. Conflict where it cannot go to them, or is no longer only a draft.
    """
    assignment = _steered(session, actor, assignment_id)
    project = get_project_for(session, actor, assignment.project_id)
    receiver = _receiver(session, actor, project, to)
    one_at_a_time(session, receiver)
    locked = select(Assignment).where(Assignment.id == assignment_id).options(joinedload(Assignment.prompt))
    locked = locked.with_for_update(of=Assignment).execution_options(populate_existing=True)
    assignment = session.scalars(locked).one()
    prompt = _free_to_go(session, assignment, to)
    if assignment.slot_id is not None:
        slots.give_back(session, assignment.slot_id, assignment.writer_id)
    slot = slots.claim_of(session, receiver, prompt.id, project.lease_minutes)
    if slot is None:
        raise Conflict("writing.no_place_left", "Others write every response that is wanted for this prompt.")
    made = begin(session, receiver, project, prompt=prompt, category_id=prompt.category_id, slot_id=slot.id)
    record(
        session, "writing.handed_over", "assignment", assignment.id,
        actor_id=actor.user_id, origin=actor.origin, project_id=project.id, to=to, prompt=prompt.id,
    )  # fmt: skip
    tell(
        session, to, "handed_over",
        project_id=project.id, subject="assignment", subject_id=made.id, by=actor.user_id,
    )  # fmt: skip
    return made


def _drafting(project_id: int, user_id: int) -> Select[Assignment]:
    mine = select(Assignment).where(Assignment.project_id == project_id, Assignment.writer_id == user_id)
    return mine.where(Assignment.status == AssignmentStatus.DRAFTING)


def _handed_in() -> Select[int]:
    return select(Submission.id).where(Submission.assignment_id == Assignment.id)


def _begun(session: Session, actor: Actor, project: Project, user_id: int) -> list[Begun]:
    held = select(Slot.id).where(Slot.id == Assignment.slot_id, Slot.filled_at.is_(None), held_by(Slot, user_id))
    vacant = select(Slot.id).where(Slot.prompt_id == Assignment.prompt_id, Slot.filled_at.is_(None), free(Slot))
    rows = (
        _drafting(project.id, user_id)
        .with_only_columns(Assignment.id, Assignment.created_at, Prompt, held.exists(), held.exists() | vacant.exists())
        .join(Prompt, Prompt.id == Assignment.prompt_id)
        .where(Assignment.is_pair.is_(False), ~_handed_in().exists())
        .order_by(Assignment.id)
        .limit(SHOWN)
    )
    begun = session.execute(rows).all()
    members = [] if project.archived_at else list_members(session, actor, project.id)
    others = [one for one in members if one.user.disabled_at is None]
    left_out = _left_out(session, [prompt.id for _, _, prompt, _, _ in begun])
    return [
        Begun(
            assignment_id=assignment_id,
            question=beginning(question_of(prompt.messages)),
            language=prompt.language,
            begun_at=begun_at,
            held=is_held,
            may_take=[one for one in others if has_place and (prompt.id, one.user_id) not in left_out],
        )
        for assignment_id, begun_at, prompt, is_held, has_place in begun
    ]


def _left_out(session: Session, prompt_ids: Sequence[int]) -> set[tuple[int, int | None]]:
    """Prompts and who cannot be given them: whoever proposed one, and whoever had it before."""
    proposed = select(Prompt.id, Prompt.author_id).where(Prompt.id.in_(prompt_ids))
    had = select(Assignment.prompt_id, Assignment.writer_id).where(Assignment.prompt_id.in_(prompt_ids))
    return {(prompt_id, user_id) for prompt_id, user_id in session.execute(proposed.union(had))}


def _steered(session: Session, actor: Actor, assignment_id: int) -> Assignment:
    """An assignment in a project that the actor administers. NotFound for everybody else, its writer too."""
    found = session.scalar(select(Assignment).where(Assignment.id == assignment_id))
    if found is None or not actor.administers(found.project_id):
        raise NotFound("writing.no_assignment_here", "There is no such work in a project of yours.")
    return found


def _receiver(session: Session, actor: Actor, project: Project, user_id: int) -> Actor:
    get_member_for(session, actor, project.id, user_id)
    receiver = actor_for(session, session.get_one(User, user_id))
    can_write(receiver, project).require()
    return receiver


def _free_to_go(session: Session, assignment: Assignment, to: int) -> Prompt:
    """The prompt of a draft that can go to this person. Conflict where it is no longer a draft or cannot."""
    handed_in = select(Submission.id).where(Submission.assignment_id == assignment.id)
    if assignment.status is not AssignmentStatus.DRAFTING or session.scalar(handed_in) is not None:
        raise Conflict("writing.not_a_draft", "This was handed in or skipped meanwhile. It stays with its writer.")
    if assignment.is_pair or assignment.prompt is None:
        raise Conflict("writing.pair_stays", "A pair is its writer’s own: prompt and response stay with them.")
    earlier = select(Assignment.id).where(Assignment.prompt_id == assignment.prompt_id, Assignment.writer_id == to)
    if assignment.prompt.author_id == to or session.scalar(earlier) is not None:
        raise Conflict("writing.had_it_before", "They proposed this prompt, or had it before. Choose somebody else.")
    return assignment.prompt
