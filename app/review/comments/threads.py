"""Which comments does a person see beside a text, by whom, and on which words of the revision that is shown?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.actor import Actor
from app.core.database import built_once
from app.core.errors import NotFound
from app.projects.models import Project
from app.projects.queries import get_project_for
from app.review.comments.anchors import Span, find
from app.review.comments.passages import Texts, messages_of
from app.review.deciding.opinions import opinions_for
from app.review.models import Comment, Review
from app.review.policy import can_read_comments, sees_comment, sees_reviewers
from app.review.queries import pseudonym_of
from app.writing.models import Assignment, Revision, Submission
from app.writing.queries import get_submission_for, submission_of


@dataclass(frozen=True)
class Said:
    """One comment or answer, and who said it as this reader may know."""

    comment: Comment
    who: str


@dataclass(frozen=True)
class Thread:
    """A comment with its answers: its number on the page, and its place in the revision shown, None if outdated."""

    number: int
    first: Said
    answers: Sequence[Said]
    revision: int
    place: Span | None
    is_open: bool


def threads_for(
    session: Session, actor: Actor, project: Project, submission: Submission, shown: Revision | Texts
) -> list[Thread]:
    """What this actor sees of the comments on a submission they see, in the order of the text; outdated ones last."""
    said = seen_comments(session, actor, project, submission)
    roots = [comment for comment in said if comment.parent_id is None]
    revisions = {one.id: one for one in submission.revisions}
    places = {one.id: place_in(one, revisions[one.revision_id], shown) for one in roots}
    names = names_for(session, actor, project, submission, said)
    ordered = sorted(roots, key=lambda one: (places[one.id] is None, one.part.value, *reading(places[one.id]), one.id))
    return [
        Thread(
            number=number,
            first=Said(one, names[one.author_id]),
            answers=[Said(other, names[other.author_id]) for other in said if other.parent_id == one.id],
            revision=revisions[one.revision_id].number,
            place=places[one.id],
            is_open=one.resolved_at is None,
        )
        for number, one in enumerate(ordered, 1)
    ]


def open_threads(session: Session, actor: Actor, assignment: Assignment) -> list[Thread]:
    """What is still open on what the actor is putting right, against the draft as it is saved.

    The assignment is the actor's own, loaded with its project, prompt and draft.
    """
    own = submission_of(session, assignment.id)
    if own is None:
        return []
    submission = get_submission_for(session, actor, own.id)
    draft, asked = assignment.draft, submission.revisions[-1].prompt_messages
    now = Texts(draft.prompt_messages if assignment.is_pair else asked, draft.messages)
    found = threads_for(session, actor, assignment.project, submission, now)
    return [thread for thread in found if thread.is_open]


NEVER = 0  # no submission has it; it is looked for all the same, so that what never was takes as long as what is hidden


def comment_for(session: Session, actor: Actor, comment_id: int) -> tuple[Comment, Submission]:
    """A comment that the actor sees, with its submission. NotFound for every other."""
    missing = NotFound("review.no_comment", "There is no such comment.")
    submission_id = session.scalar(select(Comment.submission_id).where(Comment.id == comment_id))
    try:
        submission = get_submission_for(session, actor, submission_id or NEVER)
    except NotFound:
        raise missing from None
    project = get_project_for(session, actor, submission.project_id)
    for comment in seen_comments(session, actor, project, submission):
        if comment.id == comment_id:
            return comment, submission
    raise missing


def seen_comments(session: Session, actor: Actor, project: Project, submission: Submission) -> list[Comment]:
    """All that the actor sees, oldest first. An answer is seen where its comment is."""
    can_read_comments(actor, submission).require()
    stored = session.scalars(_stored(), {"submission": submission.id}).all()
    if not stored:
        return []
    newest, begun = submission.revisions[-1], begun_at(session, submission)
    two = project.reviews_per_response > 1
    blind = two and len(opinions_for(session, actor, submission, newest.id)) < 2
    seen: dict[int, Comment] = {}
    for comment in stored:
        fresh = comment.created_at >= begun
        if comment.parent_id in (None, *seen) and sees_comment(actor, submission, comment, fresh=fresh, blind=blind):
            seen[comment.id] = comment
    return list(seen.values())


@built_once
def _stored() -> Select[Comment]:
    of_it = select(Comment).where(Comment.submission_id == bindparam("submission")).order_by(Comment.id)
    return of_it.options(joinedload(Comment.author))


def begun_at(session: Session, submission: Submission, *, before: int | None = None) -> datetime:
    """Since when a decision is waited for: since the first revision after the last decision, or since the newest where
    nothing waits. A writer who recalls what nobody has decided on makes another one of the same wait.

    With `before`, since when it was while the revision of this number waited.
    """
    decided = select(func.max(Revision.number)).join(Review, Review.revision_id == Revision.id)
    decided = decided.where(Revision.submission_id == submission.id)
    if before is not None:
        decided = decided.where(Revision.number < before)
    last = session.scalar(decided) or 0
    return next((one for one in submission.revisions if one.number > last), submission.revisions[-1]).created_at


def names_for(
    session: Session, actor: Actor, project: Project, submission: Submission, said: Sequence[Comment]
) -> Mapping[int, str]:
    """By person what this reader calls them: the writer a pseudonym, reviewers by name where the project says so."""
    named = sees_reviewers(actor, project.id, shown_to_writers=project.show_reviewer_names)
    names = {one.author_id: one.author.name if named else "A reviewer" for one in said}
    if submission.author_id in names:
        names[submission.author_id] = pseudonym_of(session, project.id, submission.author_id)
    return names | {actor.user_id: "You"}


def place_in(comment: Comment, made_on: Revision, shown: Revision | Texts) -> Span | None:
    """Where the words of a comment stand in the revision or the draft shown."""
    span = Span(comment.turn, comment.starts_at, comment.ends_at)
    if made_on is shown:
        return span
    return find(span, messages_of(made_on, comment.part), messages_of(shown, comment.part))


def reading(place: Span | None) -> tuple[int, int]:
    """By which a place comes before another."""
    return (place.turn, place.starts_at) if place else (0, 0)
