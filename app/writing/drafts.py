"""The working copy: saved as its writer types, never over what was saved elsewhere. Verbs write, never commit."""

from typing import Any

from sqlalchemy import Update, bindparam, func, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from app.accounts.actor import Actor
from app.core.database import built_once, rows_of
from app.core.errors import Conflict, Invalid, Place
from app.core.text import is_blank
from app.writing.assignments import hold_slot, lock_assignment
from app.writing.comparing import compared
from app.writing.models import Assignment, AssignmentStatus, Draft
from app.writing.provenance import counted
from app.writing.queries import get_assignment_for
from app.writing.turns import Messages, check_turns, empty_response, question_of, system_of


def save_draft(
    session: Session,
    actor: Actor,
    assignment_id: int,
    *,
    messages: Messages,
    revision: int,
    prompt_messages: Messages | None = None,
    caret: int | None = None,
    typed: dict[str, int] | None = None,
) -> Draft:
    """Save over revision `revision` of the draft and go on holding the prompt. A draft may be blank.

    Without `prompt_messages` what a pair asks stays as it is. `caret` is where the writer is in the last turn, in code
    points. `typed` is what was counted since the save before; it is kept where the project keeps such counts.

    Conflict `writing.draft_changed` when another save came between: with the draft as it stands under `current`, and
    under `compared` what differs.
    """
    assignment = lock_assignment(session, actor, assignment_id)
    check_open(assignment)
    check_turns(messages)
    if prompt_messages and not assignment.is_pair:
        detail = "can only be written in a pair"
        raise Invalid("writing.not_a_pair", "The prompt is not yours to write.", Place("/prompt", detail))
    _check_system(assignment, prompt_messages)
    draft = assignment.draft
    if draft.revision != revision:
        raise draft_changed(assignment, sent=messages, asked=prompt_messages)
    asked = draft.prompt_messages if prompt_messages is None else prompt_messages
    counts = {"provenance": counted(draft.provenance, typed)} if typed and assignment.project.keeps_provenance else {}
    _write(session, draft, messages=messages, prompt_messages=asked, revision=revision + 1, caret=caret, **counts)
    if not assignment.is_pair:
        keep_holding(session, actor, assignment)
    return draft


def add_turn(session: Session, actor: Actor, assignment_id: int, *, revision: int) -> Draft:
    """Go on with the conversation: an empty turn of the user's and one of the assistant's at the end."""
    draft = get_assignment_for(session, actor, assignment_id).draft
    longer = [*draft.messages, {"role": "user", "content": ""}, *empty_response()]
    return _with_turns(session, actor, draft, longer, revision)


def drop_turn(session: Session, actor: Actor, assignment_id: int, *, revision: int) -> Draft:
    """Take the last two turns away. Conflict while there is text in them, or where they are all there is."""
    draft = get_assignment_for(session, actor, assignment_id).draft
    last = draft.messages[-2:]
    if len(draft.messages) < 3 or not all(is_blank(turn["content"]) for turn in last):
        raise Conflict("writing.turn_not_empty", "There is text in the last two turns. Empty them first.")
    return _with_turns(session, actor, draft, draft.messages[:-2], revision)


def check_open(assignment: Assignment) -> None:
    """Conflict unless the assignment is still being written on."""
    if assignment.status is AssignmentStatus.HANDED_IN:
        raise Conflict(
            "writing.already_handed_in", "This was handed in already. What you wrote since is not part of it."
        )
    if assignment.status is AssignmentStatus.SKIPPED:
        raise left(assignment)


def left(assignment: Assignment) -> Conflict:
    """What is heard of a prompt that its writer has left, or that was taken from them."""
    if assignment.lost_its_prompt:
        return Conflict(
            "writing.prompt_lost_consent",
            "This prompt may no longer be used: whoever proposed it has taken their consent back. Your draft is kept.",
        )
    return Conflict("writing.already_skipped", "You have skipped this. It is no longer yours to write.")


def draft_changed(assignment: Assignment, *, sent: Messages | None = None, asked: Messages | None = None) -> Conflict:
    """What a save hears that was based on an older revision: nothing was overwritten, and what stands there now.

    With what was `sent`, and what a pair `asked`, also what differs.
    """
    draft = assignment.draft
    current = {
        "messages": draft.messages,
        "prompt": question_of(draft.prompt_messages) if assignment.is_pair else None,
        "system": system_of(draft.prompt_messages) if assignment.is_pair else None,
        "category_id": assignment.category_id,
        "revision": draft.revision,
        "saved_at": draft.saved_at.isoformat(),
    }
    sentence = "This draft was saved from another window since. Nothing was overwritten."
    if sent is None:
        return Conflict("writing.draft_changed", sentence, current=current)
    differs = compared(assignment, draft.prompt_messages if asked is None else asked, sent)
    return Conflict("writing.draft_changed", sentence, current=current, compared=differs)


def _check_system(assignment: Assignment, prompt_messages: Messages | None) -> None:
    new = system_of(prompt_messages or ())
    if new and new != system_of(assignment.draft.prompt_messages) and not assignment.project.allow_system:
        detail = "is not allowed in this project"
        raise Invalid("writing.no_system", "No system message is wanted here.", Place("/system", detail))


def _write(session: Session, draft: Draft, **values: Any) -> None:
    """One statement that also tells the time; the draft in memory is what is stored, without reading it again."""
    values["saved_at"] = session.scalars(_saved(*values), {"draft": draft.assignment_id, **values}).one()
    for name, value in values.items():
        set_committed_value(draft, name, value)


@built_once
def _saved(*columns: str) -> Update:
    drafts = rows_of(Draft)
    saved = update(drafts).where(drafts.c.assignment_id == bindparam("draft"))
    named = {name: bindparam(name, type_=drafts.c[name].type) for name in columns}
    return saved.values(**named, saved_at=func.now()).returning(drafts.c.saved_at)


def _with_turns(session: Session, actor: Actor, draft: Draft, messages: Messages, revision: int) -> Draft:
    return save_draft(
        session,
        actor,
        draft.assignment_id,
        prompt_messages=draft.prompt_messages,
        messages=messages,
        revision=revision,
    )


def keep_holding(session: Session, actor: Actor, assignment: Assignment) -> None:
    """Renew the lease. Where others hold every slot of the prompt, the text stays a draft all the same."""
    hold_slot(session, actor, assignment, assignment.project)
