"""Asking for a format of a version, and what is there of each. Verbs write, never commit."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.audit import record
from app.core.errors import Conflict, NotFound
from app.core.jobs import enqueue
from app.core.storage import Storage
from app.datasets.files import FileFact, open_whole
from app.datasets.formats.form import Form
from app.datasets.formats.making import Made, folder_of
from app.datasets.formats.registry import FORMS, form_of
from app.datasets.models import DatasetKind, Part, Version, VersionFormat, VersionStatus, WorkStatus
from app.datasets.queries import get_version_for
from app.datasets.withdrawn import require_kept

JOB = "datasets.make_format"


@dataclass(frozen=True)
class Offer:
    """A format of a version: `status` is empty until somebody asks for it; it has files when that is `done`."""

    form: Form
    status: str
    failure: str
    left_out: int
    files: list[FileFact]


def ask_for_format(session: Session, actor: Actor, version_id: int, name: str) -> Offer:
    """Have a format made. What is made, or on its way, stays as it is; what failed is tried again.

    Whoever sees the version may: nothing comes out that was not there.
    """
    version, form = get_version_for(session, actor, version_id), form_of(name)
    if version.status is not VersionStatus.PUBLISHED:
        raise Conflict("datasets.not_published", "This version is not published, so there is nothing to make of it.")
    if version.dataset.kind is not DatasetKind.RESPONSES:
        raise Conflict(
            "datasets.no_format", "A version of preferences has no other formats: trainers take it as it is."
        )
    require_kept(session, version.id)
    wanted = insert(VersionFormat).values(
        version_id=version.id, format=form.name, status=WorkStatus.QUEUED, files={}, left_out={}, failure="",
        asked_by=actor.user_id,
    )  # fmt: skip
    again = wanted.on_conflict_do_update(
        index_elements=[VersionFormat.version_id, VersionFormat.format],
        set_={"status": WorkStatus.QUEUED, "failure": "", "asked_by": actor.user_id},
        where=VersionFormat.status == WorkStatus.FAILED,
    )
    if session.scalar(again.returning(VersionFormat.version_id)) is not None:
        enqueue(session, JOB, version_id=version.id, form=form.name)
        record(
            session, "datasets.format_asked", "version", version.id, actor_id=actor.user_id, origin=actor.origin,
            project_id=version.project_id, format=form.name,
        )  # fmt: skip
    return next(one for one in offers(session, version) if one.form is form)


def offers(session: Session, version: Version) -> list[Offer]:
    """Every format, and what is there of it."""
    known = select(VersionFormat).where(VersionFormat.version_id == version.id)
    found = {one.format: one for one in session.scalars(known.execution_options(populate_existing=True))}
    return [offer(form, found.get(form.name)) for form in FORMS.values()]


def offer(form: Form, found: VersionFormat | None) -> Offer:
    """What is there of one format."""
    if found is None:
        return Offer(form, "", "", 0, [])
    return Offer(form, found.status.value, found.failure, sum(found.left_out.values()), list(facts(form, found.files)))


def facts(form: Form, files: dict[str, Any]) -> Iterator[FileFact]:
    """The files of a format: those with rows in the order of the version's own, then the others by name."""
    parts = [part.value for part in Part]

    def place(name: str) -> tuple[int, str]:
        part = name.partition(".")[0]
        return (parts.index(part) if part in parts else len(parts), name)

    for name in sorted(files, key=place):
        yield FileFact(name, files[name]["bytes"], files[name]["sha256"], files[name].get("rows"))


def file_of(session: Session, version: Version, name: str, file: str) -> FileFact:
    """The facts of one file of a format. NotFound where there is no such format or file, Gone where it was retired."""
    require_kept(session, version.id)
    form = form_of(name)
    found = next(one for one in offers(session, version) if one.form is form)
    if found.status != WorkStatus.DONE:
        raise NotFound("datasets.format_not_made", f"{form.title} is not made of this version yet; ask for it first.")
    for fact in found.files:
        if fact.name == file:
            return fact
    raise NotFound("datasets.no_such_file", "This version has no such file.")


def opened(storage: Storage, version: Version, fact: FileFact, span: tuple[int, int] | None = None) -> Iterator[bytes]:
    """The bytes of a file of a format, or a part of them."""
    return open_whole(storage, f"{folder_of(version.id)}/{fact.sha256}", fact, span)


def is_wanted(session: Session, version_id: int, name: str) -> bool:
    """Whether a format still waits to be made."""
    waiting = select(VersionFormat.format).where(
        VersionFormat.version_id == version_id, VersionFormat.format == name, VersionFormat.status == WorkStatus.QUEUED
    )
    return session.scalar(waiting) is not None


def settle(session: Session, version_id: int, name: str, made: Made | None, failure: str = "") -> None:
    """Write down what became of a format, unless somebody did already."""
    waiting = update(VersionFormat).where(
        VersionFormat.version_id == version_id, VersionFormat.format == name, VersionFormat.status == WorkStatus.QUEUED
    )
    if made is None:
        session.execute(waiting.values(status=WorkStatus.FAILED, failure=failure))
        return
    files = {
        fact.name: {"bytes": fact.bytes, "sha256": fact.sha256} | ({} if fact.rows is None else {"rows": fact.rows})
        for fact in made.files
    }
    session.execute(waiting.values(status=WorkStatus.DONE, files=files, left_out=made.left_out))
