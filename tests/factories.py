"""One factory a table: rows with sensible values, each of which a test may name."""

from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from app.accounts.models import Membership, Role, User
from app.projects.models import Category, Guidelines, Project
from app.prompts import slots
from app.prompts.models import Prompt, PromptStatus, Slot
from app.review.models import Comment, Decision, Part, Review
from app.writing.models import Assignment, AssignmentStatus, Draft, Revision, Submission, SubmissionStatus

PASSWORD = "correct horse battery"
# argon2id of PASSWORD with 19 MiB, 2 passes: made once, so that not every test pays for it.
PASSWORD_HASH = "$argon2id$v=19$m=19456,t=2,p=1$aYU2KMLo2NzFdNAHpX0V4w$yL3ZHBBCxUX53BU81+Hki0kYSV+fcuPinRkW021+n5o"

RUBRIC = [
    {"key": "helpful", "name": "Helpful", "description": "Does it do what was asked?"},
    {"key": "correct", "name": "Correct", "description": "Is it true?"},
]


def stored(session: Session, row: Any) -> Any:
    """The row, written, with its id."""
    session.add(row)
    session.flush()
    return row


def user(session: Session, name: str = "Ada Writer", **values: Any) -> User:
    """A person who has joined; the address is made from the name."""
    email = values.pop("email", name.lower().replace(" ", ".") + "@example.org")
    row = User(email=email, email_key=email, name=name, password_hash=PASSWORD_HASH, is_admin=False)
    for field, value in values.items():
        setattr(row, field, value)
    return stored(session, row)  # type: ignore[no-any-return]


def project(session: Session, owner: User, name: str = "Everyday assistant", **values: Any) -> Project:
    """A project with guidelines 1, a rubric and two categories; its owner is its admin."""
    row = stored(session, Project(name=name, created_by=owner.id, **values))
    member(session, row, owner, Role.ADMIN)
    guidelines(session, row, owner)
    for category_name in ("Explain", "Plan"):
        stored(session, Category(project_id=row.id, name=category_name, target=10))
    return row  # type: ignore[no-any-return]


def guidelines(session: Session, project: Project, by: User, version: int = 1, **values: Any) -> Guidelines:
    """One version of the guidelines."""
    values = {"text": "# Be helpful\n\nAnswer what was asked.", "rubric": RUBRIC} | values
    return stored(session, Guidelines(project_id=project.id, version=version, made_by=by.id, **values))  # type: ignore[no-any-return]


def member(session: Session, project: Project, person: User, role: Role) -> Membership:
    """A membership; the pseudonym is made from the ids."""
    row = Membership(project_id=project.id, user_id=person.id, role=role, pseudonym=f"a-{project.id}-{person.id}")
    return stored(session, row)  # type: ignore[no-any-return]


def asked(content: str) -> list[dict[str, Any]]:
    """A conversation of one user turn."""
    return [{"role": "user", "content": content}]


def answered(content: str) -> list[dict[str, Any]]:
    """A response of one assistant turn."""
    return [{"role": "assistant", "content": content}]


def prompt(
    session: Session, project: Project, author: User, content: str = "Why is the sky blue?", **values: Any
) -> Prompt:
    """A proposed prompt, or an approved one with its slots: `status=PromptStatus.APPROVED, slots=1`."""
    slots = values.pop("slots", 1)
    row = Prompt(
        project_id=project.id, author_id=author.id, **({"language": "en", "messages": asked(content)} | values)
    )
    stored(session, row)
    if row.status is PromptStatus.APPROVED:
        for number in range(1, slots + 1):
            stored(
                session,
                Slot(project_id=project.id, prompt_id=row.id, category_id=row.category_id, number=number),
            )
    return row


def assignment(session: Session, prompt: Prompt, writer: User, content: str = "", **values: Any) -> Assignment:
    """One person at work on a prompt, with a draft of one assistant turn and the prompt's first slot."""
    slot = session.scalar(select(Slot).where(Slot.prompt_id == prompt.id).order_by(Slot.number).limit(1))
    row = Assignment(project_id=prompt.project_id, writer_id=writer.id, prompt_id=prompt.id, **values)
    row.category_id, row.slot_id = prompt.category_id, slot.id if slot else None
    stored(session, row)
    stored(session, Draft(assignment_id=row.id, messages=answered(content) if content else [], revision=1))
    return row


def submission(
    session: Session, prompt: Prompt, author: User, *contents: str, guidelines: Guidelines | None = None, **values: Any
) -> Submission:
    """A response that was handed in and waits for review: one revision for each of `contents`, one at least."""
    contents = contents or ("Because air scatters blue light most.",)
    rules = (
        guidelines
        or session.scalars(
            select(Guidelines).where(Guidelines.project_id == prompt.project_id).order_by(Guidelines.version.desc())
        ).first()
    )
    work = assignment(session, prompt, author, contents[-1], status=AssignmentStatus.HANDED_IN)
    session.execute(update(Slot).where(Slot.id == work.slot_id).values(filled_at=func.now()))
    row = Submission(
        project_id=prompt.project_id, prompt_id=prompt.id, assignment_id=work.id, author_id=author.id, **values
    )
    row.category_id, row.current_revision = prompt.category_id, len(contents)
    stored(session, row)
    for number, content in enumerate(contents, 1):
        revision(session, row, prompt, rules, number, content)
    return row


def revision(
    session: Session,
    submission: Submission,
    prompt: Prompt,
    rules: Guidelines | None,
    number: int,
    content: str,
    **values: Any,
) -> Revision:
    """One more hand-in of a submission."""
    assert rules, "a project has guidelines"
    row = Revision(
        submission_id=submission.id,
        number=number,
        author_id=submission.author_id,
        prompt_messages=prompt.messages,
        messages=answered(content),
        guidelines_id=rules.id,
        draft_revision=number,
        **values,
    )
    return stored(session, row)  # type: ignore[no-any-return]


def review(
    session: Session, submission: Submission, reviewer: User, decision: Decision = Decision.APPROVED, **values: Any
) -> Review:
    """A decision on the newest revision; the submission's state follows."""
    newest = session.scalars(
        select(Revision).where(Revision.submission_id == submission.id).order_by(Revision.number.desc())
    ).first()
    assert newest
    row = Review(
        project_id=submission.project_id,
        submission_id=submission.id,
        revision_id=newest.id,
        reviewer_id=reviewer.id,
        decision=decision,
        **({"ratings": {"helpful": 4, "correct": 5}} | values),
    )
    submission.status, submission.decided_at = SubmissionStatus(decision.value), func.now()
    if decision is Decision.APPROVED:
        of_it = update(Category).where(Category.id == submission.category_id)
        session.execute(of_it.values(approved=Category.approved + 1))
    return stored(session, row)  # type: ignore[no-any-return]


def comment(session: Session, submission: Submission, by: User, quote: str, **values: Any) -> Comment:
    """A comment on the words `quote`, which stand in the newest revision's response."""
    newest = session.scalars(
        select(Revision).where(Revision.submission_id == submission.id).order_by(Revision.number.desc())
    ).first()
    assert newest
    at = newest.messages[0]["content"].index(quote)
    row = Comment(
        project_id=submission.project_id,
        submission_id=submission.id,
        revision_id=newest.id,
        author_id=by.id,
        **({"part": Part.RESPONSE, "turn": 0, "body": "Is that so?"} | values),
    )
    row.starts_at, row.ends_at, row.quote = at, at + len(quote), quote
    return stored(session, row)  # type: ignore[no-any-return]


def fill_slot(session: Session, slot_id: int, person_id: int) -> bool:
    """A response of this person's takes the slot, as handing in does it. Whether it was theirs to fill."""
    filled = text(slots.filling("slot", "person"))
    return session.execute(filled, {"slot": slot_id, "person": person_id}).one_or_none() is not None
