"""What does a reviewer want? A decision on the revision that they saw, looked at before anything is stored."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.errors import Invalid, Place
from app.core.text import is_blank
from app.projects.consents import require_lasting_consent
from app.projects.models import Project
from app.projects.queries import get_project_for
from app.review.deciding.missed import check_missed
from app.review.deciding.ratings import check_ratings
from app.review.models import Decision
from app.review.policy import can_decide, can_edit
from app.writing.hints import handed_in, require_no_blocking
from app.writing.models import Revision, Submission
from app.writing.queries import get_submission_for
from app.writing.turns import Messages, check_answer, check_turns


@dataclass(frozen=True)
class Wish:
    """A decision on the revision of this number, with ratings {criterion key: 1…5} and a note to the author.

    `edited` is the text of a reviewer who puts a few words right and approves that; `missed` the part of the guidelines
    that a returned response misses, by its heading.
    """

    decision: Decision
    revision: int
    ratings: Mapping[str, Any]
    note: str = ""
    edited: Messages | None = None
    missed: str = ""


@dataclass(frozen=True)
class Weighed:
    """A wish that may be granted if it is still time: whose work it is about, and the revision that was seen."""

    submission: Submission
    seen: Revision
    wish: Wish


def weigh(session: Session, actor: Actor, submission_id: int, wish: Wish, *, taken: bool = False) -> Weighed:
    """Whether this actor may decide so on this. Invalid names each rating or text that is missing or wrong.

    `taken`: it was weighed before and the reviewer told so; what hints say since is no reason to drop it.
    """
    submission = get_submission_for(session, actor, submission_id)
    can_decide(actor, submission).require()
    seen = revision_seen(submission, wish.revision)
    rated = check_ratings(seen.guidelines.rubric, wish.ratings, complete=wish.decision is Decision.APPROVED)
    check_note(wish.decision, wish.note)
    check_missed(wish.decision, seen.guidelines, wish.missed)
    project = get_project_for(session, actor, submission.project_id)
    edited = check_edit(project, seen, wish)
    if edited is not None:
        can_edit(project, submission).require()
        require_lasting_consent(session, actor, project)
        if not taken:
            # The prompt of a pair is not theirs to put right.
            written = replace(handed_in(project, submission), messages=edited, own_prompt=False)
            require_no_blocking(session, actor, written)
    return Weighed(submission, seen, replace(wish, ratings=rated, edited=edited))


def revision_seen(submission: Submission, number: int) -> Revision:
    """The revision of that number. Invalid where there is none."""
    for revision in submission.revisions:
        if revision.number == number:
            return revision
    raise Invalid("review.no_revision", "There is no such revision.", Place("/revision", "is not one of its revisions"))


def check_note(decision: Decision, note: str) -> None:
    """Invalid where the author would be sent away without a word."""
    if decision is not Decision.APPROVED and is_blank(note):
        raise Invalid(
            "review.note_missing",
            "Write to the author what to change, or why it is rejected; nothing was stored.",
            Place("/note", "is empty"),
        )


def check_edit(project: Project, seen: Revision, wish: Wish) -> Messages | None:
    """The edited text, which keeps the rules of writing; None where there is none, or nothing was changed."""
    if wish.edited is None or wish.edited == seen.messages:
        return None
    check_turns(wish.edited)
    check_answer(wish.edited, least=project.min_characters, most=project.max_characters)
    return wish.edited
