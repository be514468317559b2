"""What can be done with a project and its rules: one verb a function. Verbs write, never commit."""

from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Role
from app.accounts.notices import tell_all
from app.accounts.queries import members
from app.core.audit import record
from app.core.database import change_one
from app.core.errors import Conflict, Invalid, NotFound, Place, Stale
from app.core.markdown import check_markdown
from app.core.seen import Marks, is_seen
from app.projects.members import add_member as add_member
from app.projects.members import enrol
from app.projects.members import remove_member as remove_member
from app.projects.members import set_role as set_role
from app.projects.models import CHANGEABLE, Category, Guidelines, Project
from app.projects.policy import can_administer, can_create
from app.projects.qualifying import excuse_everybody
from app.projects.queries import get_project_for
from app.projects.rubric import DEFAULT_RUBRIC, check_rubric

DEFAULT_GUIDELINES = """\
# What a good response is

Answer what was asked, as you would answer a friend who trusts you.

- **Helpful**: the person can go on with what they wanted to do.
- **Correct**: you know it to be true, or you say that you do not know.
- **Clear**: plain words, no longer than it must be.

Write everything yourself. Copy nothing from other people or from a model.
"""


def create_project(
    session: Session,
    actor: Actor,
    *,
    name: str,
    description: str = "",
    language: str = "en",
    licence: str = "",
    target: int = 0,
    responses_per_prompt: int = 1,
    lease_minutes: int = 60,
    min_characters: int = 1,
    max_characters: int = 20_000,
) -> Project:
    """Begin a project with first guidelines and rubric. Its creator becomes its administrator."""
    can_create(actor).require()
    project = Project(
        name=name,
        description=description,
        language=language,
        licence=licence,
        target=target,
        responses_per_prompt=responses_per_prompt,
        lease_minutes=lease_minutes,
        min_characters=min_characters,
        max_characters=max_characters,
        created_by=actor.user_id,
    )
    _check_lengths(min_characters, max_characters)
    session.add(project)
    session.flush()
    enrol(session, project.id, actor.user_id, Role.ADMIN)
    first = Guidelines(project_id=project.id, version=1, text=DEFAULT_GUIDELINES, made_by=actor.user_id)
    first.rubric = DEFAULT_RUBRIC
    session.add(first)
    session.flush()
    _record(session, actor, "projects.created", "project", project.id, project.id)
    return project


def change_settings(
    session: Session, actor: Actor, project_id: int, *, seen: Marks | str | None = None, **settings: Any
) -> Project:
    """Change some of a project's settings; those not named stay. Limits count code points, a lease minutes.

    `seen`: the mark of the settings that the actor saw. Stale where they are others by now.
    """
    project = get_project_for(session, actor, project_id)
    can_administer(actor, project_id).require()
    if unknown := settings.keys() - {*CHANGEABLE}:
        raise TypeError(f"no settings of a project: {sorted(unknown)}")
    session.execute(select(Project.id).where(Project.id == project_id).with_for_update())
    session.refresh(project)
    if not is_seen(seen, project.mark):
        raise Stale(
            "projects.settings_moved_on",
            "Somebody has changed these settings since you looked. Nothing was changed. Look again first.",
        )
    least = settings.get("min_characters", project.min_characters)
    _check_lengths(least, settings.get("max_characters", project.max_characters))
    changed = sorted(name for name, value in settings.items() if getattr(project, name) != value)
    if not project.qualification and settings.get("qualification"):
        excuse_everybody(session, project_id)
    for name in changed:
        setattr(project, name, settings[name])
    session.flush()
    if changed:
        _record(session, actor, "projects.settings_changed", "project", project_id, project_id, fields=changed)
    return project


def revise_guidelines(
    session: Session,
    actor: Actor,
    project_id: int,
    *,
    text: str,
    rubric: list[dict[str, Any]],
    based_on: int | None = None,
    seen: Marks | str | None = None,
) -> Guidelines:
    """Write the next version of the guidelines. Conflict if another was written since version `based_on`.

    `seen`: the same in a header. Stale then.
    """
    get_project_for(session, actor, project_id)
    can_administer(actor, project_id).require()
    check_markdown(text)
    criteria = check_rubric(rubric)
    session.execute(select(Project.id).where(Project.id == project_id).with_for_update())
    newest = session.scalar(select(func.max(Guidelines.version)).where(Guidelines.project_id == project_id)) or 0
    moved_on = (
        f"Somebody has written version {newest} of the guidelines since you opened them. Nothing was overwritten."
    )
    if based_on is not None and based_on != newest:
        raise Conflict("projects.guidelines_moved_on", moved_on)
    if not is_seen(seen, newest):
        raise Stale("projects.guidelines_moved_on", moved_on)
    revised = Guidelines(project_id=project_id, version=newest + 1, text=text, rubric=criteria, made_by=actor.user_id)
    session.add(revised)
    session.flush()
    _record(session, actor, "projects.guidelines_revised", "guidelines", revised.id, project_id, version=newest + 1)
    tell_all(
        session, members(project_id), "guidelines_revised",
        project_id=project_id, subject="project", subject_id=project_id, by=actor.user_id, version=newest + 1,
    )  # fmt: skip
    return revised


def add_category(
    session: Session, actor: Actor, project_id: int, *, name: str, description: str = "", target: int = 0
) -> Category:
    """Add a kind of prompt with the number of approved responses wanted of it. Conflict if the name is taken."""
    get_project_for(session, actor, project_id)
    can_administer(actor, project_id).require()
    added = insert(Category).values(project_id=project_id, name=name, description=description, target=target)
    category: Category | None = session.scalar(added.on_conflict_do_nothing().returning(Category))
    if category is None:
        raise Conflict("projects.category_exists", "There is already a category of this name.")
    _record(session, actor, "projects.category_added", "category", category.id, project_id)
    return category


def change_category(
    session: Session,
    actor: Actor,
    project_id: int,
    category_id: int,
    *,
    description: str | None = None,
    target: int | None = None,
    seen: Marks | str | None = None,
) -> Category:
    """Say anew what a category is or how many approved responses are wanted of it; what is None stays.

    `seen`: the mark of what the actor saw of it. Stale where it says something else by now.
    """
    get_project_for(session, actor, project_id)
    can_administer(actor, project_id).require()
    if seen is not None:
        _require_seen(session, project_id, category_id, seen)
    changed = update(Category).where(Category.project_id == project_id, Category.id == category_id)
    said = {
        Category.description: func.coalesce(description, Category.description),
        Category.target: func.coalesce(target, Category.target),
    }
    change_one(session, changed.values(said), otherwise=_no_category())
    _record(session, actor, "projects.category_changed", "category", category_id, project_id)
    return session.get_one(Category, category_id, populate_existing=True)


def remove_category(session: Session, actor: Actor, project_id: int, category_id: int) -> None:
    """Take away a category under which nothing was ever filed, and which no dataset holds out. Conflict for another:
    datasets select by its name."""
    get_project_for(session, actor, project_id)
    can_administer(actor, project_id).require()
    unused = delete(Category).where(Category.project_id == project_id, Category.id == category_id)
    try:
        with session.begin_nested():
            name = session.scalar(unused.returning(Category.name))
            if name is None:
                raise _no_category()
    except IntegrityError:
        raise Conflict(
            "projects.category_in_use",
            "Something was filed under this category, or a dataset holds it out, so it stays. "
            "Set its target to 0 if no more of it is wanted.",
        ) from None
    _record(session, actor, "projects.category_removed", "category", category_id, project_id, name=name)


def _no_category() -> NotFound:
    return NotFound("projects.no_such_category", "There is no such category in this project.")


def _require_seen(session: Session, project_id: int, category_id: int, seen: Marks | str) -> None:
    held = select(Category).where(Category.project_id == project_id, Category.id == category_id).with_for_update()
    now = session.scalar(held.execution_options(populate_existing=True))
    if now is not None and not is_seen(seen, now.mark):
        raise Stale(
            "projects.category_moved_on",
            "Somebody has changed this category since you looked. Nothing was changed. Look again first.",
        )


def count_approved(session: Session, category_id: int, *, more: int = 1) -> None:
    """So many more responses of a category are approved. Only the room `writing` calls this, where it does that."""
    counted = update(Category).where(Category.id == category_id).values(approved=Category.approved + more)
    session.execute(counted.execution_options(synchronize_session=False))


def counting_approved(part: str, *, after: str) -> str:
    """The same as a part of a room's statement, for the `category_id` of its `part`, if that has one.

    `after`: the part whose rows are locked before the category is. PostgreSQL carries parts out in no order of its own.
    """
    return f"""
    UPDATE categories SET approved = approved + 1 FROM {part}
    WHERE categories.id = {part}.category_id AND (SELECT count(*) FROM {after}) >= 0"""  # noqa: S608 - names of ours


def _check_lengths(least: int, most: int) -> None:
    if least > most:
        raise Invalid(
            "projects.lengths",
            "A response cannot need more characters than it may have.",
            Place("/min_characters", f"is more than the {most} that a response may have"),
        )


def _record(
    session: Session, actor: Actor, action: str, subject: str, subject_id: int, project_id: int, **details: Any
) -> None:
    record(
        session,
        action,
        subject,
        subject_id,
        actor_id=actor.user_id,
        origin=actor.origin,
        project_id=project_id,
        **details,
    )
