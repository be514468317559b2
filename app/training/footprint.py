"""What there is of a person, for whoever is to erase them: counts of texts, and what was made of these."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.datasets.models import Dataset, HubPush, Version, WorkStatus
from app.projects.models import Project
from app.prompts.models import Prompt
from app.training.learned import Learned, learned_from
from app.writing.models import Submission


@dataclass(frozen=True)
class HeldIn:
    """A version that holds texts of theirs."""

    id: int
    number: int
    dataset: str
    project: str


@dataclass(frozen=True)
class SeenBy:
    """A run that was given such a version."""

    id: int
    number: int
    project: str


@dataclass(frozen=True)
class Footprint:
    """`sent_to`: where versions were sent to, out of this Penset's reach."""

    responses: int
    prompts: int
    versions: Sequence[HeldIn]
    runs: Sequence[SeenBy]
    sent_to: Sequence[str]


def footprint_of(session: Session, user_id: int) -> Footprint:
    """What there is of a person; after an erasure, too, since ids stay."""
    learned = learned_from(session, user_id)
    sent = select(HubPush.address).where(HubPush.version_id.in_(learned.versions), HubPush.status == WorkStatus.DONE)
    return Footprint(
        responses=session.scalar(select(func.count()).where(Submission.author_id == user_id)) or 0,
        prompts=session.scalar(select(func.count()).where(Prompt.author_id == user_id, ~Prompt.imported)) or 0,
        versions=_versions(session, learned),
        runs=_runs(session, learned),
        sent_to=session.scalars(sent.order_by(HubPush.id)).all(),
    )


def _versions(session: Session, learned: Learned) -> list[HeldIn]:
    found = (
        select(Version.id, Version.number, Dataset.name, Project.name)
        .join(Dataset, Dataset.id == Version.dataset_id)
        .join(Project, Project.id == Version.project_id)
        .where(Version.id.in_(learned.versions))
    )
    return [HeldIn(*row) for row in session.execute(found.order_by(Version.id))]


def _runs(session: Session, learned: Learned) -> list[SeenBy]:
    ids = {run.project_id for run in learned.runs}
    names = dict(session.execute(select(Project.id, Project.name).where(Project.id.in_(ids))).all())
    return [SeenBy(run.id, run.number, names[run.project_id]) for run in learned.runs]
