"""What may a new run be made from? Finished runs by what they left, and versions by what they hold."""

from collections.abc import Sequence

from sqlalchemy.orm import Session, contains_eager, joinedload

from app.accounts.actor import Actor
from app.datasets.models import Dataset, Version, VersionStatus
from app.datasets.queries import versions_visible_to
from app.training.models import Run, RunStatus
from app.training.queries import METHOD, visible_to


def done_of(
    session: Session, actor: Actor, project_id: int, *, speaks: bool, base_model: str | None = None, limit: int = 50
) -> Sequence[Run]:
    """The newest runs of a project that have left a model that answers, or a reward model; of one base model or any."""
    found = visible_to(actor).where(Run.project_id == project_id, Run.status == RunStatus.DONE)
    found = found.where(METHOD != "reward" if speaks else METHOD == "reward")
    if base_model is not None:
        found = found.where(Run.base_model == base_model)
    found = found.options(joinedload(Run.version).joinedload(Version.dataset))
    return session.scalars(found.order_by(Run.id.desc()).limit(limit)).all()


def versions_of_other_kind(session: Session, actor: Actor, version: Version, *, limit: int = 5) -> Sequence[Version]:
    """The newest published versions of the project whose rows are of the other kind, which other methods learn from."""
    found = versions_visible_to(actor).join(Dataset, Dataset.id == Version.dataset_id)
    found = found.where(Version.project_id == version.project_id, Version.status == VersionStatus.PUBLISHED)
    found = found.where(Dataset.kind != version.dataset.kind).options(contains_eager(Version.dataset))
    return session.scalars(found.order_by(Version.id.desc()).limit(limit)).all()
