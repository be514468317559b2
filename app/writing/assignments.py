"""What does a person write on next? Takes a prompt or begins a pair; verbs write, never commit."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import CTE, ColumnElement, Select, bindparam, false, insert, literal, literal_column, or_, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from app.accounts.actor import Actor
from app.core import leases
from app.core.database import built_once, rows_of
from app.core.errors import Conflict, Invalid, Place
from app.core.hot import as_read, ask, ask_one
from app.projects.consents import accepted_now, being_withdrawn, require_consent
from app.projects.models import Project
from app.projects.queries import get_project_for, hold_category
from app.prompts import slots
from app.prompts.models import Prompt
from app.writing.models import Assignment, AssignmentStatus, Draft, Submission
from app.writing.policy import can_write
from app.writing.qualifying import require_place
from app.writing.queries import get_assignment_for, own_assignments, passed_over_by
from app.writing.shares import require_share
from app.writing.turns import empty_response

# Both rows in one statement; now() is the same in both.
BEGUN = text("""
WITH begun AS (
    INSERT INTO assignments (project_id, writer_id, prompt_id, category_id, slot_id, is_pair, status, skip_reason)
    VALUES (:project_id, :writer_id, :prompt_id, :category_id, :slot_id, :is_pair, 'drafting', '') RETURNING id
)
INSERT INTO drafts (assignment_id, prompt_messages, messages, revision)
SELECT id, '[]', :messages, 0 FROM begun RETURNING assignment_id AS id, saved_at
""").bindparams(bindparam("messages", type_=JSONB))
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:who, 0))")
ONE_AT_A_TIME_WITH_ONE_PLAN = text(f"SELECT pg_advisory_xact_lock(hashtextextended(:who, 0)), {slots.ONE_PLAN}")


def take_next(session: Session, actor: Actor, project_id: int, *, category_id: int | None = None) -> Assignment | None:
    """The next prompt for this writer, leased to them, or None when nothing is open that they have not seen.

    Asking again before a word was saved gives the same assignment: a double click takes one prompt, not two.
    """
    if taken := _quickly(session, actor, project_id, category_id):
        return taken
    one_at_a_time(session, actor)
    return take_in_turn(session, actor, project_id, category_id=category_id)


def _quickly(session: Session, actor: Actor, project_id: int, category_id: int | None) -> Assignment | None:
    """What nearly every request for work is, in one guarded statement after the lock. None: nothing was done.

    No other claim of this writer can meet it at a prompt: all but those for what they have begun, which is passed over
    here, wait for the same lock.
    """
    if not actor.writes(project_id):
        return None
    session.flush()
    ask(session, ONE_AT_A_TIME_WITH_ONE_PLAN, {"who": _turn_of(actor)})
    claimed = slots.claim_if(
        session, actor, project_id,
        category_id=category_id, leave_out=passed_over_by, begins=begun_on, allowing=_open_to,
    )  # fmt: skip
    return _begun_on(session, actor, claimed) if claimed else None


def take_in_turn(
    session: Session, actor: Actor, project_id: int, *, category_id: int | None = None, begun: bool = True
) -> Assignment | None:
    """The same for whoever has called `one_at_a_time` in this transaction already.

    `begun`: False for whoever has seen since that the writer has begun nothing in vain.
    """
    project = get_project_for(session, actor, project_id)
    can_write(actor, project).require()
    require_consent(session, actor, project)
    for untouched in _untouched(session, actor, project, category_id) if begun else ():
        if hold_slot(session, actor, untouched, project):
            return untouched
    require_place(session, actor, project, begins=True)
    require_share(session, actor, project)
    claimed = slots.claim_and_begin(
        session, actor, project, category_id=category_id, leave_out=passed_over_by, begins=begun_on
    )
    return _begun_on(session, actor, claimed) if claimed else None


def start_pair(session: Session, actor: Actor, project_id: int, *, category_id: int | None = None) -> Assignment:
    """A draft in which the writer makes up the prompt as well; the one that they began and left empty, if there is."""
    project = get_project_for(session, actor, project_id)
    can_write(actor, project).require()
    one_at_a_time(session, actor)
    begun = own_assignments(actor).join(Assignment.draft).options(joinedload(Assignment.draft))
    begun = begun.where(Assignment.project_id == project_id, Assignment.is_pair, Assignment.prompt_id.is_(None))
    begun = begun.where(Assignment.status == AssignmentStatus.DRAFTING, Draft.revision == 0)
    untouched = session.scalar(begun.order_by(Assignment.id).limit(1))
    if untouched:
        require_consent(session, actor, project)
    return untouched or begin_pair(session, actor, project_id, category_id=category_id)


def begin_pair(session: Session, actor: Actor, project_id: int, *, category_id: int | None = None) -> Assignment:
    """A new, empty draft of a pair."""
    project = get_project_for(session, actor, project_id)
    can_write(actor, project).require()
    require_consent(session, actor, project)
    require_place(session, actor, project, begins=True)
    require_share(session, actor, project)
    check_category(session, project, category_id)
    return begin(session, actor, project, is_pair=True, category_id=category_id)


def choose_category(session: Session, actor: Actor, assignment_id: int, category_id: int | None) -> None:
    """File a pair that has not been handed in under another category. None asks for nothing where it is fixed."""
    assignment = lock_assignment(session, actor, assignment_id)
    if category_id == assignment.category_id:
        return
    fixed = not assignment.is_pair or assignment.prompt_id is not None
    if fixed and category_id is None:
        return
    project = get_project_for(session, actor, assignment.project_id)
    check_category(session, project, category_id)
    if fixed:
        raise Conflict(
            "writing.category_fixed", "The category of a prompt that was handed in is the reviewers' to change."
        )
    assignment.category_id = category_id


def one_at_a_time(session: Session, actor: Actor) -> None:
    """Let this writer's other requests for work wait until this transaction ends; nobody else's do."""
    ask(session, ONE_AT_A_TIME, {"who": _turn_of(actor)})


def _turn_of(actor: Actor) -> str:
    return f"writing:{actor.user_id}"


def lock_assignment(session: Session, actor: Actor, assignment_id: int) -> Assignment:
    """The actor's own assignment, locked to the end of the transaction: saving, handing in, skipping take turns.

    The draft is locked with it: what is locked is read anew after the wait, so it is what the one before has left.
    """
    return get_assignment_for(session, actor, assignment_id, lock=True)


def hold_slot(session: Session, actor: Actor, assignment: Assignment, project: Project) -> bool:
    """Renew the lease that the assignment has, or take another free slot of its prompt. False when none is left."""
    minutes = project.lease_minutes
    if assignment.slot_id is not None and slots.renew(session, assignment.slot_id, actor.user_id, minutes):
        return True
    assert assignment.prompt_id is not None
    handed_in = select(Submission.id).where(Submission.assignment_id == assignment.id)
    if session.scalar(handed_in) is not None:
        return False  # it fills its own place, and is mended: another is not wanted
    other = slots.claim_of(session, actor, assignment.prompt_id, minutes)
    if other is None:
        return False
    assignment.slot_id = other.id
    session.flush()
    return True


def check_category(session: Session, project: Project, category_id: int | None) -> None:
    """Invalid unless the category is one of the project's, or none."""
    if category_id is not None and hold_category(session, project.id, category_id) is None:
        detail = "is no category of this project"
        raise Invalid("writing.no_such_category", "Choose another category.", Place("/category_id", detail))


def _untouched(session: Session, actor: Actor, project: Project, category_id: int | None) -> list[Assignment]:
    values = {"person": actor.user_id, "project": project.id}
    if category_id is not None:
        values["category"] = category_id
    session.flush()  # statements on tables do not, as those on models do
    ids = [row.id for row in ask(session, _begun_in_vain(category_id is not None), values)]
    if not ids:
        return []
    mine = select(Assignment).where(Assignment.id.in_(ids)).order_by(Assignment.id)
    return list(session.scalars(mine.options(joinedload(Assignment.draft), joinedload(Assignment.prompt))))


@built_once
def _begun_in_vain(in_category: bool) -> Select[int]:
    """Locks them; only their ids, since nearly always there are none, and whole rows take long to be made ready for."""
    assignments, mine = rows_of(Assignment), _in_vain(bindparam("project"), bindparam("person"))
    if in_category:
        mine = mine.where(assignments.c.category_id == bindparam("category"))
    return mine.order_by(assignments.c.id).limit(5).with_for_update(of=assignments)


def _in_vain(project: ColumnElement[int], person: ColumnElement[int]) -> Select[int]:
    """What a person has begun in a project and left empty."""
    assignments, drafts = rows_of(Assignment), rows_of(Draft)
    mine = select(assignments.c.id).join(drafts, drafts.c.assignment_id == assignments.c.id)
    mine = mine.where(assignments.c.writer_id == person, assignments.c.project_id == project)
    return mine.where(assignments.c.status == AssignmentStatus.DRAFTING, ~assignments.c.is_pair, drafts.c.revision == 0)


def _open_to(project: ColumnElement[int], person: ColumnElement[int]) -> Select[int]:
    """The project, where nothing that `take_in_turn` looks at stands against a member who takes its oldest prompt.

    Whatever is asked there of who begins something has to be asked here.
    """
    rules = rows_of(Project).c
    return select(rules.id).where(
        rules.id == project,
        rules.archived_at.is_(None),
        or_(rules.consent_text == literal_column("''"), accepted_now(project, person).exists()),
        rules.qualification == literal_column("0"),
        rules.responses_per_writer == literal_column("0"),
        ~rules.follows_need,
        ~rules.follows_advice,
        ~being_withdrawn(project, person).exists(),
        ~_in_vain(project, person).exists(),
    )


class Work(NamedTuple):
    """What an assignment is about, by the names of its columns."""

    project_id: int
    writer_id: int
    prompt_id: int | None
    category_id: int | None
    slot_id: int | None
    is_pair: bool


def begin(
    session: Session,
    actor: Actor,
    project: Project,
    *,
    prompt: Prompt | None = None,
    category_id: int | None = None,
    slot_id: int | None = None,
    is_pair: bool = False,
) -> Assignment:
    """An empty draft of the actor's, on a prompt whose slot they hold or as a pair. For the verbs of this room."""
    work = Work(project.id, actor.user_id, prompt.id if prompt else None, category_id, slot_id, is_pair)
    begun = ask_one(session, BEGUN, {**work._asdict(), "messages": empty_response()})
    return _begun(session, work, begun.id, begun.saved_at, prompt)


def begun_on(taken: CTE) -> CTE:
    """The rows of `begin` on what `slots.claim_and_begin` has taken, in its statement."""
    assignments, drafts = rows_of(Assignment), rows_of(Draft)
    slot = taken.c
    of_slot = {
        "project_id": slot.project_id,
        "writer_id": leases.HOLDER,
        "prompt_id": slot.prompt_id,
        "category_id": slot.category_of_prompt,
        "slot_id": slot.id,
        "is_pair": false(),
        "status": literal_column(f"'{AssignmentStatus.DRAFTING.value}'"),
        "skip_reason": literal_column("''"),
    }
    begun = insert(assignments).from_select(list(of_slot), select(*of_slot.values()), include_defaults=False)
    begun_id = begun.returning(assignments.c.id).cte("begun").c.id
    of_draft = {
        "assignment_id": begun_id,
        "prompt_messages": literal([], JSONB),
        "messages": literal(empty_response(), JSONB),
        "revision": literal(0),
    }
    draft = insert(drafts).from_select(list(of_draft), select(*of_draft.values()), include_defaults=False)
    return draft.returning(drafts.c.assignment_id, drafts.c.saved_at).cte("draft")


def _begun_on(session: Session, actor: Actor, claimed: slots.Claimed) -> Assignment:
    slot, row = claimed
    work = Work(slot.project_id, actor.user_id, slot.prompt_id, slot.prompt.category_id, slot.id, is_pair=False)
    return _begun(session, work, row.assignment_id, row.saved_at, slot.prompt)


def _begun(session: Session, work: Work, key: int, saved_at: datetime, prompt: Prompt | None) -> Assignment:
    """What the database has written, told to the ORM."""
    draft = as_read(
        session, Draft, key,
        assignment_id=key, prompt_messages=[], messages=empty_response(), revision=0, caret=None, provenance=None,
        saved_at=saved_at,
    )  # fmt: skip
    assignment = as_read(
        session, Assignment, key,
        id=key, status=AssignmentStatus.DRAFTING, skip_kind=None, skip_reason="", created_at=saved_at, **work._asdict(),
    )  # fmt: skip
    set_committed_value(assignment, "draft", draft)
    set_committed_value(assignment, "prompt", prompt)
    return assignment
