"""What can be done with a dataset: name a rule, prepare its versions, publish the next, try a failed one again."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.audit import record
from app.core.database import change_one
from app.core.errors import Conflict, Invalid, Place, Stale
from app.core.jobs import enqueue
from app.core.seen import Marks, is_seen
from app.datasets.models import AT_WORK, Dataset, DatasetKind, Version, VersionStatus
from app.datasets.policy import can_publish
from app.datasets.queries import get_dataset_for, get_version_for, newest_published
from app.datasets.registry import KINDS
from app.datasets.splits.preparation import checked_preparation
from app.projects.queries import get_project_for, list_categories

EVERYTHING: Mapping[str, Any] = {}
CANCELLED = "Cancelled. Nothing was published; it can be tried again under the same number."


def create_dataset(
    session: Session,
    actor: Actor,
    project_id: int,
    *,
    name: str,
    rule: Mapping[str, Any] = EVERYTHING,
    kind: DatasetKind = DatasetKind.RESPONSES,
) -> Dataset:
    """Give a rule a name. Conflict where the project has a dataset of that name."""
    project = get_project_for(session, actor, project_id)
    can_publish(actor, project.id).require()
    stored = KINDS[kind].rule(rule)
    dataset = Dataset(project_id=project.id, name=name, kind=kind, rule=stored, created_by=actor.user_id)
    try:
        with session.begin_nested():
            session.add(dataset)
    except IntegrityError:
        raise Conflict("datasets.name_taken", "This project has a dataset of that name already.") from None
    audit(session, actor, "datasets.created", "dataset", dataset.id, project.id)
    return dataset


def prepare(
    session: Session, actor: Actor, dataset_id: int, preparation: Mapping[str, Any], *, seen: Marks | str | None = None
) -> Dataset:
    """Say how the versions from now on are prepared. What was held out once stays held out all the same.

    `seen`: the mark of the preparation that the actor saw. Stale where it is another by now.
    """
    dataset = get_dataset_for(session, actor, dataset_id)
    can_publish(actor, dataset.project_id).require()
    checked = checked_preparation(preparation)
    known = {category.id for category in list_categories(session, dataset.project_id)}
    places = [
        Place(f"/preparation/held_out_categories/{at}", "This project has no such category.")
        for at, category_id in enumerate(checked.held_out_categories)
        if category_id not in known
    ]
    if checked.held_out_writers is not None and dataset.kind is not DatasetKind.RESPONSES:
        why = "Pairs are chosen among responses of several writers: hold out writers in a dataset of responses."
        places.append(Place("/preparation/held_out_writers", why))
    if places:
        raise Invalid("datasets.bad_preparation", "This preparation was not accepted; nothing was stored.", *places)
    session.refresh(dataset, ["preparation"], with_for_update=True)
    if not is_seen(seen, checked_preparation(dataset.preparation).mark):
        raise Stale(
            "datasets.preparation_changed",
            "Somebody has changed how versions are prepared since you looked. Nothing was changed. Look again first.",
        )
    dataset.preparation = checked.model_dump()
    audit(session, actor, "datasets.prepared", "dataset", dataset.id, dataset.project_id)
    return dataset


def publish(session: Session, actor: Actor, dataset_id: int) -> Version:
    """Queue the next version of a dataset. Conflict while another one is being published."""
    dataset = get_dataset_for(session, actor, dataset_id)
    can_publish(actor, dataset.project_id).require()
    session.refresh(dataset, ["rule", "rule_number", "preparation"], with_for_update=True)
    at_work = select(Version.id).where(Version.dataset_id == dataset.id, Version.status.in_(AT_WORK))
    if session.scalar(at_work):
        raise Conflict("datasets.already_publishing", "A version of this dataset is being published right now.")
    number = (session.scalar(select(func.max(Version.number)).where(Version.dataset_id == dataset.id)) or 0) + 1
    parent = newest_published(session, dataset.id)
    version = Version(
        project_id=dataset.project_id,
        dataset_id=dataset.id,
        number=number,
        parent_id=parent.id if parent else None,
        rule=dataset.rule,
        preparation=dataset.preparation,
        rule_number=dataset.rule_number,
        created_by=actor.user_id,
    )
    session.add(version)
    session.flush()
    queue(session, version)
    audit(session, actor, "datasets.publishing", "version", version.id, dataset.project_id)
    return version


def try_again(session: Session, actor: Actor, version_id: int) -> Version:
    """Queue a version whose publishing failed once more, under the same number."""
    version = get_version_for(session, actor, version_id)
    can_publish(actor, version.project_id).require()
    late = Conflict("datasets.not_failed", "This version has not failed, so there is nothing to try again.")
    again = update(Version).where(Version.id == version.id, Version.status == VersionStatus.FAILED)
    change_one(session, again.values(status=VersionStatus.QUEUED, failure=""), otherwise=late)
    queue(session, version)
    audit(session, actor, "datasets.publishing", "version", version.id, version.project_id)
    return version


def cancel(session: Session, actor: Actor, version_id: int) -> Version:
    """Stop publishing: the version has failed by somebody's wish, keeps its number, and can be tried again.

    Conflict where it is published, or has failed, before. A worker that is at it stops at its next step.
    """
    version = get_version_for(session, actor, version_id)
    can_publish(actor, version.project_id).require()
    late = Conflict("datasets.not_at_work", "This version is not being published, so there is nothing to cancel.")
    stopped = update(Version).where(Version.id == version.id, Version.status.in_(AT_WORK))
    change_one(session, stopped.values(status=VersionStatus.FAILED, failure=CANCELLED, progress=""), otherwise=late)
    audit(session, actor, "datasets.cancelled", "version", version.id, version.project_id)
    return version


def queue(session: Session, version: Version) -> None:
    """Versions of one project are published one after another: they share the splits of their prompts."""
    enqueue(session, "datasets.publish", lock=f"publish-{version.project_id}", version_id=version.id)


def audit(session: Session, actor: Actor, action: str, subject: str, subject_id: int, project_id: int) -> None:
    """Who published what, in the transaction of the act."""
    record(session, action, subject, subject_id, actor_id=actor.user_id, origin=actor.origin, project_id=project_id)
