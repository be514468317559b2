"""What an actor can see of datasets of preferences. Nothing here writes."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.errors import Conflict
from app.datasets.models import Dataset, DatasetKind
from app.datasets.queries import get_dataset_for
from app.preferences.models import ComparisonSet


def get_preferences_for(session: Session, actor: Actor, dataset_id: int) -> Dataset:
    """The dataset where its rule is about pairs. Conflict for a dataset of responses, whose rule is another."""
    dataset = get_dataset_for(session, actor, dataset_id)
    if dataset.kind is not DatasetKind.PREFERENCES:
        raise Conflict("preferences.other_kind", "This dataset holds responses; its rule is not about pairs.")
    return dataset


def names_of_sets(session: Session, project_id: int) -> list[str]:
    """The comparison sets of a project by name. Ask first whether the project may be seen."""
    found = select(ComparisonSet.name).where(ComparisonSet.project_id == project_id).order_by(ComparisonSet.id.desc())
    return list(session.scalars(found))
