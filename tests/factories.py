"""One factory a table: rows with sensible values, each of which a test may name."""

from typing import Any

from sqlalchemy.orm import Session

from app.accounts.models import Membership, Role, User
from app.projects.models import Category, Guidelines, Project
from app.prompts.models import Prompt, PromptStatus, Slot

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
    row = Prompt(project_id=project.id, author_id=author.id, language="en", **({"messages": asked(content)} | values))
    stored(session, row)
    if row.status is PromptStatus.APPROVED:
        for number in range(1, slots + 1):
            stored(
                session,
                Slot(project_id=project.id, prompt_id=row.id, category_id=row.category_id, number=number),
            )
    return row
