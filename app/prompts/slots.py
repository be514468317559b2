"""Where responses are wanted: who writes for which prompt now, and when a prompt has all its responses."""

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    BigInteger,
    BindParameter,
    ColumnElement,
    Executable,
    Integer,
    Select,
    Subquery,
    and_,
    bindparam,
    cast,
    column,
    exists,
    func,
    literal_column,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, aliased
from sqlalchemy.orm.attributes import set_committed_value

from app.accounts.actor import Actor
from app.core import leases
from app.core.database import built_once, change_one, rows_of
from app.core.errors import Conflict
from app.core.hot import as_read, ask, ask_one
from app.core.jobs import enqueue
from app.core.passing import MOST, NEAR, OF_A_KIND, with_person
from app.projects.models import Category, Project
from app.prompts.messages import check_messages
from app.prompts.models import Prompt, PromptStatus, PromptTurn, Slot

CLAIMS = 0x51075  # the advisory lock under which one person's own claims, from two tabs, follow each other
LEFT = text(f"""
UPDATE slots SET never_for = {with_person("never_for", "person")}
WHERE id IN (SELECT id FROM slots WHERE prompt_id = :prompt AND filled_at IS NULL FOR UPDATE SKIP LOCKED)
""")  # noqa: S608 - names of ours
EMPTIED = text(f"""
UPDATE slots SET filled_at = NULL, never_for = ARRAY(
    SELECT DISTINCT unnest(never_for) FROM slots WHERE prompt_id = (SELECT prompt_id FROM slots WHERE id = :slot)
    ORDER BY 1 LIMIT {MOST})
WHERE id = :slot AND filled_at IS NOT NULL RETURNING prompt_id
""")  # noqa: S608 - a number of ours
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(:of, hashint8(:who))")
# What follows in this transaction has one plan for all values: making one for each run of a claim took longer than the
# run.
ONE_PLAN = "set_config('plan_cache_mode', 'force_generic_plan', true)"
ONE_PLAN_AT_A_TIME = text(f"SELECT pg_advisory_xact_lock(:of, hashint8(:who)), {ONE_PLAN}")
# The kinds of what is open in a project, one after another along their index, without those that are past for a person.
KINDS = text("""
WITH RECURSIVE kinds AS (
    (SELECT coalesce(category_id, 0) AS category, never_for FROM slots
     WHERE project_id = :of_project AND filled_at IS NULL ORDER BY coalesce(category_id, 0), never_for LIMIT 1)
    UNION ALL
    SELECT following.* FROM kinds CROSS JOIN LATERAL (
        SELECT coalesce(category_id, 0), never_for FROM slots
        WHERE project_id = :of_project AND filled_at IS NULL
            AND (coalesce(category_id, 0), never_for) > (kinds.category, kinds.never_for)
        ORDER BY coalesce(category_id, 0), never_for LIMIT 1) following
)
SELECT * FROM kinds WHERE :lease_holder <> ALL (never_for)
""")
PassedOver = Callable[[ColumnElement[int]], Select[Any]]
Begins = Callable[[CTE], CTE]
Allowing = Callable[[ColumnElement[int], ColumnElement[int]], Select[Any]]


def claim_next(
    session: Session,
    actor: Actor,
    project: Project,
    *,
    category_id: int | None = None,
    leave_out: PassedOver | None = None,
) -> Slot | None:
    """Lease an open slot to the actor, or None. Never a second slot of a prompt that they already hold.

    The oldest comes first; where the project follows advice, those that `turns` has in its order, then the oldest.
    Where it follows need, that holds within the category that lacks most approved responses, then the next.

    It comes with its prompt.

    `leave_out` makes of a person's id a SELECT correlated to `Slot.prompt_id`, such as the writer's earlier
    assignments: prompts for which it finds a row are passed over. It is called once a process: building the statement
    takes longer than running it. What others are claiming at this moment is skipped, never waited for.
    """
    claimed = claim_and_begin(session, actor, project, category_id=category_id, leave_out=leave_out)
    return claimed.slot if claimed else None


class Claimed(NamedTuple):
    """A slot that was leased, and the row of what was begun on it."""

    slot: Slot
    begun: Any


def claim_and_begin(
    session: Session,
    actor: Actor,
    project: Project,
    *,
    category_id: int | None = None,
    leave_out: PassedOver | None = None,
    begins: Begins | None = None,
) -> Claimed | None:
    """The same, with what is begun on the slot in one statement.

    `begins` makes of the claimed rows (a slot's columns, its prompt's `category_of_prompt`) what writes a later room's
    rows and gives one of them. It is called once a process, too, and takes who claims from `leases.HOLDER`.
    """
    ask(session, ONE_PLAN_AT_A_TIME, {"of": CLAIMS, "who": actor.user_id})
    values = {"of_project": project.id} | leases.lease_values(actor.user_id, project.lease_minutes)
    session.flush()
    in_need = lacking(session, project) if category_id is None and project.follows_need else []
    for of, by_kind in product([*in_need, category_id], [False, True]):
        chosen = values if of is None else values | {"of": of}
        next_one = _next(of is not None, project.follows_advice and not by_kind, by_kind, leave_out, begins)
        if found := ask_one(session, next_one, chosen):
            break
    else:
        return None
    return _read(session, actor, found)


def claim_if(
    session: Session,
    actor: Actor,
    project_id: int,
    *,
    category_id: int | None,
    leave_out: PassedOver,
    begins: Begins,
    allowing: Allowing,
) -> Claimed | None:
    """The oldest that waits in a project whose rules the caller has not read, with what is begun on it.

    `allowing` makes of a project's id and a person's a SELECT that finds a row where the statement may claim; it is
    called once a process, and leaves out projects that follow advice or need: those have another order. The caller has
    asked for `ONE_PLAN`, and no two claims of one person that could meet at one prompt are under way. None: nothing was
    done, either since it is not allowed or since nothing is near.
    """
    values = {"of_project": project_id, "lease_holder": actor.user_id}
    if category_id is not None:
        values["of"] = category_id
    found = ask_one(session, _next(category_id is not None, False, False, leave_out, begins, allowing), values)
    return _read(session, actor, found) if found else None


def _read(session: Session, actor: Actor, found: Any) -> Claimed:
    """What the database has told of a slot that was leased, told to the ORM."""
    prompt = as_read(
        session, Prompt, found.prompt_id,
        id=found.prompt_id, project_id=found.project_id, category_id=found.category_of_prompt, messages=found.messages,
        language=found.language,
    )  # fmt: skip
    slot = as_read(
        session, Slot, found.id,
        id=found.id, project_id=found.project_id, prompt_id=found.prompt_id, category_id=found.category_id,
        number=found.number, filled_at=None, lease_holder_id=actor.user_id, lease_expires_at=found.lease_expires_at,
    )  # fmt: skip
    set_committed_value(slot, "prompt", prompt)
    return Claimed(slot, found)


def lacking(session: Session, project: Project) -> Sequence[int]:
    """The categories that lack approved responses, the one that lacks most first."""
    short = select(Category.id).where(Category.project_id == project.id, Category.approved < Category.target)
    return session.scalars(short.order_by((Category.target - Category.approved).desc(), Category.id)).all()


@built_once
def _next(
    in_category: bool,
    in_turn: bool,
    by_kind: bool,
    leave_out: PassedOver | None,
    begins: Begins | None,
    allowing: Allowing | None = None,
) -> Executable:
    """The first free one of the first rows of the queue; or `by_kind`, where these are none for this person.

    One slot after another is looked at in the order of an index, whatever the planner knows of the tables by then. So
    the project is a range, whose order only the index of its open slots has, what a slot must not be has an OFFSET,
    which makes no join of it, and the first rows are joined by a sum, so that their order is theirs alone.
    """
    project = bindparam("of_project", type_=BigInteger)
    is_wanted = [Slot.filled_at.is_(None), ~_held_by(leases.HOLDER).offset(0).exists()]
    if leave_out is not None:
        is_wanted.append(~leave_out(leases.HOLDER).offset(0).exists())
    of = bindparam("of", type_=BigInteger)
    of_category = [Slot.category_id == of] if in_category else []
    before = _in_turn(select(Slot.id).where(*is_wanted, *of_category), project) if in_turn else None
    if by_kind:
        first = _first_of_kinds(project, of if in_category else None, is_wanted)
    else:
        queue = select(Slot.project_id, Slot.id).where(Slot.filled_at.is_(None), *of_category)
        queue = queue.where(Slot.project_id.between(project, project)).order_by(Slot.project_id, Slot.id)
        first = queue.limit(NEAR).subquery("first")
    oldest = select(Slot.id).join(first, Slot.id == first.c.id + literal_column("0")).where(*is_wanted)
    oldest = oldest.order_by(first.c.project_id, first.c.id)
    leased = leases.claiming(Slot, oldest, before=before)
    if allowing is not None:
        minutes = select(cast(rows_of(Project).c.lease_minutes, Integer)).where(rows_of(Project).c.id == project)
        until = func.now() + func.make_interval(0, 0, 0, 0, 0, minutes.scalar_subquery())
        leased = leased.where(allowing(project, leases.HOLDER).exists()).values(lease_expires_at=until)
    held = leased.returning(rows_of(Slot)).cte("held")
    asked = rows_of(Prompt).c
    of_prompt = (asked.category_id.label("category_of_prompt"), asked.messages, asked.language)
    claimed = select(held, *of_prompt).join_from(held, rows_of(Prompt), asked.id == held.c.prompt_id)
    if begins is None:
        return claimed
    taken = claimed.cte("taken")
    begun = begins(taken)
    return select(taken, begun).join_from(taken, begun, true())


def _first_of_kinds(
    project: BindParameter[int], category: BindParameter[int] | None, is_wanted: Sequence[ColumnElement[bool]]
) -> Subquery:
    """The first free slots of each kind that is not past for the person, however many of theirs stand before."""
    found = KINDS.bindparams(project, leases.HOLDER).columns(
        column("category", BigInteger), column("never_for", ARRAY(BigInteger))
    )
    kinds = found.subquery("kinds")
    of_kind = select(Slot.id).where(
        Slot.project_id == project,
        func.coalesce(Slot.category_id, 0) == kinds.c.category,
        Slot.never_for == kinds.c.never_for,
        leases.free(Slot),
        *is_wanted,
    )
    few = of_kind.order_by(Slot.id).limit(OF_A_KIND).lateral()
    first = select(project.label("project_id"), few.c.id).select_from(kinds.join(few, true()))
    return (first if category is None else first.where(kinds.c.category == category)).subquery("first")


def _in_turn(wanted: Select[Any], project: ColumnElement[int]) -> Select[Any]:
    """The free slot whose prompt's turn is first. They are looked up turn by turn: never all open slots are read."""
    turns = select(PromptTurn.prompt_id).where(PromptTurn.project_id == project).order_by(PromptTurn.place).subquery()
    of_turn = wanted.where(Slot.prompt_id == turns.c.prompt_id).order_by(Slot.number)
    slot = leases.first_free(Slot, of_turn).lateral("slot")
    return select(slot.c.id).select_from(turns.join(slot, true())).limit(1)


def claim_of(session: Session, actor: Actor, prompt_id: int, minutes: int) -> Slot | None:
    """Lease a slot of this very prompt: the actor's own, though its time has run out, or else a free one. Or None."""
    _one_claim_at_a_time(session, actor)
    open_here = and_(Slot.prompt_id == prompt_id, Slot.filled_at.is_(None))
    own = session.scalar(select(Slot.id).where(open_here, leases.held_by(Slot, actor.user_id)))
    if own is not None and renew(session, own, actor.user_id, minutes):
        return session.get(Slot, own, populate_existing=True)
    candidates = _leased(select(Slot.id).where(open_here))
    slot: Slot | None = session.scalar(candidates, leases.lease_values(actor.user_id, minutes))
    return slot


def renew(session: Session, slot_id: int, actor_id: int, minutes: int) -> bool:
    """Prolong the holder's lease. False when somebody else has taken the slot since."""
    return leases.renew(session, Slot, slot_id, holder_id=actor_id, minutes=minutes)


def renewing(part: str) -> str:
    """The same as a part of a later room's statement, whose `part` has `slot_id`, `holder_id` and `lease_minutes`.

    It gives until when, or no row where somebody else has taken the slot since.
    """
    return f"""
    UPDATE slots SET lease_expires_at = now() + make_interval(mins => {part}.lease_minutes::int)
    FROM {part} WHERE slots.id = {part}.slot_id AND slots.lease_holder_id = {part}.holder_id
    RETURNING slots.lease_expires_at"""  # noqa: S608 - a name of ours


def give_back(session: Session, slot_id: int, actor_id: int) -> bool:
    """Free the slot at once. False when it was not theirs."""
    return leases.give_back(session, Slot, slot_id, holder_id=actor_id)


def filling(slot: str, holder: str, *, where: str = "true") -> str:
    """A response was handed in for the slot: a part of a later room's statement, given the names of its values.

    It gives the slot's id, or no row where somebody else holds or has filled it, or that room's condition is not met.
    """
    return f"""
    UPDATE slots SET filled_at = now(), lease_holder_id = NULL, lease_expires_at = NULL,
        never_for = {with_person("never_for", holder)}
    WHERE id = :{slot} AND filled_at IS NULL AND lease_holder_id = :{holder} AND {where} RETURNING id"""  # noqa: S608 - names of ours


def passing(slot: str, holder: str) -> str:
    """The prompt's other slots need not be offered to whoever hands in for this one: a part of a statement, as above.

    What somebody else is at right now is let be, so that no two who hand in for one prompt wait for each other: to be
    missing there costs a step.
    """
    return f"""
    UPDATE slots SET never_for = {with_person("never_for", holder)} WHERE id IN (
        SELECT other.id FROM slots other JOIN slots own ON own.prompt_id = other.prompt_id
        WHERE own.id = :{slot} AND other.id <> own.id AND other.filled_at IS NULL FOR UPDATE OF other SKIP LOCKED)"""  # noqa: S608 - as above


def pass_by(session: Session, prompt_id: int, person_id: int) -> None:
    """A writer has left the prompt to others: none of its slots need be offered to them again."""
    session.execute(LEFT, {"prompt": prompt_id, "person": person_id})


def reopen(session: Session, slot_id: int) -> None:
    """The slot's response was rejected or withdrawn: another is wanted, and a complete prompt is open again."""
    prompt_id = session.scalar(EMPTIED, {"slot": slot_id})
    if prompt_id is not None:
        complete = update(Prompt).where(Prompt.id == prompt_id, Prompt.status == PromptStatus.COMPLETE)
        session.execute(complete.values(status=PromptStatus.APPROVED))


def complete_if_answered(session: Session, prompt_id: int) -> bool:
    """Close a prompt for which no response is wanted any more. Whether this call closed it."""
    still_open = exists().where(Slot.prompt_id == prompt_id, Slot.filled_at.is_(None))
    closed = update(Prompt).where(Prompt.id == prompt_id, Prompt.status == PromptStatus.APPROVED, ~still_open)
    return session.scalar(closed.values(status=PromptStatus.COMPLETE).returning(Prompt.id)) is not None


def completing(part: str) -> str:
    """The same as a part of a later room's statement, whose `part` has `prompt_id`."""
    return f"""
    UPDATE prompts SET status = '{PromptStatus.COMPLETE.value}' FROM {part}
    WHERE prompts.id = {part}.prompt_id AND prompts.status = '{PromptStatus.APPROVED.value}'
        AND NOT EXISTS (SELECT FROM slots WHERE slots.prompt_id = prompts.id AND slots.filled_at IS NULL)
    RETURNING prompts.id"""  # noqa: S608 - as above


def settle_pair(session: Session, prompt_id: int, *, approved: bool, by: int, messages: Sequence[Any]) -> None:
    """Decide on a pair's prompt with its response; `messages` is the question as the decided revision asks it."""
    waiting = update(Prompt).where(
        Prompt.id == prompt_id, Prompt.from_pair.is_(True), Prompt.status == PromptStatus.PROPOSED
    )
    settled = waiting.values(
        status=PromptStatus.COMPLETE if approved else PromptStatus.REJECTED,
        messages=check_messages(messages),
        decided_by=by,
        decided_at=func.now(),
    )
    change_one(session, settled, otherwise=already_decided())
    enqueue(session, "prompts.remember", prompt_id=prompt_id)


def already_decided() -> Conflict:
    """What the second of two who decide hears."""
    return Conflict("prompts.already_decided", "Somebody has already decided on this prompt.")


def _one_claim_at_a_time(session: Session, actor: Actor) -> None:
    ask(session, ONE_AT_A_TIME, {"of": CLAIMS, "who": actor.user_id})


def _leased(candidates: Select[Any]) -> Executable:
    """The oldest of these, leased; the row as it is then comes back with it."""
    first = leases.claiming(Slot, candidates.order_by(Slot.id)).returning(rows_of(Slot))
    return select(Slot).from_statement(first).execution_options(populate_existing=True)


def _held_by(person_id: ColumnElement[int]) -> Select[int]:
    """The open slots of the same prompt that are the person's, though their time may have run out."""
    other = aliased(Slot)
    held = select(other.id).where(
        other.prompt_id == Slot.prompt_id, other.filled_at.is_(None), other.lease_holder_id == person_id
    )
    return held.correlate(Slot)
