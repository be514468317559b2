"""What stands in the form of the writing page, and how what it sends becomes a saved draft."""

from typing import Any

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.errors import Invalid, Place
from app.projects.models import HintName
from app.writing import service
from app.writing.checks import Context, look_at
from app.writing.models import Assignment
from app.writing.queries import get_assignment_for
from app.writing.schemas import DraftForm
from app.writing.turns import Messages, asking


def save_sheet(session: Session, actor: Actor, assignment_id: int, form: DraftForm) -> int:
    """Save what the form sends, unless it is what is stored already. The revision that the draft has then.

    A field of a browser holds no carriage return: where the stored text differs in these alone, it stays as it is.
    """
    assignment = get_assignment_for(session, actor, assignment_id)
    draft = assignment.draft
    messages = _kept(draft.messages, form.messages)
    prompt_messages = _asked(assignment, form)
    if (messages, prompt_messages) == (draft.messages, draft.prompt_messages):
        return draft.revision
    saved = service.save_draft(
        session,
        actor,
        assignment_id,
        prompt_messages=prompt_messages,
        messages=messages,
        revision=form.revision,
    )
    return saved.revision


def require_told(form: DraftForm) -> None:
    """Invalid where something in the form looks like personal data, and the page it is sent from has not said so.

    A page tells this before it takes a text, and takes it the second time. Programs hear it when they ask.
    """
    asked = [] if form.prompt is None else asking([], form.prompt, form.system)
    told = set(form.told.splitlines())
    found = look_at(form.messages, Context(question=form.prompt or ""), own_prompt=asked, only=[HintName.PERSONAL])
    new = [one for one in found if not told.issuperset(one.data)]
    if new:
        said = " ".join(one.sentence for one in new)
        places = [Place(one.place, one.sentence) for one in new]
        raise Invalid("writing.personal", f"{said} Nothing was handed in: mend it, or hand it in as it is.", *places)


def _asked(assignment: Assignment, form: DraftForm) -> Messages:
    stored = assignment.draft.prompt_messages
    if form.prompt is None or not (form.prompt or form.system or stored):
        return stored
    return _kept(stored, asking(stored, form.prompt, form.system))


def _kept(stored: Messages, sent: Messages) -> Messages:
    """What was sent, with each turn as it is stored where the field could only show it with other line ends."""
    if len(stored) != len(sent):
        return sent
    return [was if _shown(was) == _shown(now) else now for was, now in zip(stored, sent, strict=True)]


def _shown(message: dict[str, Any]) -> tuple[str, str]:
    """A turn as a browser's field holds it: every line end is one LF."""
    return message["role"], message["content"].replace("\r\n", "\n").replace("\r", "\n")
